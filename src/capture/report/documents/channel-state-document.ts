// Channel state document: `channel-state.json` of a report, of one channel or of all. The ancestor's fields under the ancestor's names, then `actor`.

import { documentOf, type Document, type Fields } from './field.ts';
import { channelOfKind, type ChannelSource, type ChannelStateSample, type StateSample } from './state-sample.ts';
import { cursorFields } from './channel-state/cursor.ts';
import { displayFields } from './channel-state/display.ts';
import { inputsFields } from './channel-state/inputs.ts';
import { mainFields } from './channel-state/main.ts';
import { playbackFields } from './channel-state/playback.ts';
import { standingFields } from './channel-state/standing.ts';
import { transportFields } from './channel-state/transport.ts';
import { usbredirFields } from './channel-state/usbredir.ts';
import { webdavFields } from './channel-state/webdav.ts';

/** In the order of the ancestor's report of all channels. */
export const reportedKinds = ['display', 'inputs', 'cursor', 'main', 'playback', 'usbredir', 'webdav'] as const;
export type ReportedKind = (typeof reportedKinds)[number];

export const fieldsOfKind: Readonly<Record<ReportedKind, Fields<ChannelSource>>> = {
  display: displayFields,
  inputs: inputsFields,
  cursor: cursorFields,
  main: mainFields,
  playback: playbackFields,
  usbredir: usbredirFields,
  webdav: webdavFields,
};

const isReported = (kind: string): kind is ReportedKind => reportedKinds.some((known) => known === kind);

/**
 * The state of one channel.
 * @param channel its id (`display/1`), or a kind, which means its first channel. One that never was has zeros and is `absent`
 */
export function channelStateDocument(sample: StateSample, channel: string): Document {
  const found = sample.channels.find(({ id }) => id === channel) ?? channelOfKind(sample, channel);
  return stateOf(sample, found ?? absent(channel));
}

/** The state of all: under the ancestor's seven names the first channel of each, under their ids (`display/1`, `record/0`) all others. */
export function allChannelStates(sample: StateSample): Document {
  const firsts = reportedKinds.map((kind) => channelOfKind(sample, kind) ?? absent(kind));
  const others = sample.channels.filter((channel) => !firsts.includes(channel));
  return Object.fromEntries([...firsts.map((channel) => [channel.kind, stateOf(sample, channel)] as const), ...others.map((channel) => [channel.id, stateOf(sample, channel)] as const)]);
}

function stateOf(sample: StateSample, channel: ChannelStateSample): Document {
  const source = { channel, sample };
  const fields = isReported(channel.kind) ? fieldsOfKind[channel.kind] : transportFields;
  return { ...documentOf(fields, source), actor: documentOf(standingFields, source) };
}

function absent(channel: string): ChannelStateSample {
  const [kind = channel, number = '0'] = channel.split('/');
  return {
    id: `${kind}/${number}`,
    kind,
    counters: {},
    state: {},
    sound: null,
    writerDroppedCount: 0,
    trafficRetentionSecs: null,
    standing: { phase: 'absent', generation: 0, restarts: 0, mailboxDepth: 0, mailboxHighWater: 0, mailboxDropped: 0, lastLoss: null },
  };
}
