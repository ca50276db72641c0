// Frames in both forms of a capture file, read back with a reader that shares nothing with their writer. tshark and the lab's counter judge whole files in
// test/real/capture-files.test.ts.
import type { PacketFormat, PcapTarget } from '#app/capture/packet-format.js';
import { pcapTarget } from '#app/capture/packet-format.js';
import { classicPcap, clientPortOf, frameCountOf, packetBytesMax, writeHandshake, writeMessageFrame } from '#app/capture/pcap.js';
import { pcapng } from '#app/capture/pcapng.js';
import { describe, expect, test } from 'vitest';
import { readPcap, readStreams } from '../../support/read-pcap.ts';

const MIB = 1024 * 1024;
const WALL_MS = 1_700_000_000_123.456;

const ABOUT = { channel: 'display/0', application: 'ryll-actors 1', system: 'linux x64', sessionStartedWallMs: WALL_MS - 1_500 };

function fileOf(format: PacketFormat, byteLength: number, write: (target: PcapTarget) => void): Uint8Array {
  const header = format.fileHeader(ABOUT);
  const target = pcapTarget(header.byteLength + byteLength);
  target.bytes.set(header);
  target.used = header.byteLength;
  write(target);
  return target.bytes.subarray(0, target.used);
}

function patterned(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength; at++) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

describe.each([classicPcap, pcapng])('in $name, a message of', (format) => {
  test.each([
    [0, 1, 0],
    [6, 1, 6],
    [65_481, 1, 65_481],
    [65_482, 1, 65_482],
    [65_494, 1, 65_494],
    [65_495, 1, 65_495],
    [65_496, 2, 1],
    [100_000, 2, 34_505],
    [Math.floor(2.2 * MIB), 36, 14_542],
    [20 * MIB, 321, 13_120],
  ])('%i bytes is %i frames, the last of %i bytes, the others of 65,495', (byteLength, count, last) => {
    const payloads = Array.from({ length: count }, (_, index) => (index === count - 1 ? last : 65_495));
    const bytes = patterned(byteLength);
    const message = { clientPort: 10_002, received: true, sentBefore: 10, receivedBefore: 0xffff_f000, wallMs: WALL_MS, bytes };
    const frameCount = frameCountOf(byteLength);
    const file = fileOf(format, frameCount * packetBytesMax(format, byteLength), (target) => {
      for (let index = 0; index < frameCount; index++) writeMessageFrame(target, message, index, format);
    });
    const frames = readPcap(file);
    expect(frames.map((frame) => frame.payload.byteLength)).toEqual(payloads);
    // 2,000 is where the server's data begins; TCP's numbers wrap at 2^32.
    expect(frames.map((frame) => frame.sequence)).toEqual(payloads.map((_, index) => (2_000 + 0xffff_f000 + index * 65_495) % 2 ** 32));
    expect(new Set(frames.map((frame) => frame.acknowledged))).toEqual(new Set([1_010]));
    expect(new Set(frames.map((frame) => frame.microseconds))).toEqual(new Set([1_700_000_000_123_456n]));
    expect(Buffer.concat(frames.map((frame) => frame.payload)).equals(bytes)).toBe(true);
    expect(frames.map((frame) => frame.flags)).toEqual(payloads.map((_, index) => (index === payloads.length - 1 ? 'PA' : 'A')));
  });
});

test('the header of classic pcap declares a snap length in which the longest frame fits', () => {
  expect([...classicPcap.fileHeader(ABOUT)].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe('a1b2c3d400020004000000000000000000040000' + '00000001');
});

test.each([classicPcap, pcapng])('in $name a stream starts with SYN, SYN and ACK, ACK, and its data follows without a gap in both directions', (format) => {
  const file = fileOf(format, 4_096, (target) => {
    writeHandshake(target, 10_001, WALL_MS, format);
    writeMessageFrame(target, { clientPort: 10_001, received: false, sentBefore: 0, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array([1, 2, 3]) }, 0, format);
    writeMessageFrame(target, { clientPort: 10_001, received: true, sentBefore: 3, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array([4, 5]) }, 0, format);
  });
  expect(readPcap(file).map(({ flags, sequence, acknowledged }) => [flags, sequence, acknowledged])).toEqual([
    ['S', 999, 0], ['SA', 1_999, 1_000], ['A', 1_000, 2_000], ['PA', 1_000, 2_000], ['PA', 2_000, 1_003],
  ]);
  expect(readStreams(file)).toMatchObject([{ clientPort: 10_001, sent: [new Uint8Array([1, 2, 3])], sentGaps: [0], received: [new Uint8Array([4, 5])], receivedGaps: [0] }]);
});

test("every channel has a port of its own, the ancestor's where it had one, and so has every generation", () => {
  expect(['main/0', 'display/0', 'inputs/0', 'cursor/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'].map((channel) => clientPortOf(channel, 0)))
    .toEqual([10_001, 10_002, 10_003, 10_004, 10_005, 10_006, 10_009, 10_010, 10_011]);
  expect([clientPortOf('display/1', 0), clientPortOf('display/0', 1), clientPortOf('usbredir/3', 2)]).toEqual([10_022, 10_502, 11_069]);
  const ports = ['main', 'display', 'inputs', 'cursor', 'playback', 'record', 'usbredir', 'port', 'webdav', 'channel7'].flatMap((kind) =>
    Array.from({ length: 25 }, (_, id) => Array.from({ length: 110 }, (__, stream) => clientPortOf(`${kind}/${id}`, stream))).flat(),
  );
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.max(...ports)).toBeLessThan(65_536);
});
