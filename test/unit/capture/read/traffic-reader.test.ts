// Packets to messages: captures of ours with their link exchanges and gaps, the ancestor's without either, and what a network's own tools record.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientPortOf, pcapFileHeader, pcapTarget, writeHandshake, writeMessageFrame, frameCountOf } from '#app/capture/pcap.js';
import { ClassicPcapReader } from '#app/capture/read/classic-pcap.js';
import type { RecordedMessage } from '#app/capture/read/recorded-message.js';
import { TrafficReader } from '#app/capture/read/traffic-reader.js';
import { laidPcap, tcpFrame } from '../../../support/capture-bytes.ts';
import { linkExchange, ping, pong, streamData } from '../../../support/spice-bytes.ts';

interface Said {
  readonly received: boolean;
  readonly bytes: Uint8Array;
  /** Leave it out of the file, as a disk that fell behind does. */
  readonly lost?: boolean;
}

/** A capture of ours, written by what ships. */
function ours(channel: string, streams: readonly (readonly Said[])[]): Uint8Array {
  const target = pcapTarget(4_000_000);
  target.bytes.set(pcapFileHeader());
  target.used = 24;
  for (const [stream, said] of streams.entries()) {
    const clientPort = clientPortOf(channel, stream);
    let [sentBefore, receivedBefore] = [0, 0];
    writeHandshake(target, clientPort, 1_000);
    for (const [index, { received, bytes, lost = false }] of said.entries()) {
      for (let frame = 0; frame < frameCountOf(bytes.length) && !lost; frame++) writeMessageFrame(target, { clientPort, received, sentBefore, receivedBefore, wallMs: 1_000 + index, bytes }, frame);
      if (received) receivedBefore += bytes.length;
      else sentBefore += bytes.length;
    }
  }
  return target.bytes.slice(0, target.used);
}

const link = (type: number, id: number): Said[] =>
  linkExchange(type, id, 7).flatMap(([direction, bytes]) => (bytes.length === 132 ? [bytes.subarray(0, 4), bytes.subarray(4)] : [bytes]).map((piece) => ({ received: direction === 'received', bytes: piece })));
const got = (bytes: Uint8Array, lost = false): Said => ({ received: true, bytes, lost });
const sent = (bytes: Uint8Array): Said => ({ received: false, bytes });

function read(file: Uint8Array, channel: string | null = null): { messages: RecordedMessage[]; traffic: TrafficReader } {
  const traffic = new TrafficReader({ channel });
  const packets = new ClassicPcapReader();
  const messages = packets.push(file).flatMap((packet) => [...traffic.take(packet)]);
  packets.end();
  expect(packets.fault).toBeNull();
  return { messages, traffic };
}

const names = (messages: readonly RecordedMessage[]): string[] => messages.map(({ channel, stream, direction, name, bytes }) => `${channel}#${stream} ${direction} ${name} ${bytes.length}`);

describe('a capture of ours', () => {
  test('gives the parts of each link exchange and each message, also those of many segments', () => {
    const { messages, traffic } = read(ours('display/1', [[...link(2, 1), got(ping(1)), sent(pong(1)), got(streamData(200_000))], [...link(2, 1), got(ping(2))]]));
    const exchange = (stream: number): string[] => [`display/1#${stream} sent linkMessage 38`, `display/1#${stream} received linkReply 198`, `display/1#${stream} sent linkMechanism 4`, `display/1#${stream} sent linkTicket 128`, `display/1#${stream} received linkResult 4`];
    expect(names(messages)).toEqual([
      ...exchange(0), 'display/1#0 received ping 18', 'display/1#0 sent pong 18', 'display/1#0 received streamData 200000', ...exchange(1), 'display/1#1 received ping 18',
    ]);
    expect(messages.every(({ missingBefore, skippedBefore }) => missingBefore === 0 && skippedBefore === 0)).toBe(true);
    expect(messages[5]?.body).toHaveLength(12);
    expect(traffic).toMatchObject({ otherPackets: 0, unfinishedBytes: 0 });
  });

  test('with messages missing says how many bytes, and goes on with the next one, whatever its number', () => {
    const strange = Buffer.concat([new Uint8Array([0xfe, 0xca, 2, 0, 0, 0]), new Uint8Array(2)]);
    const { messages } = read(ours('main/0', [[...link(1, 0), got(ping(1), true), got(streamData(90_000), true), got(strange), got(ping(2), true), got(ping(3))]]));
    expect(messages.slice(5).map(({ name, missingBefore, skippedBefore }) => [name, missingBefore, skippedBefore])).toEqual([['type51966', 90_018, 0], ['ping', 18, 0]]);
  });
});

describe("the ancestor's files, without SYN and link exchange", () => {
  const frame = (clientPort: number, received: boolean, sequence: number, payload: Uint8Array, atMs: number) => ({ atMs, bytes: tcpFrame({ clientPort, received, sequence, payload }) });

  test('are read by their ports, and their beginning by the sequence numbers', () => {
    const { messages } = read(laidPcap([
      frame(10_001, true, 2_000, ping(1), 10), frame(10_001, false, 1_000, pong(1), 11), frame(10_002, true, 2_000 + 777, ping(2), 12), frame(10_099, true, 2_000, ping(3), 13), frame(10_009, true, 2_000, ping(4), 14),
    ]));
    expect(messages.map(({ channel, name, missingBefore }) => [channel, name, missingBefore])).toEqual([
      ['main/0', 'ping', 0], ['main/0', 'pong', 0], ['display/0', 'ping', 777], ['playback/0', 'ping', 0], ['usbredir/0', 'ping', 0],
    ]);
  });

  test('a large message of which its library refused the full segments is passed over, and the next one is found', () => {
    const large = streamData(100_000);
    const { messages } = read(laidPcap([
      frame(10_002, true, 2_000, ping(1), 1), frame(10_002, true, 2_018 + 65_495, large.subarray(65_495), 2), frame(10_002, true, 2_018 + 100_000, ping(2), 3),
    ]));
    expect(messages.map(({ name, missingBefore, skippedBefore }) => [name, missingBefore, skippedBefore])).toEqual([['ping', 0, 0], ['ping', 65_495, 34_505]]);
  });

  test('reads of a socket, with several messages and halves of them in one packet, are cut at the messages', () => {
    const bytes = Buffer.concat([ping(1), streamData(500), ping(2), pong(1)]);
    const cuts = [3, 30, 400, 531, bytes.length];
    let from = 0;
    const { messages } = read(laidPcap(cuts.map((to, index) => {
      const laid = frame(10_002, true, 2_000 + from, bytes.subarray(from, to), index);
      from = to;
      return laid;
    })), 'display/0');
    expect(messages.map(({ name }) => name)).toEqual(['ping', 'streamData', 'ping', 'setAck']);
  });
});

describe("a network's own capture", () => {
  const at = { client: '192.0.2.7', server: '192.0.2.9', serverPort: 5911 };
  const flow = (channel: number): Uint8Array => {
    const said = [...link(channel, 0), got(ping(1)), got(Buffer.concat([ping(2), ping(3)]))];
    const next = { sent: 5_000, received: 0xffff_fff0 };
    const frames = [tcpFrame({ ...at, clientPort: 40_000, received: false, sequence: next.sent++, payload: new Uint8Array(0), flags: 0x02 }), tcpFrame({ ...at, clientPort: 40_000, received: true, sequence: next.received++, payload: new Uint8Array(0), flags: 0x12 })];
    for (const { received, bytes } of said) {
      const direction = received ? 'received' : 'sent';
      const made = tcpFrame({ ...at, clientPort: 40_000, received, sequence: next[direction], payload: bytes });
      // Sent twice: what was there is left out.
      frames.push(made, made);
      next[direction] = (next[direction] + bytes.length) >>> 0;
    }
    return laidPcap(frames.map((bytes, index) => ({ atMs: index, bytes })));
  };

  test('is read at any port, with sequence numbers that wrap and segments that come twice', () => {
    const { messages } = read(flow(3));
    expect(messages.map(({ name }) => name)).toEqual(['linkMessage', 'linkReply', 'linkMechanism', 'linkTicket', 'linkResult', 'ping', 'ping', 'ping']);
    expect(new Set(messages.map(({ channel }) => channel))).toEqual(new Set(['inputs/0']));
    expect(messages.every(({ missingBefore }) => missingBefore === 0)).toBe(true);
  });

  test('that begins in the middle of a connection says that its beginning is missing', () => {
    const { messages } = read(laidPcap([{ atMs: 1, bytes: tcpFrame({ ...at, clientPort: 40_000, received: true, sequence: 99, payload: ping(1) }) }]));
    expect(messages).toMatchObject([{ channel: 'unknown/0', missingBefore: null, direction: 'received' }]);
  });
});

test('messages with full headers are told from those with mini headers where no exchange says it', () => {
  const full = Buffer.concat([new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0]), new Uint8Array(12)]);
  const { messages } = read(laidPcap([{ atMs: 1, bytes: tcpFrame({ clientPort: 10_002, received: true, sequence: 2_000, payload: full }) }]));
  expect(messages).toMatchObject([{ name: 'ping', header: 'full', channel: 'display/0' }]);
  expect(messages[0]?.body).toHaveLength(12);
});

test('any payloads in any order, at any place, give messages and no throw', () => {
  const segment = fc.record({
    clientPort: fc.constantFrom(10_001, 10_002, 10_022, 40_000), received: fc.boolean(), sequence: fc.oneof(fc.integer({ min: 990, max: 2_400 }), fc.integer({ min: 0, max: 0xffff_ffff })),
    flags: fc.constantFrom(0x10, 0x10, 0x18, 0x02, 0x12, 0x11), payload: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(ping(1), pong(2), ...link(2, 0).map(({ bytes }) => bytes))),
  });
  fc.assert(fc.property(fc.array(segment, { maxLength: 30 }), (segments) => {
    const traffic = new TrafficReader({ channel: null });
    for (const [index, each] of segments.entries()) {
      for (const message of traffic.take({ atMs: index, linkType: 1, interfaceName: null, comments: [], bytes: tcpFrame(each) })) expect(message.bytes.length).toBeGreaterThan(0);
    }
    expect(traffic.unfinishedBytes).toBeGreaterThanOrEqual(0);
  }), { numRuns: 500 });
});

test('any bytes as packets of any link type give nothing or messages, and no throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 147), (bytes, linkType) => {
    new TrafficReader({ channel: 'display/0' }).take({ atMs: 0, linkType, interfaceName: 'display/0', comments: [], bytes });
  }), { numRuns: 1_000 });
});
