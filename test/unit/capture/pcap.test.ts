// pcap frames, read back with a reader that shares nothing with their writer. tshark and the lab's counter judge whole files in
// test/real/capture-files.test.ts.
import type { PcapTarget } from '#app/capture/pcap.js';
import { clientPortOf, frameCountOf, pcapFileHeader, pcapTarget, writeHandshake, writeMessageFrame } from '#app/capture/pcap.js';
import { describe, expect, test } from 'vitest';
import { readPcap, readStreams } from '../../support/read-pcap.ts';

const MIB = 1024 * 1024;
const WALL_MS = 1_700_000_000_123.456;

function fileOf(byteLength: number, write: (target: PcapTarget) => void): Uint8Array {
  const target = pcapTarget(byteLength);
  target.bytes.set(pcapFileHeader());
  target.used = 24;
  write(target);
  return target.bytes.subarray(0, target.used);
}

function patterned(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength; at++) bytes[at] = (at * 31 + (at >> 8)) & 0xff;
  return bytes;
}

describe('a message of', () => {
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
    const file = fileOf(byteLength + 400 * 70 + 24, (target) => {
      for (let index = 0; index < frameCountOf(byteLength); index++) writeMessageFrame(target, message, index);
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

test('the header declares a snap length in which the longest frame fits', () => {
  expect([...pcapFileHeader()].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe('a1b2c3d400020004000000000000000000040000' + '00000001');
});

test('a stream starts with SYN, SYN and ACK, ACK, and its data follows without a gap in both directions', () => {
  const file = fileOf(4_096, (target) => {
    writeHandshake(target, 10_001, WALL_MS);
    writeMessageFrame(target, { clientPort: 10_001, received: false, sentBefore: 0, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array([1, 2, 3]) }, 0);
    writeMessageFrame(target, { clientPort: 10_001, received: true, sentBefore: 3, receivedBefore: 0, wallMs: WALL_MS, bytes: new Uint8Array([4, 5]) }, 0);
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
