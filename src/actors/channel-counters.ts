// The counters of one channel, in shared memory: written by the channel's own thread for every message, sampled by the hub a
// few times a second. Their names are those of the statistics document.

import { counterOf, type Counter, type CounterMemory } from '../mailbox/counters.ts';

/** Moments (`…_ms`) are milliseconds since the session began plus one, so that 0 means: never. */
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
] as const;

export type ChannelCounterName = (typeof channelCounterNames)[number];
export type ChannelCounters = Readonly<Record<ChannelCounterName, Counter>>;

export function openChannelCounters(memory: CounterMemory): ChannelCounters {
  const counters: Partial<Record<ChannelCounterName, Counter>> = {};
  for (const name of channelCounterNames) counters[name] = counterOf(memory, name);
  // Every name of the list was just given its counter.
  return counters as ChannelCounters;
}
