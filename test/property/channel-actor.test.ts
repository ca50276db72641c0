// The channel actor as a whole, in virtual time: what a server says has the same outcome however its bytes are cut.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChannelType } from '#app/protocol/constants.js';
import { linkReply } from '../support/link-bytes.ts';
import { ChannelWorld } from '../support/channel-world.ts';
import type { RawPeer } from '../support/raw-server.ts';
import { createVirtualWorld } from '../support/virtual-network.ts';

const main = ChannelType.main;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Everything that main may hear in its first seconds, and what it need not understand, in one write. */
function speech(peer: RawPeer): Uint8Array {
  return Buffer.concat([
    peer.bytesOf(main, 'setAck', { generation: 3, window: 4 }),
    peer.bytesOf(main, 'ping', { id: 1, timestamp: 2n, padding: new Uint8Array(20) }),
    peer.bytesOf(main, 'init', { sessionId: 9, displayChannelsHint: 1, supportedMouseModes: 3, currentMouseMode: 1, agentConnected: 1, agentTokens: 10, multiMediaTime: 5, ramHint: 6 }),
    peer.bytesOf(main, 'name', { name: text('vm\0') }),
    peer.bytesOf(main, 'waitForChannels', { waits: [{ channelType: 2, channelId: 0, messageSerial: 4n }] }),
    peer.bytesOf(main, 'ping', { id: 2, timestamp: 3n, padding: new Uint8Array(0) }),
    peer.bytesOf(main, 'channelsList', { channels: [{ type: 2, id: 0 }] }),
    peer.bytesOf(main, 'agentData', { data: new Uint8Array(7) }),
    peer.bytesOf(main, 'notify', { timeStamp: 0n, severity: 1, visibility: 1, what: 0, message: text('hello') }),
  ]);
}

async function outcome(commonCaps: readonly number[], cut: (bytes: number) => readonly number[]) {
  const net = createVirtualWorld(1, { commonCaps, linked: (peer) => peer.sendBytes(speech(peer)) }, { cut });
  const world = new ChannelWorld(net.host, { placement: 'local' });
  await world.startHub();
  await world.start(main, 0);
  // The wait for display/0, which does not exist, ends after 5 s.
  await net.host.advance(6_000);
  const result = {
    received: net.peers[0]?.received,
    reports: world.reports,
    // In how many reads it came, and how large they were, is what differs here.
    counters: { ...world.counters(main, 0), socket_reads: null, socket_max_chunk_bytes: null, socket_reads_at_chunk_cap: null },
    state: world.state(main, 0),
  };
  const stopped = world.system.stopAll();
  await net.host.advance(1_000);
  await stopped;
  expect(net.host.pending).toBe(0);
  return result;
}

const whole = (): readonly number[] => [];
const each = (bytes: number): readonly number[] => Array.from({ length: bytes }, () => 1);

describe.each([['mini', 0b1011], ['full', 0b0011]])('with %s headers', (_name, caps) => {
  test('in one piece it is what the protocol says', async () => {
    const { received, reports, counters, state } = await outcome([caps], whole);
    expect(received?.map(({ kind }) => kind)).toEqual(['ackSync', 'pong', 'ack', 'pong', 'ack', 'mouseModeRequest', 'agentStart', 'agentData', 'attachChannels']);
    expect(reports.map(({ event }) => event.kind)).toEqual([
      'linkPhaseChanged', 'linkPhaseChanged', 'linkPhaseChanged', 'linkPhaseChanged',
      'sessionInitialised', 'mouseModeChanged', 'agentChanged', 'serverNamed', 'gapSeen', 'channelsListed', 'notified',
    ]);
    expect(counters).toMatchObject({ messages_in: 9, messages_out: 9, ping_recv_count: 2, pong_send_count: 2, ack_send_count: 2, gaps: 1, events_dropped: 0 });
    expect(state).toMatchObject({ phase: 'linked', sessionId: 9, gaps: { 'main:wait:deadline': 1 } });
  });

  test('byte by byte it is the same', async () => {
    const expected = await outcome([caps], whole);
    const actual = await outcome([caps], each);
    // Replies leave when their message is whole, so PONGs come between other messages; each kind has its own order all the same.
    expect(byKind(actual.received)).toEqual(byKind(expected.received));
    expect(actual.reports).toEqual(expected.reports);
    expect(actual.counters).toEqual(expected.counters);
    expect(actual.state).toEqual(expected.state);
  });
});

test('cut in two at every byte it is the same', async () => {
  const expected = await outcome([0b1011], whole);
  // The link reply is the longest write, the speech nearly as long.
  for (let at = 1; at < linkReply().length; at++) {
    const { received, ...rest } = await outcome([0b1011], (bytes) => (at < bytes ? [at] : []));
    expect({ received: byKind(received), ...rest }, `cut at ${at}`).toEqual({ ...expected, received: byKind(expected.received) });
  }
});

test('cut and delayed in any way it is the same', async () => {
  const expected = await outcome([0b1011], whole);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
      const { received, ...rest } = await outcome([0b1011], (bytes) => Array.from({ length: bytes }, (_, index) => sizes[index % sizes.length]!));
      expect({ received: byKind(received), ...rest }).toEqual({ ...expected, received: byKind(expected.received) });
    }),
    { numRuns: 30 },
  );
});

function byKind(messages: readonly { readonly kind: string }[] | undefined): Record<string, readonly unknown[]> {
  const groups: Record<string, unknown[]> = {};
  for (const message of messages ?? []) (groups[message.kind] ??= []).push(message);
  return groups;
}
