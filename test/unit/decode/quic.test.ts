import { describe, expect, it } from 'vitest';
import { DecodeError } from '#app/decode/decode-error.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { quicCodes5, quicCodes8, quicCodesMax, quicRandom } from '#app/decode/quic-codes.js';
import type { QuicCodes } from '#app/decode/quic-codes.js';
import { decodeQuic } from '#app/decode/quic.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import { drawPicture } from '../../support/pictures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

/** Words of bits, most significant first, as they are sent: little-endian. */
function words(bits: string): number[] {
  const padded = bits.padEnd(Math.ceil(bits.length / 32) * 32, '0');
  return [...padded.matchAll(/.{32}/g)].flatMap(([word]) => {
    const value = Number.parseInt(word, 2);
    return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
  });
}
const header = (type: number, width: number, height: number) => [0x43495551, 0, type, width, height].flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]);
function decode(type: number, width: number, height: number, bits: string): number[] {
  const target = createPixelBuffer(width, height);
  decodeQuic(Uint8Array.from([...header(type, width, height), ...words(bits), 0, 0, 0, 0]), target, roomyBudget());
  return [...target.words];
}

function bucketSizes({ bucketOf }: QuicCodes): number[] {
  const sizes: number[] = [];
  for (const bucket of bucketOf) sizes[bucket] = (sizes[bucket] ?? 0) + 1;
  return sizes;
}

describe('QUIC', () => {
  it('buckets double in size, and one that would leave less than its size takes the rest', () => {
    expect(bucketSizes(quicCodes8)).toEqual([1, 2, 4, 8, 16, 32, 64, 129]);
    expect(bucketSizes(quicCodes5)).toEqual([1, 2, 4, 8, 17]);
  });

  it.each([['8 bits', quicCodes8], ['5 bits', quicCodes5]])('codes of %s are complete: each code number covers all values and no code word is longer than 26', (_name, codes) => {
    for (let l = 0; l < codes.bitsPerChannel; l++) {
      // Kraft's sum over the values is at most 1, and short of it only by escapes that nothing uses.
      const lengths = Array.from({ length: codes.mask + 1 }, (_value, value) => codes.codeBits[value * quicCodesMax + l]!);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(26);
      expect(lengths.reduce((sum, bits) => sum + 2 ** -bits, 0)).toBeLessThanOrEqual(1);
    }
  });

  it('the pseudo-random numbers are 256 of 6 bits', () => {
    expect(quicRandom.length).toBe(256);
    expect(Math.max(...quicRandom)).toBeLessThan(64);
    // Sums of the list in the description, the second weighted by place: an exchanged or mistyped number would show.
    const sum = (weight: (place: number) => number) => quicRandom.reduce((total, number, i) => total + number * weight(i), 0);
    expect([sum(() => 1), sum((i) => i + 1)]).toEqual([8064, 1078290]);
  });

  it('the first pixel is coded with 7 bits behind a 1, or with 8 bits when it is 128 or more, against a prediction of 0', () => {
    // Code 7: at most one zero in front. 1 and 7 bits: 20, a difference of 10. Or 0 and 7 bits more than 128.
    expect(decode(4, 1, 1, '10010100' + '10000000' + '10000001')).toEqual([0x0a00ff]);
    expect(decode(4, 1, 1, '01111110' + '10000000' + '10000000')).toEqual([0x7f0000]);
  });

  it('grey is spread over all channels', () => {
    expect(decode(1, 1, 1, '10010100')).toEqual([0x0a0a0a]);
  });

  it('5-bit channels have codes of 5 bits and are widened', () => {
    expect(decode(2, 1, 1, '11110' + '10000' + '10001')).toEqual([0x3900ff]);
  });

  it('alpha is a row of its own behind the colours of its row', () => {
    expect(decode(5, 1, 1, '10010100' + '10000000' + '10000000' + '10000010')).toEqual([0x010a0000]);
  });

  it('says which images have alpha', () => {
    const target = createPixelBuffer(9, 9);
    const picture = drawPicture('photo', 9, 9, 3);
    const info = (['gray', 'rgb16', 'rgb24', 'rgb32', 'rgba'] as const).map((type) => decodeQuic(encodeQuic(picture, type), target, roomyBudget()).hasAlpha);
    expect(info).toEqual([false, false, false, false, true]);
  });

  it('rows of one colour are runs, across many rows and the whole schedule', () => {
    const picture = drawPicture('flat', 700, 40, 5);
    const stream = encodeQuic(picture, 'rgba');
    const target = createPixelBuffer(700, 40);
    decodeQuic(stream, target, roomyBudget());
    expect(target.words).toEqual(picture.words);
    expect(stream.length).toBeLessThan(2000);
  });

  it.each<[string, number[], string]>([
    ['a header cut short', header(4, 2, 2).slice(0, 19), 'truncated'],
    ['nothing behind the header', header(4, 2, 2), 'truncated'],
    ['another magic', [0, ...header(4, 2, 2).slice(1)], 'badHeader'],
    ['another version', [...header(4, 2, 2).slice(0, 4), 1, ...header(4, 2, 2).slice(5)], 'badHeader'],
    ['type 0', header(0, 2, 2), 'badHeader'],
    ['type 6', header(6, 2, 2), 'badHeader'],
    ['another width', header(4, 3, 2), 'sizeMismatch'],
    ['another height', header(4, 2, 0xffffffff), 'sizeMismatch'],
  ])('%s is an error', (_name, bytes, code) => {
    expect(() => decodeQuic(Uint8Array.from(bytes), createPixelBuffer(2, 2), roomyBudget())).toThrow(expect.objectContaining({ code }));
  });

  it('a stream that ends early is an error, wherever it ends', () => {
    const picture = drawPicture('photo', 40, 10, 9);
    const stream = encodeQuic(picture, 'rgb32');
    const target = createPixelBuffer(40, 10);
    // The last words hold the encoder's padding; without them everything is still there.
    for (let length = 0; length < stream.length - 8; length += 4) {
      expect(() => decodeQuic(stream.subarray(0, length), target, roomyBudget())).toThrow(expect.objectContaining({ code: 'truncated' }));
    }
  });

  it('ones without end are an error wherever they begin; where they are a run, it is beyond the end of its row', () => {
    const stream = encodeQuic(drawPicture('flat', 40, 3, 5), 'rgb32');
    const codes = new Set<string>();
    for (let bit = 160; bit < stream.length * 8; bit++) {
      const broken = stream.slice();
      // Bits run from the most significant end of little-endian words.
      for (let one = bit; one < stream.length * 8; one++) broken[(one >> 3) ^ 3]! |= 128 >> (one & 7);
      try {
        decodeQuic(broken, createPixelBuffer(40, 3), roomyBudget());
      } catch (error) {
        codes.add(error instanceof DecodeError ? error.code : String(error));
      }
    }
    expect(codes).toEqual(new Set(['overrun', 'truncated']));
  });
});
