// The framing of Opus packets by the rules of RFC 6716, section 3: R1 to R7 and the table of configurations.
import { describe, expect, test } from 'vitest';
import { opusPacketSamples } from '#app/audio/opus-packet.js';

/** A packet: configuration, code, then these bytes. */
const packet = (configuration: number, code: number, ...rest: readonly number[]): Uint8Array => Uint8Array.of((configuration << 3) | code, ...rest);
const frame = (bytes: number): number[] => Array.from({ length: bytes }, () => 0);

test('each configuration has its duration', () => {
  const samples = Array.from({ length: 32 }, (_, configuration) => opusPacketSamples(packet(configuration, 0, 1)));
  const silk = [480, 960, 1_920, 2_880];
  const celt = [120, 240, 480, 960];
  expect(samples).toEqual([...silk, ...silk, ...silk, 480, 960, 480, 960, ...celt, ...celt, ...celt, ...celt]);
});

describe.each([
  ['one frame', packet(30, 0, ...frame(1_275)), 480],
  ['one frame of nothing', packet(30, 0), 480],
  ['two of one size', packet(30, 1, ...frame(20)), 960],
  ['two of sizes of their own', packet(30, 2, 3, ...frame(10)), 960],
  ['two, the first with a long size', packet(30, 2, 252, 1, ...frame(260)), 960],
  ['three counted, of one size', packet(30, 3, 3, ...frame(9)), 1_440],
  ['three counted, of sizes of their own', packet(30, 3, 0x83, 2, 3, ...frame(10)), 1_440],
  ['48 of the shortest: 120 ms', packet(28, 3, 48, ...frame(48)), 5_760],
  ['padding behind the frames', packet(30, 3, 0x42, 4, ...frame(6), ...frame(4)), 960],
  ['long padding', packet(30, 3, 0x42, 255, 1, ...frame(6), ...frame(255)), 960],
])('well framed: %s', (_name, bytes, samples) => {
  test('it is as long as its frames', () => expect(opusPacketSamples(bytes)).toBe(samples));
});

describe.each([
  ['nothing', new Uint8Array(0), 'empty'],
  ['a frame above 1275 bytes', packet(30, 0, ...frame(1_276)), 'oversize'],
  ['two frames above 1275 bytes', packet(30, 1, ...frame(2_552)), 'oversize'],
  ['an odd number of bytes for two of one size', packet(30, 1, ...frame(3)), 'uneven'],
  ['a first frame that is longer than all', packet(30, 2, 9, ...frame(8)), 'truncated'],
  ['a long size without its second byte', packet(30, 2, 252), 'truncated'],
  ['two frames without a size', packet(30, 2), 'truncated'],
  ['a last frame above 1275 bytes', packet(30, 2, 1, ...frame(1_277)), 'oversize'],
  ['no count', packet(30, 3), 'truncated'],
  ['a count of none', packet(30, 3, 0), 'noFrames'],
  ['more than 120 ms', packet(31, 3, 7, ...frame(7)), 'tooLong'],
  ['counted bytes that do not divide', packet(30, 3, 3, ...frame(10)), 'uneven'],
  ['sizes beyond the end', packet(30, 3, 0x83, 2, 9, ...frame(8)), 'truncated'],
  ['more padding than there are bytes', packet(30, 3, 0x41, 4, ...frame(3)), 'truncated'],
  ['padding without an end', packet(30, 3, 0x41, 255), 'truncated'],
])('badly framed: %s', (_name, bytes, fault) => {
  test('it is refused', () => expect(opusPacketSamples(bytes)).toBe(fault));
});
