// Session state: one look at what a session and its channels have counted and published, as the plain data that a report's state documents are made of. It asks
// no actor anything, and what it gives can be kept: a report about a moment that has passed is made of the sample that was taken then.

import type { ChannelStateSample, HistorySample, StateSample } from '../capture/report/documents/state-sample.ts';
import { channelName } from '../protocol/constants.ts';
import type { ChannelMemory } from './session-memory.ts';
import { sampleChannel, type SampledSession } from './session-sample.ts';
import type { SoundSample } from './session-sound.ts';
import type { ShownSurface } from './shown-surfaces.ts';

export interface StateSource extends SampledSession {
  readonly surfaces: readonly Pick<ShownSurface, 'channel' | 'surfaceId' | 'width' | 'height'>[];
  readonly sound: { sample(): SoundSample };
  readonly history: { readonly sample: HistorySample };
}

/** What those who write files have counted. */
export interface WrittenFiles {
  readonly videoDropCount: number;
  readonly autoSnapshotsSaved: number;
  readonly autoSnapshotsPruned: number;
}

/** `nowMs` is the monotonic clock. */
export function sampleState(run: StateSource, written: WrittenFiles, nowMs: number): StateSample {
  const { volume_percent: volumePercent, muted, device_samples: deviceSamples } = run.sound.sample();
  return {
    atMs: nowMs,
    startedAtMs: run.memory.startedAtMs,
    session: {
      connected: run.connected,
      autoReconnectCount: run.reconnect.facts.autoReconnectCount,
      surfaces: run.surfaces.map(({ channel, surfaceId, width, height }) => ({ channel, surfaceId, width, height })),
      history: run.history.sample,
      volumePercent,
      muted,
      deviceSamples,
      ...written,
    },
    channels: run.memory.channels.map((memory) => sampleChannelState(run, memory)),
  };
}

function sampleChannelState(run: StateSource, memory: ChannelMemory): ChannelStateSample {
  const row = sampleChannel(run, memory);
  const mailbox = run.actors.find(({ id }) => id === memory.id)?.handle.mailbox();
  return {
    id: memory.id,
    kind: channelName(memory.type),
    counters: run.memory.counters(memory),
    state: run.memory.facts(memory)?.state ?? {},
    sound: run.memory.soundCounters(memory),
    writerDroppedCount: row.writer_dropped_count,
    trafficRetentionSecs: run.memory.tapRetentionSecs(memory),
    standing: {
      phase: row.state,
      generation: row.generation,
      restarts: row.restarts,
      mailboxDepth: row.mailbox_depth,
      mailboxHighWater: row.mailbox_high_water,
      mailboxDropped: mailbox?.dropped ?? 0,
      lastLoss: row.last_loss === null ? null : { kind: row.last_loss.kind, detail: row.last_loss.detail, atSecs: row.last_loss.at },
    },
  };
}
