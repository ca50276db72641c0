// The counters of one channel, in shared memory: written by the channel's own thread for every message, sampled by the hub a
// few times a second. Their names are those of the statistics document.

import { catalog, type MessageTable } from '../protocol/catalog.ts';
import type { ChannelTypeNumber } from '../protocol/constants.ts';
import { counterOf, createCounters, type Counter, type CounterMemory } from '../mailbox/counters.ts';

/**
 * Moments (`last_…_ms`) are milliseconds since the session began plus one, so that 0 means: never. `keepalive_timeout_fired` is 1 when the newest
 * connection was given up for its silence. `ping_interval_us` is the time between the last
 * two PINGs of one connection, `ping_interval_at_us` when the second came. Their count is written after them and stands before them, so that who
 * reads the counters in their order and finds it grown finds the two of that PING or of a later one. `ping_late_us` is how much later than at best the
 * last PING was read (protocol/ping-lateness.ts); `ping_best_us` is that best of this connection, from the server's clock to this one, above `pingBestBase`. `first_recv_ms` is of the newest connection.
 */
export const channelCounterNames = [
  'bytes_in',
  'bytes_out',
  'messages_in',
  'messages_out',
  'ping_recv_count',
  'pong_send_count',
  'ack_send_count',
  'draws',
  'gaps',
  'events_dropped',
  'last_recv_ms',
  'last_send_ms',
  'client_keepalive_send_count',
  'last_client_keepalive_send_ms',
  'keepalive_timeout_fired',
  'ping_interval_count',
  'ping_interval_us',
  'ping_interval_at_us',
  'last_ping_recv_ms',
  'ping_late_us',
  'ping_late_max_us',
  'ping_best_us',
  'socket_reads',
  'first_recv_ms',
  'last_event_drop_ms',
  'socket_reads_at_chunk_cap',
  'socket_max_chunk_bytes',
  'last_ack_send_ms',
  'last_ack_at_message',
  'unknown_opcode_count',
  'last_unknown_opcode',
] as const;

/** Counters are not negative, and the two clocks may differ either way. */
export const pingBestBase = 2 ** 52;

export type ChannelCounterName = (typeof channelCounterNames)[number];
export type ChannelCounters = Readonly<Record<ChannelCounterName, Counter>>;

/** Counts the messages of one number: `recv:103`. */
export const opcodeCounterName = (direction: 'recv' | 'send', opcode: number): string => `${direction}:${opcode}`;

/** The counters of one channel: those that every channel has, and one for each message that the catalogue knows on its type. */
export function createChannelCounters(type: ChannelTypeNumber): CounterMemory {
  const { server, client } = catalog[type];
  const numbers = (table: MessageTable): readonly number[] => Object.values(table).map((entry) => entry.type);
  return createCounters([
    ...channelCounterNames,
    ...numbers(server).map((opcode) => opcodeCounterName('recv', opcode)),
    ...numbers(client).map((opcode) => opcodeCounterName('send', opcode)),
  ]);
}

export function openChannelCounters(memory: CounterMemory): ChannelCounters {
  const counters: Partial<Record<ChannelCounterName, Counter>> = {};
  for (const name of channelCounterNames) counters[name] = counterOf(memory, name);
  // Every name of the list was just given its counter.
  return counters as ChannelCounters;
}

/**
 * Counts one PING that came `sessionMs` after the session began. The interval is a sample: who wants it looks at the counters.
 * @param lastUs the answer of the last call, null before the first of a connection
 * @returns when it came, in microseconds since the session began
 */
export function countPing(counters: ChannelCounters, lastUs: number | null, sessionMs: number): number {
  const nowUs = Math.round(sessionMs * 1000);
  counters.ping_recv_count.add(1);
  if (lastUs !== null) {
    counters.ping_interval_us.set(nowUs - lastUs);
    counters.ping_interval_at_us.set(nowUs);
    counters.ping_interval_count.add(1);
  }
  return nowUs;
}
