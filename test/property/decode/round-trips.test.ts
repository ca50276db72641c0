// What the test server's encoders make of any picture, the decoders turn back into that picture, in targets whose rows
// are apart as well as in packed ones. Encoders and decoders share no code, but only test/golden says that servers agree.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBitmap } from '#app/decode/bitmap.js';
import { colourTable } from '#app/decode/colour.js';
import { createGlzWindow } from '#app/decode/glz-window.js';
import { decodeGlz } from '#app/decode/glz.js';
import { decodeLz } from '#app/decode/lz.js';
import { decodeLzPlt } from '#app/decode/lz-plt.js';
import type { PixelBuffer } from '#app/decode/pixel-buffer.js';
import { decodeQuic } from '#app/decode/quic.js';
import { encodeBitmap, encodeIndexedBitmap } from '#app/loopback/encode/bitmap-encoder.js';
import { GlzEncoder } from '#app/loopback/encode/glz-encoder.js';
import { encodeLz, encodeLzPlt } from '#app/loopback/encode/lz-encoder.js';
import { encodeQuic } from '#app/loopback/encode/quic-encoder.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { pictureBytes, pictures, through555, withoutAlpha } from '../../support/pictures.js';
import type { Picture } from '../../support/pictures.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const rowGaps = fc.constantFrom(0, 12);
const same = (word: number) => word;
const alphaOnly = (word: number) => (word & 0xff000000) >>> 0;
const grey = (word: number) => (word & 255) * 0x010101;

/** Decodes into a fresh target and compares all of it, guard bytes included. */
function expectPixels(picture: Picture, gap: number, expected: (word: number) => number, decode: (target: PixelBuffer) => unknown): void {
  const guarded = createGuardedTarget(picture.width, picture.height, gap);
  decode(guarded.target);
  expect(Buffer.compare(guarded.packed(), pictureBytes(picture.words, expected))).toBe(0);
  expect(guarded.damage()).toBe(0);
}

describe('any picture survives', () => {
  it.each([
    ['bit16', through555],
    ['bit24', withoutAlpha],
    ['bit32', withoutAlpha],
    ['rgba', same],
    ['bit8Alpha', alphaOnly],
  ] as const)('a bitmap of format %s', (format, expected) => {
    fc.assert(
      fc.property(pictures, fc.boolean(), fc.nat(9), rowGaps, (picture, topDown, padding, gap) => {
        const bitmap = encodeBitmap(picture, format, { topDown, padding });
        expectPixels(picture, gap, expected, (target) => decodeBitmap(bitmap, null, target));
      }),
      { numRuns: 30 },
    );
  });

  const table = colourTable({ unique: 1n, entries: Array.from({ length: 256 }, (_entry, i) => Math.imul(i, 0x10203)) }, 32);
  it.each([
    ['bit1Le', 'plt1Le', 1],
    ['bit1Be', 'plt1Be', 1],
    ['bit4Le', 'plt4Le', 15],
    ['bit4Be', 'plt4Be', 15],
    ['bit8', 'plt8', 255],
  ] as const)('palette indexes as %s, plain and as LZ %s', (format, type, mask) => {
    fc.assert(
      fc.property(pictures, fc.boolean(), fc.nat(9), rowGaps, (picture, topDown, padding, gap) => {
        const { width, height } = picture;
        const indexes = Uint8Array.from(picture.words, (word) => word & mask);
        const bitmap = encodeIndexedBitmap(indexes, width, height, format, { topDown, padding });
        const colour = (word: number) => table[word & mask] ?? 0;
        expectPixels(picture, gap, colour, (target) => decodeBitmap(bitmap, table, target));
        const stream = encodeLzPlt(bitmap.data, type, width, height, bitmap.stride, topDown);
        expectPixels(picture, gap, colour, (target) => decodeLzPlt(stream, table, target, roomyBudget()));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['rgb16', through555],
    ['rgb24', withoutAlpha],
    ['rgb32', withoutAlpha],
    ['rgba', same],
    ['xxxa', alphaOnly],
    ['a8', alphaOnly],
  ] as const)('LZ of type %s', (type, expected) => {
    fc.assert(
      fc.property(pictures, fc.boolean(), rowGaps, (picture, topDown, gap) => {
        const stream = encodeLz(picture, type, topDown);
        expectPixels(picture, gap, expected, (target) => {
          if (type === 'xxxa') for (let y = 0; y < target.height; y++) target.words.fill(0, (y * target.strideBytes) / 4, (y * target.strideBytes) / 4 + target.width);
          decodeLz(stream, target, roomyBudget());
        });
      }),
      { numRuns: 40 },
    );
  });

  it('GLZ of a sequence of pictures that have things in common, in any mixture of types', () => {
    const types = { rgb16: through555, rgb24: withoutAlpha, rgb32: withoutAlpha, rgba: same } as const;
    const step = fc.record({
      pick: fc.nat(),
      type: fc.constantFrom('rgb16', 'rgb24', 'rgb32', 'rgba' as const),
      topDown: fc.boolean(),
      gap: rowGaps,
    });
    fc.assert(
      fc.property(fc.array(pictures, { minLength: 1, maxLength: 3 }), fc.array(step, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (stock, steps, imagesMax) => {
        const encoder = new GlzEncoder(imagesMax);
        const window = createGlzWindow(64 << 20, 0, roomyBudget());
        for (const { pick, type, topDown, gap } of steps) {
          const picture = stock[pick % stock.length]!;
          const stream = encoder.encode(picture, type, topDown);
          expectPixels(picture, gap, types[type], (target) => decodeGlz(stream, window, target));
        }
        expect(window.images.size).toBeLessThanOrEqual(imagesMax + 1);
        expect(window.evicted).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['gray', grey],
    ['rgb16', through555],
    ['rgb24', withoutAlpha],
    ['rgb32', withoutAlpha],
    ['rgba', same],
  ] as const)('QUIC of type %s', (type, expected) => {
    fc.assert(
      fc.property(pictures, rowGaps, (picture, gap) => {
        const stream = encodeQuic(picture, type);
        expectPixels(picture, gap, expected, (target) => decodeQuic(stream, target, roomyBudget()));
      }),
      { numRuns: 40 },
    );
  });
});
