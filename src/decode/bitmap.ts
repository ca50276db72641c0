/**
 * BITMAP images: pixels that were not compressed, in any of ten formats. It does not look up cached palettes
 * (`image-decoder.ts` does), and a 1-bit bitmap that serves as a mask never comes here: drawing reads its bits.
 */
import { BitmapFlag, BitmapFormat } from '../protocol/constants.ts';
import { widen555 } from './colour.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { alphaOnlyPixels, alphaPixels, opaquePixels } from './decoded-info.ts';
import type { IndexPacking } from './indexed-pixels.ts';
import { checkRows, expandIndexes } from './indexed-pixels.ts';
import type { PixelBuffer } from './pixel-buffer.ts';

/** A bitmap as it lies in the message: `data` is `height` rows of `stride` bytes, bottom row first without `topDown`. */
export interface Bitmap {
  readonly format: number;
  readonly flags: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

const packings: Readonly<Record<number, IndexPacking>> = {
  [BitmapFormat.bit1Le]: 'bit1Le',
  [BitmapFormat.bit1Be]: 'bit1Be',
  [BitmapFormat.bit4Le]: 'bit4Le',
  [BitmapFormat.bit4Be]: 'bit4Be',
  [BitmapFormat.bit8]: 'bit8',
};

/**
 * Writes the bitmap's pixels into a target of its size.
 * @param table the colours of the indexed formats; not looked at for the others
 * @throws DecodeError `sizeMismatch`, `badStride`, `truncated`, `paletteMissing`, `badFormat`
 */
export function decodeBitmap(bitmap: Bitmap, table: Uint32Array | null, target: PixelBuffer): DecodedInfo {
  const { format, width, height, stride, data } = bitmap;
  if (width !== target.width) throw new DecodeError('sizeMismatch', 'bitmap.width', width, target.width);
  if (height !== target.height) throw new DecodeError('sizeMismatch', 'bitmap.height', height, target.height);
  const topDown = (bitmap.flags & BitmapFlag.topDown) !== 0;
  const packing = packings[format];
  if (packing !== undefined) {
    if (table === null) throw new DecodeError('paletteMissing', 'bitmap.palette', 0);
    expandIndexes(packing, data, stride, table, target, topDown);
    return opaquePixels;
  }
  checkRows(data, width * bytesPerPixel(format), stride, height);
  const targetStep = (topDown ? 1 : -1) * (target.strideBytes >>> 2);
  let out = topDown ? 0 : (height - 1) * (target.strideBytes >>> 2);
  for (let y = 0, row = 0; y < height; y++, row += stride, out += targetStep) {
    copyRow(format, data, row, target.words, out, width);
  }
  return format === BitmapFormat.rgba ? alphaPixels : format === BitmapFormat.bit8Alpha ? alphaOnlyPixels : opaquePixels;
}

function bytesPerPixel(format: number): number {
  switch (format) {
    case BitmapFormat.bit16:
      return 2;
    case BitmapFormat.bit24:
      return 3;
    case BitmapFormat.bit32:
    case BitmapFormat.rgba:
      return 4;
    case BitmapFormat.bit8Alpha:
      return 1;
    default:
      throw new DecodeError('badFormat', 'bitmap.format', format, BitmapFormat.bit8Alpha);
  }
}

function copyRow(format: number, data: Uint8Array, row: number, words: Uint32Array, out: number, width: number): void {
  const end = out + width;
  let at = row;
  switch (format) {
    case BitmapFormat.bit16:
      for (; out < end; out++, at += 2) words[out] = widen555(data[at]! | (data[at + 1]! << 8));
      break;
    case BitmapFormat.bit24:
      for (; out < end; out++, at += 3) words[out] = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16);
      break;
    case BitmapFormat.bit32:
      for (; out < end; out++, at += 4) words[out] = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16);
      break;
    case BitmapFormat.rgba:
      for (; out < end; out++, at += 4) {
        words[out] = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
      }
      break;
    default: // bit8Alpha: `bytesPerPixel` let nothing else through
      for (; out < end; out++, at++) words[out] = data[at]! << 24;
      break;
  }
}
