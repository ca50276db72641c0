import { describe, expect, it } from 'vitest';
import { decodeGlz } from '#app/decode/glz.js';
import { createGlzWindow } from '#app/decode/glz-window.js';
import type { GlzWindow } from '#app/decode/glz-window.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const be32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
interface Head {
  readonly id: number;
  readonly type?: number;
  readonly width?: number;
  readonly height?: number;
  readonly topDown?: boolean;
  readonly headDistance?: number;
}
function stream({ id, type = 8, width = 4, height = 1, topDown = true, headDistance = id }: Head, data: readonly number[]): Uint8Array {
  const typeByte = type | (topDown ? 16 : 0);
  return Uint8Array.from([
    ...be32(0x20205a4c), ...be32(0x00010001), typeByte, ...be32(width), ...be32(height), ...be32(width * 4),
    ...be32(Math.floor(id / 2 ** 32)), ...be32(id % 2 ** 32), ...be32(headDistance), ...data,
  ]);
}
function decode(window: GlzWindow, head: Head, data: readonly number[]): number[] {
  const target = createPixelBuffer(head.width ?? 4, head.height ?? 1);
  decodeGlz(stream(head, data), window, target);
  return [...target.words];
}
const fresh = () => createGlzWindow(1 << 20, 0, roomyBudget());
const fourLiterals = [3, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0];

describe('GLZ', () => {
  it('literals and matches in the image itself: low 4 bits of the distance, then 8 more, then the image byte', () => {
    expect(decode(fresh(), { id: 0 }, [0, 7, 0, 0, 3 << 5, 0, 0])).toEqual([7, 7, 7, 7]);
    expect(decode(fresh(), { id: 0 }, [1, 7, 0, 0, 8, 0, 0, (2 << 5) | 1, 0, 0])).toEqual([7, 8, 7, 8]);
  });

  it('a match may copy from another image, from a place counted from its beginning', () => {
    const window = fresh();
    decode(window, { id: 0 }, fourLiterals);
    expect(decode(window, { id: 1 }, [0, 9, 0, 0, (3 << 5) | 1, 0, 1])).toEqual([9, 2, 3, 4]);
  });

  it('image distances of more than 6 bits have more bytes', () => {
    const window = fresh();
    for (let id = 0; id <= 64; id++) decode(window, { id, width: 1 }, [0, id, 0, 0]);
    // 65 = 1 + (1 << 6): image 0.
    expect(decode(window, { id: 65, width: 1 }, [1 << 5, 0, (1 << 6) | 1, 1])).toEqual([0]);
    // The same distance in the far form: 5 bits of place in k, image distance in bytes of its own.
    expect(decode(window, { id: 66, width: 1 }, [(1 << 5) | 16, 0, 1 << 6, 64])).toEqual([2]);
  });

  it('places beyond 12 bits are written in the far form, beyond 17 bits with one more byte', () => {
    const window = fresh();
    const width = (1 << 17) + 5;
    const ramp: number[] = [];
    for (let i = 0; i < width; i++) {
      if (i % 32 === 0) ramp.push(Math.min(32, width - i) - 1);
      ramp.push(i & 255, (i >>> 8) & 255, i >>> 16);
    }
    // A picture of one very long row.
    decodeGlz(stream({ id: 0, width }, ramp), window, { ...createPixelBuffer(1, 1), width, height: 1, strideBytes: width * 4, words: new Uint32Array(width) });
    const place = 0x1234;
    expect(decode(window, { id: 1, width: 1 }, [(1 << 5) | 16 | (place & 15), (place >>> 4) & 255, (1 << 6) | (place >>> 12), 1])).toEqual([place]);
    const far = (1 << 17) + 3;
    expect(decode(window, { id: 2, width: 1 }, [(1 << 5) | 16 | 3, 0, (1 << 6) | 32, 2, 1])).toEqual([far]);
  });

  it('pictures are kept in stream order, whichever way up they are shown', () => {
    const window = fresh();
    const size = { width: 2, height: 2 };
    expect(decode(window, { id: 0, ...size, topDown: false }, fourLiterals)).toEqual([3, 4, 1, 2]);
    expect(decode(window, { id: 1, ...size }, [4 << 5, 0, 1])).toEqual([1, 2, 3, 4]);
  });

  it('RGBA has a second pass whose cross-image matches take alpha; opaque images leave alpha behind', () => {
    const window = fresh();
    const first = decode(window, { id: 0, type: 9 }, [...fourLiterals, 3, 10, 20, 30, 40]);
    expect(first).toEqual([0x0a000001, 0x14000002, 0x1e000003, 0x28000004]);
    expect(decode(window, { id: 1, type: 9 }, [4 << 5, 0, 1, 2 << 5, 0, 1])).toEqual(first);
    expect(decode(window, { id: 2 }, [4 << 5, 0, 2])).toEqual([1, 2, 3, 4]);
  });

  it('RGB16 is kept as decoded pixels; its matches are one longer than written', () => {
    const window = fresh();
    expect(decode(window, { id: 0, type: 6 }, [0, 0x7c, 0, 2 << 5, 0, 0])).toEqual([0xff0000, 0xff0000, 0xff0000, 0xff0000]);
    expect(decode(window, { id: 1, type: 6 }, [3 << 5, 0, 1])).toEqual([0xff0000, 0xff0000, 0xff0000, 0xff0000]);
  });

  it.each<[string, Head, number[], string]>([
    ['an image that is not in the window', { id: 2 }, [4 << 5, 0, 1], 'glzImageMissing'],
    ['an image before the first', { id: 2 }, [4 << 5, 0, 5], 'glzImageMissing'],
    ['a place beyond the end of the other image', { id: 1 }, [(4 << 5) | 1, 0, 1], 'badDistance'],
    ['a distance before the first pixel', { id: 1 }, [0, 1, 1, 1, (3 << 5) | 1, 0, 0], 'badDistance'],
    ['more pixels than the image has', { id: 1 }, [0, 1, 1, 1, 4 << 5, 0, 0], 'overrun'],
    ['no image byte', { id: 1 }, [4 << 5, 0], 'truncated'],
    ['missing distance bytes', { id: 1 }, [4 << 5, 0, 3 << 6, 0, 0], 'truncated'],
    ['a missing far byte', { id: 1 }, [(4 << 5) | 16, 0, 32], 'truncated'],
    ['an id that is there already', { id: 0 }, fourLiterals, 'glzDuplicate'],
    ['a palette type', { id: 1, type: 5 }, fourLiterals, 'badHeader'],
    ['an id beyond all counting', { id: 2 ** 60 }, fourLiterals, 'oversize'],
  ])('%s is an error, and the window stays as it was', (_name, head, data, code) => {
    const window = fresh();
    decode(window, { id: 0 }, fourLiterals);
    const before = { ...window, images: new Map(window.images) };
    expect(() => decode(window, head, data)).toThrow(expect.objectContaining({ code }));
    expect(window).toEqual(before);
  });

  it('an image whose reference has not arrived can be decoded again when it has', () => {
    const window = fresh();
    const late = [4 << 5, 0, 1];
    expect(() => decode(window, { id: 1 }, late)).toThrow(expect.objectContaining({ code: 'glzImageMissing', value: 0 }));
    decode(window, { id: 0 }, fourLiterals);
    expect(decode(window, { id: 1 }, late)).toEqual([1, 2, 3, 4]);
  });

  it('an image above the window’s budget is refused before anything is allocated', () => {
    const small = createGlzWindow(8, 0, roomyBudget());
    expect(() => decode(small, { id: 0 }, fourLiterals)).toThrow(expect.objectContaining({ code: 'oversize' }));
  });
});
