// Disconnect cause: `disconnect-cause.json` of a report about a lost connection: what took it, and when each channel was heard of last.

import { documentOf, fieldsOf, type Document, type Fields } from './field.ts';
import { f64, flag, orNull, record, text, u32, u64, type Shape } from './shape.ts';
import { channelOfKind, countIn, momentIn, uptimeSecs, type ChannelStateSample, type StateSample } from './state-sample.ts';

/** What was lost. */
export interface Disconnect {
  /** `display` or `display/1`; `connect` for a server that was never reached. */
  readonly channel: string;
  readonly message: string;
  /** A kind of loss (`protocol/loss-kind.ts`), which the ancestor leaves null. */
  readonly kind: string | null;
}

interface Source {
  readonly disconnect: Disconnect;
  readonly sample: StateSample;
}

const field = fieldsOf<Source>();

const kinds = ['main', 'display', 'inputs', 'cursor', 'playback', 'usbredir', 'webdav'] as const;

const channelShape = record('Channel', {
  bytes_in: u64,
  bytes_out: u64,
  last_recv_ts_secs: orNull(f64),
  last_send_ts_secs: orNull(f64),
  ping_recv_count: u32,
  pong_send_count: u32,
  last_ping_recv_ts_secs: orNull(f64),
  client_keepalive_send_count: orNull(u32),
  last_client_keepalive_send_ts_secs: orNull(f64),
});
type Row = typeof channelShape extends Shape<infer T> ? T : never;

const perChannel = record('by channel', Object.fromEntries(kinds.map((kind) => [kind, channelShape])));

function rowOf(channel: ChannelStateSample | null): Row {
  const counters = channel?.counters ?? {};
  return {
    bytes_in: countIn(counters, 'bytes_in'),
    bytes_out: countIn(counters, 'bytes_out'),
    last_recv_ts_secs: momentIn(counters, 'last_recv_ms'),
    last_send_ts_secs: momentIn(counters, 'last_send_ms'),
    ping_recv_count: countIn(counters, 'ping_recv_count'),
    pong_send_count: countIn(counters, 'pong_send_count'),
    last_ping_recv_ts_secs: momentIn(counters, 'last_ping_recv_ms'),
    client_keepalive_send_count: channel === null ? null : countIn(counters, 'client_keepalive_send_count'),
    last_client_keepalive_send_ts_secs: momentIn(counters, 'last_client_keepalive_send_ms'),
  };
}

/** The ancestor's seven names for the first channel of each kind, ids for all others. */
function rowsOf(sample: StateSample): Readonly<Record<string, Row>> {
  const firsts = kinds.map((kind) => channelOfKind(sample, kind));
  const others = sample.channels.filter((channel) => !firsts.includes(channel));
  return Object.fromEntries([...kinds.map((kind, index) => [kind, rowOf(firsts[index] ?? null)] as const), ...others.map((channel) => [channel.id, rowOf(channel)] as const)]);
}

export const disconnectFields: Fields<Source> = {
  channel: field(text, 'the channel that was lost; `connect` for a server that was never reached', ({ disconnect }) => disconnect.channel),
  error_message: field(text, 'what took it, in words', ({ disconnect }) => disconnect.message),
  error_kind: field(orNull(text), 'the same as a word for programs: `fin`, `rst`, `timeout`, … (docs/supervision-tree.md)', ({ disconnect }) => disconnect.kind),
  keepalive_timeout_fired: field(flag, 'main was given up because nothing was received', ({ sample }) => countIn(channelOfKind(sample, 'main')?.counters ?? {}, 'keepalive_timeout_fired') === 1),
  session_uptime_secs: field(f64, 'seconds since the session began', ({ sample }) => uptimeSecs(sample)),
  per_channel: field(perChannel, 'each channel as it was then. `client_keepalive_send_count` null: the channel never was; 0: no sign of life was due', ({ sample }) => rowsOf(sample)),
};

export function disconnectCause(sample: StateSample, disconnect: Disconnect): Document {
  return documentOf(disconnectFields, { disconnect, sample });
}
