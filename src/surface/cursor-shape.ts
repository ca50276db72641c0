/**
 * Cursor shapes: from the seven kinds of pixels that the cursor channel sends to premultiplied 32-bit ones with a hot spot.
 * It knows neither where the pointer is nor which shapes are kept (`cursor-cache.ts`).
 */
import { CursorType } from '../protocol/constants.ts';
import type { CursorShape as WireShape } from '../protocol/messages/cursor.ts';

/** The longest side of a shape, in pixels. Real ones are 32 to 256. */
const cursorSideMax = 512;

/** A shape ready to show: rows top-down without padding, bytes B, G, R, A, colour premultiplied with alpha. */
export interface CursorShape {
  readonly width: number;
  readonly height: number;
  /** The pixel of the shape that is the pointer's position; always inside the shape. */
  readonly hotSpotX: number;
  readonly hotSpotY: number;
  readonly pixels: Uint8Array;
}

/** Why there is no shape: the last part of a gap key. */
export type CursorFault = 'size' | 'truncated' | 'unknown-type';

/** Decodes a shape, or says what is wrong with it. Bytes after the shape are left alone. */
export function decodeCursor(shape: WireShape): CursorShape | CursorFault {
  const { width, height } = shape;
  if (width < 1 || height < 1 || width > cursorSideMax || height > cursorSideMax) return 'size';
  const pixels = new Uint8Array(width * height * 4);
  const fault = decodePixels(shape.type, width, height, shape.data, pixels);
  if (fault !== null) return fault;
  return {
    width,
    height,
    hotSpotX: Math.min(shape.hotSpotX, width - 1),
    hotSpotY: Math.min(shape.hotSpotY, height - 1),
    pixels,
  };
}

function decodePixels(type: number, width: number, height: number, data: Uint8Array, pixels: Uint8Array): CursorFault | null {
  const words = new Uint32Array(pixels.buffer);
  const count = width * height;
  switch (type) {
    case CursorType.alpha:
      if (data.length < count * 4) return 'truncated';
      pixels.set(data.subarray(0, count * 4));
      return null;
    case CursorType.mono:
      return decodeMono(width, height, data, words);
    case CursorType.color4: {
      const rowBytes = (width + 1) >>> 1;
      const paletteAt = rowBytes * height;
      return decodeColors(width, height, data, paletteAt + 16 * 4, words, (x, y) => {
        const byte = data[y * rowBytes + (x >>> 1)] ?? 0;
        return readWord(data, paletteAt + ((x & 1) === 0 ? byte >>> 4 : byte & 15) * 4);
      });
    }
    case CursorType.color8:
      return decodeColors(width, height, data, count + 256 * 4, words, (x, y) => readWord(data, count + (data[y * width + x] ?? 0) * 4));
    case CursorType.color16:
      return decodeColors(width, height, data, count * 2, words, (x, y) => {
        const at = (y * width + x) * 2;
        const pixel = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8);
        return (widen5(pixel >>> 10) << 16) | (widen5(pixel >>> 5) << 8) | widen5(pixel);
      });
    case CursorType.color24:
      return decodeColors(width, height, data, count * 3, words, (x, y) => {
        const at = (y * width + x) * 3;
        return (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16);
      });
    case CursorType.color32:
      return decodeColors(width, height, data, count * 4, words, (x, y) => readWord(data, (y * width + x) * 4));
    default:
      return 'unknown-type';
  }
}

/** An AND mask, then an XOR mask: together black, white, nothing or the inverse of what is below. */
function decodeMono(width: number, height: number, data: Uint8Array, words: Uint32Array): CursorFault | null {
  const rowBytes = (width + 7) >>> 3;
  const xorAt = rowBytes * height;
  if (data.length < xorAt * 2) return 'truncated';
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * rowBytes + (x >>> 3);
      const and = isBitSet(data, at, x & 7);
      const xor = isBitSet(data, xorAt + at, x & 7);
      words[y * width + x] = and ? (xor ? inversePixel(x, y) : 0) : opaque(xor ? 0xff_ff_ff : 0);
    }
  }
  return null;
}

/**
 * Colours with a mask behind them: bit 0 is opaque; bit 1 leaves the screen as it is, or inverts it where the colour is white.
 */
function decodeColors(
  width: number,
  height: number,
  data: Uint8Array,
  maskAt: number,
  words: Uint32Array,
  colorAt: (x: number, y: number) => number,
): CursorFault | null {
  const rowBytes = (width + 7) >>> 3;
  const packedBytes = (width * height + 7) >>> 3;
  const maskBytes = data.length - maskAt;
  if (maskBytes < packedBytes) return 'truncated';
  // Guest drivers pad each row of the mask to a byte, the reference client indexes it without padding, and both agree when
  // the width is a multiple of 8. Otherwise the length tells which one this is.
  const padded = maskBytes >= rowBytes * height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = padded ? y * rowBytes * 8 + x : y * width + x;
      const color = colorAt(x, y) & 0xff_ff_ff;
      const masked = isBitSet(data, maskAt + (index >>> 3), index & 7);
      words[y * width + x] = masked ? (color === 0xff_ff_ff ? inversePixel(x, y) : 0) : opaque(color);
    }
  }
  return null;
}

/** Most significant bit first. */
function isBitSet(data: Uint8Array, at: number, bit: number): boolean {
  return ((data[at] ?? 0) & (0x80 >>> bit)) !== 0;
}

function readWord(data: Uint8Array, at: number): number {
  return (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24);
}

function opaque(color: number): number {
  return (color | 0xff_00_00_00) >>> 0;
}

/** Pixels that cannot invert what is below are a black and white pattern instead: visible on any ground. */
function inversePixel(x: number, y: number): number {
  return opaque(((x + y) & 1) === 0 ? 0 : 0xff_ff_ff);
}

/** 5 bits to 8. */
function widen5(value: number): number {
  const v = value & 31;
  return (v << 3) | (v >>> 2);
}
