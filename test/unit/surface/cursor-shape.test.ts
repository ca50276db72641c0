import { expect, test } from 'vitest';
import { decodeCursor } from '#app/surface/cursor-shape.js';
import type { CursorShape } from '#app/surface/cursor-shape.js';

const wire = (type: number, width: number, height: number, data: readonly number[], hotSpotX = 0, hotSpotY = 0) =>
  ({ unique: 1n, type, width, height, hotSpotX, hotSpotY, data: Uint8Array.from(data) });

/** Pixels as 0xAARRGGBB. */
function wordsOf(shape: CursorShape | string): string[] {
  if (typeof shape === 'string') throw new Error(shape);
  return [...new Uint32Array(shape.pixels.buffer)].map((word) => word.toString(16).padStart(8, '0'));
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const [clear, black, white] = ['00000000', 'ff000000', 'ffffffff'];

test('ALPHA is taken as it is: premultiplied B, G, R, A', () => {
  expect(wordsOf(decodeCursor(wire(0, 2, 1, [1, 2, 3, 4, 5, 6, 7, 255])))).toEqual(['04030201', 'ff070605']);
});

test('MONO has black, white, transparent and inverse pixels, the most significant bit leftmost, rows padded', () => {
  // AND 0011, XOR 0101 in each row of a shape 9 pixels wide: two bytes a row.
  const shape = decodeCursor(wire(1, 9, 2, [0b0011_0000, 0x80, 0b0011_0000, 0x80, 0b0101_0000, 0, 0b0101_0000, 0]));
  const words = wordsOf(shape);
  expect(words.slice(0, 3)).toEqual([black, white, clear]);
  expect([words[8], words[17]]).toEqual([clear, clear]);
  // What cannot be inverted is black and white by turns, so that it shows on any ground.
  expect(new Set([words[3], words[12]])).toEqual(new Set([black, white]));
});

test('COLOR4 looks its nibbles up in 16 colours, high nibble first, rows padded to a byte', () => {
  const palette = zeros(16 * 4);
  palette.splice(5 * 4, 4, 0x11, 0x22, 0x33, 0);
  palette.splice(15 * 4, 4, 0xff, 0xff, 0xff, 0);
  const shape = decodeCursor(wire(2, 3, 2, [0x5f, 0x50, 0xf5, 0xf0, ...palette, 0b0010_0000, 0b0000_0000]));
  expect(wordsOf(shape)).toEqual(['ff332211', white, clear, white, 'ff332211', white]);
});

test('COLOR8 looks its bytes up in 256 colours, which the reference client cannot', () => {
  const palette = zeros(256 * 4);
  palette.splice(200 * 4, 4, 1, 2, 3, 0);
  expect(wordsOf(decodeCursor(wire(3, 8, 1, [200, 0, 200, 0, 200, 0, 200, 0, ...palette, 0b0100_0000])))).toEqual(
    ['ff030201', clear, 'ff030201', black, 'ff030201', black, 'ff030201', black],
  );
});

test('COLOR16 widens five bits to eight', () => {
  expect(wordsOf(decodeCursor(wire(4, 2, 1, [0x00, 0x7c, 0x10, 0x42, 0])))).toEqual(['ffff0000', 'ff848484']);
});

test('COLOR24 is B, G, R, which the reference client cannot either', () => {
  expect(wordsOf(decodeCursor(wire(5, 2, 1, [1, 2, 3, 4, 5, 6, 0b0100_0000])))).toEqual(['ff030201', clear]);
});

test('COLOR32 ignores the fourth byte; a masked white pixel inverts, any other masked one is transparent', () => {
  const words = wordsOf(decodeCursor(wire(6, 4, 1, [1, 2, 3, 77, 255, 255, 255, 0, 9, 9, 9, 0, 255, 255, 255, 0, 0b0110_0000])));
  expect([words[0], words[2], words[3]]).toEqual(['ff030201', clear, white]);
  expect(['ff000000', 'ffffffff']).toContain(words[1]);
});

test('a mask whose rows are not padded is told by its length', () => {
  const pixels = zeros(3 * 3 * 4);
  // 9 bits in 2 bytes: only the pixel in the middle, and the last, are transparent. Padded it would take 3 bytes.
  const packed = wordsOf(decodeCursor(wire(6, 3, 3, [...pixels, 0b0000_1000, 0b1000_0000])));
  const padded = wordsOf(decodeCursor(wire(6, 3, 3, [...pixels, 0, 0b0100_0000, 0b0010_0000])));
  expect(packed).toEqual(padded);
  expect(packed.map((word) => word === clear)).toEqual([false, false, false, false, true, false, false, false, true]);
});

test('a hot spot outside the shape is moved to its edge', () => {
  expect(decodeCursor(wire(0, 2, 1, zeros(8), 65_535, 9))).toMatchObject({ hotSpotX: 1, hotSpotY: 0 });
});

test.each([0, 1, 2, 3, 4, 5, 6])('type %i with a byte too few is refused, for any length', (type) => {
  const needed = [32 * 32 * 4, 256, 16 * 32 + 64 + 128, 1024 + 1024 + 128, 2048 + 128, 3072 + 128, 4096 + 128][type]!;
  for (const length of [0, 1, needed >> 1, needed - 1]) expect(decodeCursor(wire(type, 32, 32, zeros(length)))).toBe('truncated');
  expect(typeof decodeCursor(wire(type, 32, 32, zeros(needed)))).toBe('object');
});

test('sizes of nothing or beyond reason, and types nobody knows, are refused', () => {
  expect(decodeCursor(wire(0, 0, 4, []))).toBe('size');
  expect(decodeCursor(wire(0, 65_535, 65_535, []))).toBe('size');
  expect(decodeCursor(wire(7, 1, 1, zeros(8)))).toBe('unknown-type');
});
