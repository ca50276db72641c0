import { describe, expect, it } from 'vitest';
import { decodeLz4 } from '#app/decode/lz4.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const block = (...bytes: number[]) => [0, 0, bytes.length >>> 8, bytes.length & 255, ...bytes];
function decode(width: number, height: number, bytes: readonly number[]): number[] {
  const target = createPixelBuffer(width, height);
  decodeLz4(Uint8Array.from(bytes), target, roomyBudget());
  return [...target.words];
}
const repeated = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);

describe('LZ4', () => {
  it('a block of literals; the container says format and direction', () => {
    expect(decode(2, 1, [1, 7, ...block(0x60, 1, 2, 3, 4, 5, 6)])).toEqual([0x030201, 0x060504]);
    expect(decode(1, 2, [0, 8, ...block(0x80, 1, 2, 3, 99, 4, 5, 6, 99)])).toEqual([0x060504, 0x030201]);
    expect(decode(1, 1, [1, 9, ...block(0x40, 1, 2, 3, 4)])).toEqual([0x04030201]);
    expect(decode(1, 1, [1, 6, ...block(0x20, 0x00, 0x7c)])).toEqual([0xff0000]);
    expect(decode(1, 1, [1, 10, ...block(0x10, 9)])).toEqual([0x09000000]);
  });

  it('a match repeats bytes and may overlap itself', () => {
    expect(decode(4, 1, [1, 8, ...block(0x40 | 8, 1, 2, 3, 0, 4, 0, 0x00)])).toEqual(repeated(0x030201, 4));
  });

  it('long lengths go on in bytes until one is not 255', () => {
    const literals = repeated(7, 15 + 255 + 2);
    const rest = 1200 - literals.length;
    const match = rest - 4 - 15;
    const stream = block(0xff, 255, 2, ...literals, 1, 0, ...repeated(255, Math.floor(match / 255)), match % 255, 0x00);
    expect(new Set(decode(300, 1, [1, 8, ...stream]))).toEqual(new Set([0x070707]));
  });

  it('a match reaches into earlier blocks', () => {
    expect(decode(2, 1, [1, 8, ...block(0x40, 1, 2, 3, 0), ...block(0x00, 4, 0, 0x00)])).toEqual([0x030201, 0x030201]);
  });

  it.each<[string, number[], string]>([
    ['no header', [1], 'truncated'],
    ['an indexed format', [1, 5, ...block(0x20, 1, 2)], 'badFormat'],
    ['fewer bytes than the image has', [1, 8, ...block(0x40, 1, 2, 3, 0)], 'truncated'],
    ['a block longer than the data', [1, 8, 0, 0, 0, 9, 0x80, 0, 0, 0, 0, 0, 0, 0], 'truncated'],
    ['a block of 4 GiB', [1, 8, 255, 255, 255, 255, 0], 'truncated'],
    ['an empty block', [1, 8, 0, 0, 0, 0], 'truncated'],
    ['literals beyond their block', [1, 8, ...block(0x80, 1)], 'badBlock'],
    ['a length that never ends', [1, 8, ...block(0xf0, 255, 255)], 'badBlock'],
    ['half an offset', [1, 8, ...block(0x14, 1, 1)], 'badBlock'],
    ['a block that ends with a match', [1, 8, ...block(0x40, 1, 2, 3, 0, 4, 0)], 'badBlock'],
    ['distance 0', [1, 8, ...block(0x40, 1, 2, 3, 0, 0, 0, 0)], 'badDistance'],
    ['a distance before the first byte', [1, 8, ...block(0x40, 1, 2, 3, 0, 5, 0, 0)], 'badDistance'],
    ['more literals than the image has bytes', [1, 8, ...block(0x90, ...repeated(1, 9))], 'overrun'],
    ['a match longer than the image', [1, 8, ...block(0x41, 1, 2, 3, 0, 1, 0, 0)], 'overrun'],
  ])('%s is an error', (_name, bytes, code) => {
    expect(() => decode(2, 1, bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('more pixels than the bytes could make at their best are refused before anything is allocated', () => {
    expect(() => decode(4000, 4000, [1, 8, ...block(0x40, 1, 2, 3, 0)])).toThrow(expect.objectContaining({ code: 'oversize' }));
  });
});
