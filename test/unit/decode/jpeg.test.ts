import { describe, expect, it } from 'vitest';
import { createByteBudget } from '#app/decode/byte-budget.js';
import { decodeJpeg, decodeJpegAlpha } from '#app/decode/jpeg.js';
import type { DecodeJpeg } from '#app/decode/jpeg.js';
import { readJpegHeader } from '#app/decode/jpeg-header.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { encodeLz } from '#app/loopback/encode/lz-encoder.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { farthest, gradient, jpegOf, libraryJpeg } from '../../support/jpeg.ts';
import { roomyBudget } from '../../support/roomy-budget.js';

const library = libraryJpeg!;
/** Where the frame header's height lies. */
const frameAt = (jpeg: Uint8Array): number => jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0) + 5;

describe('a JPEG image', () => {
  it.each([{ gray: false, width: 33, height: 17 }, { gray: true, width: 8, height: 8 }, { gray: false, width: 1, height: 1 }])('of $width x $height, gray $gray, becomes its pixels with fourth bytes of 0', ({ gray, width, height }) => {
    const words = gray ? new Uint32Array(width * height).fill(0x77_7777) : gradient(width, height);
    const target = createPixelBuffer(width, height);
    target.words.fill(0xffff_ffff);
    expect(decodeJpeg(jpegOf(width, height, words, { gray }), library, target, roomyBudget())).toEqual({ hasAlpha: false, alphaOnly: false });
    expect(farthest(target.words, words)).toBeLessThanOrEqual(12);
    expect(target.words.every((word) => word >>> 24 === 0)).toBe(true);
  });

  it('lands in shared memory and inside of a wider surface without touching its neighbours', () => {
    const { target, packed, damage } = createGuardedTarget(16, 9, 16);
    decodeJpeg(jpegOf(16, 9, gradient(16, 9)), library, target, roomyBudget());
    expect(farthest(new Uint32Array(packed().buffer), gradient(16, 9))).toBeLessThanOrEqual(12);
    expect(damage()).toBe(0);
    const shared = new Uint8Array(new SharedArrayBuffer(16 * 9 * 4));
    expect(library(jpegOf(16, 9, gradient(16, 9)), shared)).toBe(true);
    expect(shared.some((byte) => byte !== 0)).toBe(true);
  });

  it('is refused for its header before anyone decodes or allocates for it', () => {
    const jpeg = jpegOf(16, 16, gradient(16, 16));
    const never: DecodeJpeg = () => { throw new Error('decoded'); };
    const target = createPixelBuffer(16, 16);
    const refusal = (bytes: Uint8Array) => () => decodeJpeg(bytes, never, target, createByteBudget(0));
    const claims = (height: number, width: number) => { const copy = jpeg.slice(); new DataView(copy.buffer).setUint16(frameAt(jpeg), height); new DataView(copy.buffer).setUint16(frameAt(jpeg) + 2, width); return copy; };
    expect(refusal(claims(30_000, 30_000))).toThrow(expect.objectContaining({ code: 'sizeMismatch', field: 'jpeg.width' }));
    expect(refusal(claims(17, 16))).toThrow(expect.objectContaining({ code: 'sizeMismatch', field: 'jpeg.height' }));
    expect(refusal(jpeg.subarray(0, 100))).toThrow(expect.objectContaining({ code: 'truncated' }));
    expect(refusal(jpeg.subarray(2))).toThrow(expect.objectContaining({ code: 'badHeader', field: 'jpeg.startOfImage' }));
    const gap = Uint8Array.from([...jpeg.subarray(0, 2), 0, ...jpeg.subarray(2)]);
    expect(refusal(gap)).toThrow(expect.objectContaining({ code: 'badHeader', field: 'jpeg.marker' }));
    const wide = createGuardedTarget(16, 16, 16).target;
    expect(() => decodeJpeg(jpeg, never, wide, createByteBudget(0))).toThrow(expect.objectContaining({ code: 'overBudget' }));
  });

  it('is refused when the library refuses it, as a broken one or with its end cut off', () => {
    const jpeg = jpegOf(64, 64, gradient(64, 64));
    const target = createPixelBuffer(64, 64);
    for (const bad of [jpeg.subarray(0, jpeg.length - 40), Uint8Array.from(jpeg, (byte, at) => (at > jpeg.length / 2 && at % 7 === 0 ? 0xff : byte))]) {
      expect(() => decodeJpeg(bad, library, target, roomyBudget())).toThrow(expect.objectContaining({ code: 'jpegFailed' }));
    }
  });

  it('tells its size and the tables that come with it', () => {
    const header = readJpegHeader(jpegOf(31, 7, gradient(31, 7)));
    expect([header.width, header.height]).toEqual([31, 7]);
    expect(header.quantizationTables.length).toBeGreaterThan(0);
    expect(header.huffmanTables.every((table) => table[0] === 0xff && table[1] === 0xc4)).toBe(true);
  });
});

describe('a JPEG with an alpha plane', () => {
  const [width, height] = [12, 5];
  const colours = gradient(width, height);
  const alphas = Uint32Array.from({ length: width * height }, (_, at) => ((at * 4) & 255) << 24);
  const jpeg = jpegOf(width, height, colours);
  const withPlane = (plane: Uint8Array): Uint8Array => Uint8Array.from([...jpeg, ...plane]);

  it.each([true, false])('has the colours of the one and the alpha of the other, top-down %s', (topDown) => {
    const plane = encodeLz({ width, height, words: alphas }, 'xxxa', topDown);
    const target = createPixelBuffer(width, height);
    expect(decodeJpegAlpha(withPlane(plane), jpeg.length, topDown, library, target, roomyBudget())).toEqual({ hasAlpha: true, alphaOnly: false });
    expect(farthest(target.words, colours)).toBeLessThanOrEqual(12);
    expect(Array.from(target.words, (word) => word >>> 24)).toEqual(Array.from(alphas, (word) => word >>> 24));
    expect(() => decodeJpegAlpha(withPlane(plane), jpeg.length, !topDown, library, target, roomyBudget())).toThrow(expect.objectContaining({ code: 'badHeader', field: 'jpegAlpha.topDown' }));
  });

  it('is refused when the plane is something else or is not there', () => {
    const target = createPixelBuffer(width, height);
    const other = encodeLz({ width, height, words: colours }, 'rgb32');
    expect(() => decodeJpegAlpha(withPlane(other), jpeg.length, true, library, target, roomyBudget())).toThrow(expect.objectContaining({ code: 'badHeader', field: 'jpegAlpha.type' }));
    expect(() => decodeJpegAlpha(jpeg, jpeg.length, true, library, target, roomyBudget())).toThrow(expect.objectContaining({ code: 'truncated' }));
    expect(() => decodeJpegAlpha(jpeg, jpeg.length + 1, true, library, target, roomyBudget())).toThrow(expect.objectContaining({ code: 'truncated', field: 'jpegAlpha.jpegSize' }));
  });
});
