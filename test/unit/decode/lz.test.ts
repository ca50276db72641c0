import { describe, expect, it } from 'vitest';
import { decodeLz } from '#app/decode/lz.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { createGuardedTarget } from '../../support/guarded-target.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const be32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const header = (type: number, width: number, height: number, topDown = 1) => [
  ...be32(0x20205a4c), ...be32(0x00010001), ...be32(type), ...be32(width), ...be32(height), ...be32(width * 4), ...be32(topDown),
];
function decode(type: number, width: number, height: number, stream: readonly number[], topDown = 1): number[] {
  const target = createPixelBuffer(width, height);
  decodeLz(Uint8Array.from([...header(type, width, height, topDown), ...stream]), target, roomyBudget());
  return [...target.words];
}
const repeated = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);

describe('LZ', () => {
  it('literals: a control byte c below 32 is followed by c + 1 pixels B, G, R', () => {
    expect(decode(8, 2, 1, [1, 1, 2, 3, 4, 5, 6])).toEqual([0x030201, 0x060504]);
  });

  it('a match of distance 1 is a run: control byte, then the low byte of distance minus 1', () => {
    expect(decode(8, 6, 1, [0, 9, 9, 9, (5 << 5) | 0, 0])).toEqual(repeated(0x090909, 6));
  });

  it('a length of 7 goes on in bytes until one is not 255, and they come before the low distance byte', () => {
    expect(decode(8, 1 + 7 + 255 + 3, 1, [0, 9, 9, 9, 7 << 5, 255, 3, 0])).toEqual(repeated(0x090909, 266));
    expect(decode(8, 1 + 7 + 255, 1, [0, 9, 9, 9, 7 << 5, 255, 0, 0])).toEqual(repeated(0x090909, 263));
  });

  it('a match copies from farther back, overlap included', () => {
    const [a, b] = [0x010101, 0x020202];
    expect(decode(8, 7, 1, [1, 1, 1, 1, 2, 2, 2, (5 << 5) | 0, 1])).toEqual([a, b, a, b, a, b, a]);
  });

  it('the farthest distances have two more bytes: 8191 and their value', () => {
    const count = 8192 + 258;
    const literals: number[] = [];
    for (let i = 0; i < count; i++) {
      if (i % 32 === 0) literals.push(Math.min(32, count - i) - 1);
      literals.push(i & 255, i >>> 8, 7);
    }
    // Distance 8192 + 0x0101 = 8449, from unit 8450: unit 1.
    const words = decode(8, count + 2, 1, [...literals, (2 << 5) | 31, 255, 1, 1]);
    expect(words.slice(-2)).toEqual([0x070001, 0x070002]);
  });

  it('RGB16 literals have the high byte first, and matches are one longer than written', () => {
    expect(decode(6, 4, 1, [0, 0x7c, 0x1f, 2 << 5, 0])).toEqual(repeated(0xff00ff, 4));
  });

  it('RGBA is a colour pass and then an alpha pass whose matches are two longer than written', () => {
    expect(decode(9, 4, 1, [0, 1, 2, 3, 3 << 5, 0, 0, 0x80, 1 << 5, 0])).toEqual(repeated(0x80030201, 4));
  });

  it('XXXA lays alpha over the colours that are there, also upside down and with rows apart', () => {
    const stream = Uint8Array.from([...header(10, 2, 2, 0), 3, 1, 2, 3, 4]);
    for (const gap of [0, 8]) {
      const { target, packed } = createGuardedTarget(2, 2, gap);
      for (let y = 0; y < 2; y++) for (let x = 0; x < 2; x++) target.words[(y * target.strideBytes) / 4 + x] = 0xff0000 + y * 2 + x;
      expect(decodeLz(stream, target, roomyBudget())).toEqual({ hasAlpha: true, alphaOnly: false });
      expect([...new Uint32Array(packed().buffer)]).toEqual([0x03ff0000, 0x04ff0001, 0x01ff0002, 0x02ff0003]);
    }
  });

  it('A8 clears the colours', () => {
    const target = createPixelBuffer(2, 1);
    target.words.fill(0x12345678);
    expect(decodeLz(Uint8Array.from([...header(11, 2, 1), 1, 5, 6]), target, roomyBudget())).toEqual({ hasAlpha: true, alphaOnly: true });
    expect([...target.words]).toEqual([0x05000000, 0x06000000]);
  });

  it('without top_down the first row of the stream is the bottom one', () => {
    const stream = [5, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 5, 0, 0, 6, 0, 0];
    expect(decode(8, 2, 3, stream, 0)).toEqual([5, 6, 3, 4, 1, 2]);
  });

  it('the stream may go on behind the last pixel', () => {
    expect(decode(8, 1, 1, [0, 1, 2, 3, 99, 99])).toEqual([0x030201]);
  });

  it.each<[string, number[], string]>([
    ['no control byte', [], 'truncated'],
    ['half a pixel', [0, 1], 'truncated'],
    ['a length that never ends', [0, 1, 1, 1, 7 << 5, 255], 'truncated'],
    ['no low distance byte', [0, 1, 1, 1, 1 << 5], 'truncated'],
    ['half a far distance', [0, 1, 1, 1, (1 << 5) | 31, 255, 0], 'truncated'],
    ['a match before the first pixel', [1 << 5, 0], 'badDistance'],
    ['a match that reaches before the first pixel', [0, 1, 1, 1, 1 << 5, 1], 'badDistance'],
    ['more literals than pixels', [4, ...repeated(1, 15)], 'overrun'],
    ['a match longer than the image', [0, 1, 1, 1, 4 << 5, 0], 'overrun'],
  ])('%s is an error', (_name, stream, code) => {
    expect(() => decode(8, 2, 2, stream)).toThrow(expect.objectContaining({ code }));
  });

  it.each<[string, number[], string]>([
    ['a header cut short', header(8, 2, 2).slice(0, 27), 'truncated'],
    ['another magic', [0, ...header(8, 2, 2).slice(1)], 'badHeader'],
    ['another version', [...header(8, 2, 2).slice(0, 7), 2, ...header(8, 2, 2).slice(8)], 'badHeader'],
    ['a palette type', [...header(5, 2, 2), 3, 0, 0, 0, 0], 'badHeader'],
    ['type 12', [...header(12, 2, 2), 3, 0, 0, 0, 0], 'badHeader'],
    ['another width', header(8, 3, 2), 'sizeMismatch'],
    ['another height', header(8, 2, 0xffffffff), 'sizeMismatch'],
  ])('%s is an error', (_name, bytes, code) => {
    expect(() => decodeLz(Uint8Array.from(bytes), createPixelBuffer(2, 2), roomyBudget())).toThrow(expect.objectContaining({ code }));
  });

  it('more pixels than the bytes could make at their best are refused before any work', () => {
    expect(() => decode(8, 4000, 4000, [0, 1, 1, 1])).toThrow(expect.objectContaining({ code: 'oversize' }));
  });
});
