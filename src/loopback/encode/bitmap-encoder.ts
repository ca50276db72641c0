/**
 * Uncompressed bitmaps for the test server: a picture, or palette indexes, as rows of any of the ten formats, either way
 * up and with as much padding as a test likes.
 */
import { to555 } from './lz-encoder.ts';
import type { Picture } from './picture.ts';

/** Formats that a picture's colours and alpha fill. */
export type BitmapPixelFormat = 'bit16' | 'bit24' | 'bit32' | 'rgba' | 'bit8Alpha';
/** Formats that palette indexes fill. */
export type BitmapIndexFormat = 'bit1Le' | 'bit1Be' | 'bit4Le' | 'bit4Be' | 'bit8';

/** The fields of a BITMAP body that follow from encoding. `flags` has bit 4 (TOP_DOWN) only. */
export interface EncodedBitmap {
  readonly format: number;
  readonly flags: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

const formatNumbers = { bit1Le: 1, bit1Be: 2, bit4Le: 3, bit4Be: 4, bit8: 5, bit16: 6, bit24: 7, bit32: 8, rgba: 9, bit8Alpha: 10 } as const;
const formatBits = { bit1Le: 1, bit1Be: 1, bit4Le: 4, bit4Be: 4, bit8: 8, bit16: 16, bit24: 24, bit32: 32, rgba: 32, bit8Alpha: 8 } as const;

export interface RowOptions {
  readonly topDown?: boolean;
  /** Bytes of padding after each row. */
  readonly padding?: number;
}

export function encodeBitmap(picture: Picture, format: BitmapPixelFormat, options: RowOptions = {}): EncodedBitmap {
  const bytesPerPixel = formatBits[format] / 8;
  return layRows(picture.width, picture.height, format, options, (data, row, x, y) => {
    const word = picture.words[y * picture.width + x]!;
    const stored = format === 'bit16' ? to555(word) : format === 'bit8Alpha' ? word >>> 24 : word;
    for (let i = 0; i < bytesPerPixel; i++) data[row + x * bytesPerPixel + i] = (stored >>> (8 * i)) & 255;
  });
}

/** @param indexes one byte a pixel, packed rows, top row first; only the bits that the format has are stored */
export function encodeIndexedBitmap(
  indexes: Uint8Array,
  width: number,
  height: number,
  format: BitmapIndexFormat,
  options: RowOptions = {},
): EncodedBitmap {
  const bits = formatBits[format];
  const perByte = 8 / bits;
  const leastFirst = format === 'bit1Le' || format === 'bit4Le';
  return layRows(width, height, format, options, (data, row, x, y) => {
    const index = indexes[y * width + x]! & ((1 << bits) - 1);
    const place = leastFirst ? x % perByte : perByte - 1 - (x % perByte);
    const at = row + Math.floor(x / perByte);
    data[at] = data[at]! | (index << (place * bits));
  });
}

function layRows(
  width: number,
  height: number,
  format: BitmapPixelFormat | BitmapIndexFormat,
  { topDown = true, padding = 0 }: RowOptions,
  store: (data: Uint8Array, row: number, x: number, y: number) => void,
): EncodedBitmap {
  const stride = Math.ceil((width * formatBits[format]) / 8) + padding;
  const data = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const row = (topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) store(data, row, x, y);
  }
  return { format: formatNumbers[format], flags: topDown ? 4 : 0, width, height, stride, data };
}
