// The fields that every channel's state begins with: what went over its connection, and which messages.

import { fieldsOf } from '../field.ts';
import { f64, map, orNull, u16, u32, u64 } from '../shape.ts';
import { countIn, momentIn, type ChannelSource, type Counts } from '../state-sample.ts';

const field = fieldsOf<ChannelSource>();

/** The counters of messages by opcode are called `recv:103` and `send:3`. */
function byOpcode(counters: Counts, direction: 'recv' | 'send'): Readonly<Record<string, number>> {
  const prefix = `${direction}:`;
  return Object.fromEntries(Object.entries(counters).filter(([name, count]) => count > 0 && name.startsWith(prefix)).map(([name, count]) => [name.slice(prefix.length), count]));
}

export const transportFields = {
  bytes_in: field(u64, 'bytes received after the link exchange, by every connection of this channel', ({ channel }) => countIn(channel.counters, 'bytes_in')),
  bytes_out: field(u64, 'bytes of messages sent', ({ channel }) => countIn(channel.counters, 'bytes_out')),
  last_recv_ts_secs: field(orNull(f64), 'when bytes came last', ({ channel }) => momentIn(channel.counters, 'last_recv_ms')),
  last_send_ts_secs: field(orNull(f64), 'when a message was sent last', ({ channel }) => momentIn(channel.counters, 'last_send_ms')),
  ping_recv_count: field(u32, 'PINGs received', ({ channel }) => countIn(channel.counters, 'ping_recv_count')),
  pong_send_count: field(u32, 'PONGs sent', ({ channel }) => countIn(channel.counters, 'pong_send_count')),
  last_ping_recv_ts_secs: field(orNull(f64), 'when a PING came last', ({ channel }) => momentIn(channel.counters, 'last_ping_recv_ms')),
  writer_dropped_count: field(u64, 'messages that are missing in the capture, because the disk fell behind or there was no memory', ({ channel }) => channel.writerDroppedCount),
  messages_recv_by_opcode: field(map(u64), 'messages received, by the opcodes of the catalogue. A LIST counts once', ({ channel }) => byOpcode(channel.counters, 'recv')),
  messages_send_by_opcode: field(map(u64), 'messages sent, by opcode', ({ channel }) => byOpcode(channel.counters, 'send')),
  last_unknown_opcode: field(orNull(u16), 'the last opcode that the catalogue does not have', ({ channel: { counters } }) => (
    countIn(counters, 'unknown_opcode_count') === 0 ? null : countIn(counters, 'last_unknown_opcode')
  )),
  unknown_opcode_count: field(u64, 'messages with such an opcode', ({ channel }) => countIn(channel.counters, 'unknown_opcode_count')),
};
