/**
 * Rows of palette indexes (1, 4 or 8 bits a pixel) to pixels. Bitmaps come so from the wire and LZ_PLT images come so
 * out of LZ; both end here. It checks the rows against the memory once and then cannot leave either side.
 */
import { DecodeError } from './decode-error.ts';
import type { PixelBuffer } from './pixel-buffer.ts';

/** How indexes lie in a byte. `Le` has the leftmost pixel in the least significant bits, `Be` in the most significant. */
export type IndexPacking = 'bit1Le' | 'bit1Be' | 'bit4Le' | 'bit4Be' | 'bit8';

/** The bytes that a row of `width` pixels needs at least. */
export function indexedRowBytes(packing: IndexPacking, width: number): number {
  switch (packing) {
    case 'bit1Le':
    case 'bit1Be':
      return (width + 7) >>> 3;
    case 'bit4Le':
    case 'bit4Be':
      return (width + 1) >>> 1;
    case 'bit8':
      return width;
  }
}

/**
 * Checks that `data` holds `height` rows of `rowBytes`, one each `stride` bytes. The last row need not be padded.
 * @throws DecodeError `badStride` or `truncated`
 */
export function checkRows(data: Uint8Array, rowBytes: number, stride: number, height: number): void {
  if (stride < rowBytes) throw new DecodeError('badStride', 'stride', stride, rowBytes);
  const needed = stride * (height - 1) + rowBytes;
  if (data.length < needed) throw new DecodeError('truncated', 'data', data.length, needed);
}

/**
 * Looks up each index of each row in `table` (256 colours) and writes the pixels.
 * @param topDown whether the first row in `data` is the top one
 * @throws DecodeError as `checkRows` does
 */
export function expandIndexes(
  packing: IndexPacking,
  data: Uint8Array,
  stride: number,
  table: Uint32Array,
  target: PixelBuffer,
  topDown: boolean,
): void {
  const { width, height, words } = target;
  checkRows(data, indexedRowBytes(packing, width), stride, height);
  const targetStep = (topDown ? 1 : -1) * (target.strideBytes >>> 2);
  let out = topDown ? 0 : (height - 1) * (target.strideBytes >>> 2);
  for (let y = 0, row = 0; y < height; y++, row += stride, out += targetStep) {
    switch (packing) {
      case 'bit1Le':
        expandBits(data, row, table, words, out, width, 0);
        break;
      case 'bit1Be':
        expandBits(data, row, table, words, out, width, 7);
        break;
      case 'bit4Le':
        expandNibbles(data, row, table, words, out, width, 0);
        break;
      case 'bit4Be':
        expandNibbles(data, row, table, words, out, width, 4);
        break;
      case 'bit8':
        for (let x = 0; x < width; x++) words[out + x] = table[data[row + x]!]!;
        break;
    }
  }
}

/** `flip` is 0 for the least significant bit first, 7 for the most significant. */
function expandBits(
  data: Uint8Array,
  row: number,
  table: Uint32Array,
  words: Uint32Array,
  out: number,
  width: number,
  flip: number,
): void {
  const zero = table[0]!;
  const one = table[1]!;
  for (let x = 0; x < width; x++) {
    words[out + x] = ((data[row + (x >>> 3)]! >>> ((x & 7) ^ flip)) & 1) === 0 ? zero : one;
  }
}

/** `flip` is 0 for the low nibble first, 4 for the high one. */
function expandNibbles(
  data: Uint8Array,
  row: number,
  table: Uint32Array,
  words: Uint32Array,
  out: number,
  width: number,
  flip: number,
): void {
  for (let x = 0; x < width; x++) {
    words[out + x] = table[(data[row + (x >>> 1)]! >>> (((x & 1) << 2) ^ flip)) & 15]!;
  }
}
