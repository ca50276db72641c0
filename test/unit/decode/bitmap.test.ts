import { describe, expect, it } from 'vitest';
import { decodeBitmap } from '#app/decode/bitmap.js';
import type { Bitmap } from '#app/decode/bitmap.js';
import { colourTable, widen555 } from '#app/decode/colour.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';

const topDown = 4;
const grey = colourTable({ unique: 1n, entries: Array.from({ length: 256 }, (_entry, i) => i * 0x010101) }, 32);

function pixels(bitmap: Bitmap, table: Uint32Array | null = grey): number[] {
  const target = createPixelBuffer(bitmap.width, bitmap.height);
  decodeBitmap(bitmap, table, target);
  return [...target.words];
}
const greys = (...indexes: number[]) => indexes.map((index) => index * 0x010101);

describe('bitmaps', () => {
  it.each([
    ['1BIT_LE', 1, 9, [0b00000101, 0b1], greys(1, 0, 1, 0, 0, 0, 0, 0, 1)],
    ['1BIT_BE', 2, 9, [0b10100000, 0b10000000], greys(1, 0, 1, 0, 0, 0, 0, 0, 1)],
    ['4BIT_LE', 3, 3, [0x21, 0xf3], greys(1, 2, 3)],
    ['4BIT_BE', 4, 3, [0x12, 0x3f], greys(1, 2, 3)],
    ['8BIT', 5, 2, [7, 255], greys(7, 255)],
    ['16BIT', 6, 2, [0x00, 0x7c, 0x21, 0x04], [0xff0000, 0x080808]],
    ['24BIT', 7, 2, [1, 2, 3, 4, 5, 6], [0x030201, 0x060504]],
    ['32BIT', 8, 1, [1, 2, 3, 99], [0x030201]],
    ['RGBA', 9, 1, [1, 2, 3, 200], [0xc8030201]],
    ['8BIT_A', 10, 2, [5, 200], [0x05000000, 0xc8000000]],
  ])('%s', (_name, format, width, data, expected) => {
    expect(pixels({ format, flags: topDown, width, height: 1, stride: data.length, data: Uint8Array.from(data) })).toEqual(expected);
  });

  it('without TOP_DOWN the first stored row is the bottom one, and padding after a row is skipped', () => {
    const data = Uint8Array.of(1, 2, 99, 99, 3, 4, 99, 99);
    const bitmap = { format: 5, width: 2, height: 2, stride: 4, data };
    expect(pixels({ ...bitmap, flags: 0 })).toEqual(greys(3, 4, 1, 2));
    expect(pixels({ ...bitmap, flags: topDown })).toEqual(greys(1, 2, 3, 4));
  });

  it('only formats with alpha say that they have it', () => {
    const target = createPixelBuffer(1, 1);
    const alpha = Array.from({ length: 10 }, (_format, i) =>
      decodeBitmap({ format: i + 1, flags: 0, width: 1, height: 1, stride: 4, data: new Uint8Array(4) }, grey, target),
    );
    expect(alpha.map(({ hasAlpha }) => hasAlpha)).toEqual([...Array.from({ length: 8 }, () => false), true, true]);
    expect(alpha.map(({ alphaOnly }) => alphaOnly)).toEqual([...Array.from({ length: 9 }, () => false), true]);
  });

  it('an index that the palette does not have is black', () => {
    const two = colourTable({ unique: 1n, entries: [0x111111, 0x222222] }, 32);
    expect(pixels({ format: 5, flags: topDown, width: 3, height: 1, stride: 3, data: Uint8Array.of(1, 2, 255) }, two)).toEqual([0x222222, 0, 0]);
  });

  it('palettes of 16-bit surfaces hold 15-bit colours; more than 256 entries are not looked at', () => {
    const entries = Array.from({ length: 300 }, () => 0x7fff);
    expect(new Set(colourTable({ unique: 1n, entries }, 16))).toEqual(new Set([0xffffff]));
    expect(colourTable({ unique: 1n, entries: [0xff123456] }, 32)[0]).toBe(0x123456);
  });

  it('5 bits become 8 so that 0 stays 0 and 31 becomes 255', () => {
    expect([0, 1, 16, 31].map((v) => widen555(v))).toEqual([0, 8, 132, 255]);
    expect(widen555(0x7fff)).toBe(0xffffff);
    expect(widen555(0x8000)).toBe(0);
  });

  const good: Bitmap = { format: 8, flags: 0, width: 2, height: 2, stride: 8, data: new Uint8Array(16) };
  it.each([
    ['a stride shorter than a row', { ...good, stride: 7 }, 'badStride'],
    ['fewer bytes than rows', { ...good, data: new Uint8Array(15) }, 'truncated'],
    ['a stride that reaches beyond all bytes', { ...good, stride: 0xffffffff }, 'truncated'],
    ['format 0', { ...good, format: 0 }, 'badFormat'],
    ['format 11', { ...good, format: 11 }, 'badFormat'],
    ['a width other than the target’s', { ...good, width: 1 }, 'sizeMismatch'],
    ['a height other than the target’s', { ...good, height: 3 }, 'sizeMismatch'],
    ['indexes without a palette', { ...good, format: 5 }, 'paletteMissing'],
  ])('%s is refused', (_name, bitmap, code) => {
    expect(() => decodeBitmap(bitmap, null, createPixelBuffer(2, 2))).toThrow(expect.objectContaining({ code }));
  });

  it('the last row needs no padding', () => {
    expect(pixels({ ...good, stride: 12, data: new Uint8Array(20) })).toEqual([0, 0, 0, 0]);
  });
});
