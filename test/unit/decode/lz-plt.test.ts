import { describe, expect, it } from 'vitest';
import { colourTable } from '#app/decode/colour.js';
import { decodeLzPlt } from '#app/decode/lz-plt.js';
import { createPixelBuffer } from '#app/decode/pixel-buffer.js';
import { roomyBudget } from '../../support/roomy-budget.js';

const table = colourTable({ unique: 1n, entries: Array.from({ length: 256 }, (_entry, i) => i) }, 32);
const be32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
function decode(type: number, width: number, height: number, stride: number, stream: readonly number[], topDown = 1): number[] {
  const target = createPixelBuffer(width, height);
  const bytes = [0x20205a4c, 0x00010001, type, width, height, stride, topDown].flatMap(be32);
  decodeLzPlt(Uint8Array.from([...bytes, ...stream]), table, target, roomyBudget());
  return [...target.words];
}

describe('LZ with a palette', () => {
  it.each([
    ['PLT1_LE', 1, 10, [0b101, 0b10], [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]],
    ['PLT1_BE', 2, 10, [0b10100000, 0b01000000], [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]],
    ['PLT4_LE', 3, 3, [0x21, 0x03], [1, 2, 3]],
    ['PLT4_BE', 4, 3, [0x12, 0x30], [1, 2, 3]],
    ['PLT8', 5, 2, [7, 255], [7, 255]],
  ])('%s: units are bytes', (_name, type, width, row, expected) => {
    expect(decode(type, width, 1, row.length, [row.length - 1, ...row])).toEqual(expected);
  });

  it('padding of the server’s rows is part of the stream and not of the picture; matches are two longer than written', () => {
    // Two rows of stride 4: 1 2 0 0, and the same again from 4 units back.
    expect(decode(5, 2, 2, 4, [3, 1, 2, 0, 0, 2 << 5, 3])).toEqual([1, 2, 1, 2]);
  });

  it('the stream says which row comes first', () => {
    expect(decode(5, 1, 2, 1, [1, 8, 9], 0)).toEqual([9, 8]);
    expect(decode(5, 1, 2, 1, [1, 8, 9], 1)).toEqual([8, 9]);
  });

  it.each<[string, () => unknown, string]>([
    ['a type without palette', () => decode(8, 1, 1, 4, [0, 1, 1, 1]), 'badHeader'],
    ['a stride shorter than a row', () => decode(2, 9, 1, 1, [0, 1]), 'badStride'],
    ['a stride that asks for more than the bytes can make', () => decode(5, 1, 1, 0xffffffff, [0, 1]), 'oversize'],
    ['a unit short', () => decode(5, 2, 1, 2, [0, 1]), 'truncated'],
    ['a unit too many', () => decode(5, 2, 1, 2, [2, 1, 1, 1]), 'overrun'],
  ])('%s is an error', (_name, run, code) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
