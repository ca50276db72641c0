import { expect, it } from 'vitest';
import { createChannelCounters, openChannelCounters } from '#app/actors/channel-counters.js';
import { TransportCounts } from '#app/actors/transport-counts.js';
import { readCounters } from '#app/mailbox/counters.js';
import { ChannelType } from '#app/protocol/constants.js';

function counting(memory = createChannelCounters(ChannelType.display)) {
  const counters = openChannelCounters(memory);
  return { counts: new TransportCounts(ChannelType.display, memory, counters), counters, memory, read: () => readCounters(memory) };
}

it('messages are counted by number both ways, and made-up numbers share one counter', () => {
  const { counts, read } = counting();
  for (const opcode of [4, 304, 304, 9_999, 60_000]) counts.received(opcode);
  for (const name of ['pong', 'init', 'pong']) counts.sent(name);
  expect(read()).toMatchObject({ 'recv:4': 1, 'recv:304': 2, 'send:3': 2, 'send:101': 1, unknown_opcode_count: 2, last_unknown_opcode: 60_000 });
  expect(Object.keys(read())).not.toContain('recv:9999');
});

it('reads are counted, the full ones and the largest too', () => {
  const { counts, read } = counting();
  for (const bytes of [100, 65_536, 300]) counts.chunk(bytes);
  expect(read()).toMatchObject({ socket_reads: 3, socket_reads_at_chunk_cap: 1, socket_max_chunk_bytes: 65_536 });
});

it('an ACK is counted with the message that it was for, and the last 32 intervals are kept', () => {
  const { counts, read } = counting();
  for (let ack = 0; ack < 40; ack++) {
    for (let message = 0; message < 20; message++) counts.received(304);
    counts.acked(1_000 + ack * ack);
  }
  expect(read()).toMatchObject({ ack_send_count: 40, last_ack_at_message: 800, last_ack_send_ms: 1_000 + 39 ** 2 + 1 });
  expect(counts.ackIntervalsSecs).toHaveLength(32);
  expect(counts.ackIntervalsSecs.at(-1)).toBeCloseTo((39 ** 2 - 38 ** 2) / 1000);
});

it('a channel that is linked again counts on, also where its ACKs stand', () => {
  const first = counting();
  first.counters.messages_in.add(5);
  const next = counting(first.memory);
  next.counts.received(304);
  next.counts.acked(10);
  expect(next.read()).toMatchObject({ last_ack_at_message: 6, 'recv:304': 1 });
});
