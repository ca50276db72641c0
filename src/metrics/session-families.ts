// Session families: the figures of a session, as they were read at one moment, under the names that Prometheus's conventions give them: seconds and bytes, counters end in
// `_total`. docs/metrics.md has the table; a test holds both against each other.

import type { HistogramSample, MetricFamily, MetricSample } from './prometheus-text.ts';
import type { RuntimeSample } from './runtime-metrics.ts';

/** Durations as they are kept: not cumulative, in microseconds, one count more than bounds. */
export interface KeptHistogram {
  readonly boundsUs: readonly number[];
  readonly counts: readonly number[];
  readonly sumUs: number;
}

export interface ChannelFigures {
  readonly id: string;
  readonly state: string;
  readonly restarts: number;
  /** By the names of the statistics document. */
  readonly counters: Readonly<Record<string, number>>;
  readonly losses: Readonly<Record<string, number>>;
  readonly pingJitterUs: number;
  readonly handling: KeptHistogram;
  readonly pong: KeptHistogram;
  /** Null for channels that draw nothing. */
  readonly paint: KeptHistogram | null;
  readonly decode: KeptHistogram | null;
  readonly inputToPaint: KeptHistogram | null;
  /** Entries of the traffic ring, and what became of them on their way to the disk. */
  readonly tap: { readonly appended: number; readonly delivered: number; readonly dropped: number; readonly droppedBytes: number; readonly unrecorded: number };
}

export interface ActorFigures {
  readonly id: string;
  readonly isRunning: boolean;
  readonly restarts: number;
  /** Of all its generations; null where the platform does not tell threads apart, and on the main thread. */
  readonly cpuMs: number | null;
  readonly mailbox: { readonly depth: number; readonly oldestAgeMs: number; readonly accepted: number; readonly dropped: number; readonly deadLetters: number };
}

export interface SessionFigures {
  readonly connected: boolean;
  readonly reconnects: number;
  readonly channels: readonly ChannelFigures[];
  readonly actors: readonly ActorFigures[];
  readonly consumers: readonly { readonly id: string; readonly dropped: number }[];
  readonly presses: { readonly presses: number; readonly answered: number; readonly unanswered: number };
  readonly mainLoop: KeptHistogram;
  /** Null where the system did not tell in time. */
  readonly process: RuntimeSample | null;
  /** Unix time. */
  readonly nowSecs: number;
  readonly scrapes: number;
}

type Labels = MetricSample['labels'];

const counter = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({ name, help, type: 'counter', samples });
const gauge = (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({ name, help, type: 'gauge', samples });
const histogram = (name: string, help: string, samples: readonly HistogramSample[]): MetricFamily => ({ name, help, type: 'histogram', samples });
const one = (value: number): readonly MetricSample[] => [{ labels: {}, value }];

const usPerSecond = 1_000_000;
const spread = (labels: Labels, kept: KeptHistogram | null): readonly HistogramSample[] =>
  kept === null ? [] : [{ labels, bounds: kept.boundsUs.map((bound) => bound / usPerSecond), counts: kept.counts, sum: kept.sumUs / usPerSecond }];

export function sessionFamilies(figures: SessionFigures): readonly MetricFamily[] {
  return [...ofSession(figures), ...ofChannels(figures.channels), ...ofTimings(figures), ...ofTraffic(figures.channels), ...ofActors(figures), ...ofProcess(figures)];
}

function ofSession({ connected, reconnects, presses, scrapes }: SessionFigures): readonly MetricFamily[] {
  return [
    gauge('ryll_session_up', '1 while the session is connected.', one(connected ? 1 : 0)),
    counter('ryll_session_reconnects_total', 'Times that a lost session was begun again.', one(reconnects)),
    counter('ryll_input_presses_total', 'Key and button presses that were measured.', one(presses.presses)),
    counter('ryll_input_unanswered_total', 'Presses that no drawing followed within 2 s.', one(presses.unanswered)),
    counter('ryll_scrapes_total', 'Times that these figures were asked for.', one(scrapes)),
  ];
}

function ofChannels(channels: readonly ChannelFigures[]): readonly MetricFamily[] {
  const each = (value: (channel: ChannelFigures) => number): MetricSample[] => channels.map((channel) => ({ labels: { channel: channel.id }, value: value(channel) }));
  const counted = (name: string, help: string, key: string): MetricFamily => counter(name, help, each(({ counters }) => counters[key] ?? 0));
  return [
    gauge('ryll_channel_up', '1 while the channel is linked.', each(({ state }) => (state === 'linked' ? 1 : 0))),
    gauge('ryll_channel_state', '1 for the state that the channel is in.', channels.map(({ id, state }) => ({ labels: { channel: id, state }, value: 1 }))),
    counter('ryll_channel_restarts_total', 'Times that the channel was started again.', each(({ restarts }) => restarts)),
    counter('ryll_channel_losses_total', 'Times that the channel was lost, by kind.',
      channels.flatMap(({ id, losses }) => Object.entries(losses).map(([kind, value]) => ({ labels: { channel: id, kind }, value })))),
    counted('ryll_channel_received_bytes_total', 'Bytes received, after decryption.', 'bytes_in'),
    counted('ryll_channel_sent_bytes_total', 'Bytes sent, before encryption.', 'bytes_out'),
    counted('ryll_channel_received_messages_total', 'SPICE messages received.', 'messages_in'),
    counted('ryll_channel_sent_messages_total', 'SPICE messages sent.', 'messages_out'),
    counted('ryll_channel_pings_total', 'PINGs received.', 'ping_recv_count'),
    counted('ryll_channel_pongs_total', 'PONGs sent.', 'pong_send_count'),
    counted('ryll_channel_acks_total', 'ACKs sent.', 'ack_send_count'),
    counted('ryll_channel_keepalives_total', 'Signs of life sent.', 'client_keepalive_send_count'),
    counted('ryll_channel_draws_total', 'Messages about the picture that were applied.', 'draws'),
    counted('ryll_channel_gaps_total', 'Things that the server sent and that were not fully honoured.', 'gaps'),
    counted('ryll_channel_events_dropped_total', 'Events that the hub had no room for.', 'events_dropped'),
    gauge('ryll_channel_ping_interval_seconds', 'Between the last two PINGs of one connection.', each(({ counters }) => (counters['ping_interval_us'] ?? 0) / usPerSecond)),
    gauge('ryll_channel_ping_jitter_seconds', 'How much intervals between PINGs differ from one to the next, smoothed as in RFC 3550.', each(({ pingJitterUs }) => pingJitterUs / usPerSecond)),
  ];
}

function ofTimings({ channels, mainLoop }: SessionFigures): readonly MetricFamily[] {
  const each = (kept: (channel: ChannelFigures) => KeptHistogram | null): HistogramSample[] => channels.flatMap((channel) => spread({ channel: channel.id }, kept(channel)));
  return [
    histogram('ryll_channel_handling_seconds', 'From bytes read off the socket until all of their messages were handled.', each(({ handling }) => handling)),
    histogram('ryll_channel_pong_delay_seconds', 'From bytes read off the socket until the PONG to a PING among them was written.', each(({ pong }) => pong)),
    histogram('ryll_channel_paint_seconds', 'Decoding and drawing of one message.', each(({ paint }) => paint)),
    histogram('ryll_channel_decode_seconds', 'Decoding of one picture that came compressed or raw, not from a cache.', each(({ decode }) => decode)),
    histogram('ryll_input_to_paint_seconds', 'From a press that was sent until the first drawing after it.', each(({ inputToPaint }) => inputToPaint)),
    histogram('ryll_main_loop_lag_seconds', 'How much later than due the main thread took its samples.', spread({}, mainLoop)),
  ];
}

function ofTraffic(channels: readonly ChannelFigures[]): readonly MetricFamily[] {
  const each = (value: (tap: ChannelFigures['tap']) => number): MetricSample[] => channels.map(({ id, tap }) => ({ labels: { channel: id }, value: value(tap) }));
  return [
    counter('ryll_ring_entries_total', 'Messages that went into the traffic ring.', each(({ appended }) => appended)),
    counter('ryll_ring_unrecorded_total', 'Messages that found no memory in the ring.', each(({ unrecorded }) => unrecorded)),
    counter('ryll_writer_entries_total', 'Messages that the writer has taken from the ring.', each(({ delivered }) => delivered)),
    counter('ryll_writer_dropped_total', 'Messages missing from the capture because the disk fell behind.', each(({ dropped }) => dropped)),
    counter('ryll_writer_dropped_bytes_total', 'Their bytes.', each(({ droppedBytes }) => droppedBytes)),
  ];
}

function ofActors({ actors, consumers }: SessionFigures): readonly MetricFamily[] {
  const each = (value: (actor: ActorFigures) => number): MetricSample[] => actors.map((actor) => ({ labels: { actor: actor.id }, value: value(actor) }));
  return [
    gauge('ryll_actor_up', '1 while the actor runs.', each(({ isRunning }) => (isRunning ? 1 : 0))),
    counter('ryll_actor_restarts_total', 'Times that the actor was started again.', each(({ restarts }) => restarts)),
    counter('ryll_actor_cpu_seconds_total', 'Processor time of the actor\'s thread, as seen at the scrapes.',
      actors.flatMap(({ id, cpuMs }) => (cpuMs === null ? [] : [{ labels: { actor: id }, value: cpuMs / 1_000 }]))),
    gauge('ryll_actor_mailbox_messages', 'Messages that wait in the mailbox.', each(({ mailbox }) => mailbox.depth)),
    gauge('ryll_actor_mailbox_oldest_seconds', 'Age of the oldest of them.', each(({ mailbox }) => mailbox.oldestAgeMs / 1_000)),
    counter('ryll_actor_mailbox_accepted_total', 'Messages that the mailbox took.', each(({ mailbox }) => mailbox.accepted)),
    counter('ryll_actor_mailbox_dropped_total', 'Messages that found no room.', each(({ mailbox }) => mailbox.dropped)),
    counter('ryll_actor_mailbox_dead_letters_total', 'Messages that were taken and never acted on.', each(({ mailbox }) => mailbox.deadLetters)),
    counter('ryll_consumer_news_dropped_total', 'News that a consumer had no room for.', consumers.map(({ id, dropped }) => ({ labels: { consumer: id }, value: dropped }))),
  ];
}

/** Under the names that Prometheus's own clients give them. */
function ofProcess({ process, nowSecs }: SessionFigures): readonly MetricFamily[] {
  if (process === null) return [];
  return [
    counter('process_cpu_seconds_total', 'Processor time of all threads.', one(process.cpuMs / 1_000)),
    gauge('process_resident_memory_bytes', 'Resident memory; threads share it, so there is none of an actor alone.', one(process.rssKb * 1_024)),
    gauge('process_virtual_memory_bytes', 'Address space.', process.vmSizeKb === null ? [] : one(process.vmSizeKb * 1_024)),
    gauge('process_start_time_seconds', 'When the process began, in Unix time.', one(Math.round((nowSecs - process.uptimeSecs) * 100) / 100)),
    gauge('process_threads', 'Threads of the process.', process.threads === null ? [] : one(process.threads.length)),
  ];
}
