/**
 * Pixels in stream order (the order in which an LZ-like codec produces them, packed, first row top or bottom) brought
 * into a target with its own stride. A codec whose matches reach back across rows can only run over packed memory.
 */
import type { PixelBuffer } from './pixel-buffer.ts';

/** Rows at least this wide, in pixels, are worth a view object for the sake of a block copy. */
const blockCopyWidthMin = 256;

/** Whether stream order is the order of the target's memory, except perhaps for the direction of rows. */
export function isPacked(target: PixelBuffer): boolean {
  return target.strideBytes === target.width * 4;
}

/** Copies packed pixels into the target, the first row to the top when `topDown`, else to the bottom. */
export function copyStreamOrder(pixels: Uint32Array, target: PixelBuffer, topDown: boolean): void {
  const { width, height, words } = target;
  if (topDown && isPacked(target)) {
    words.set(pixels);
    return;
  }
  const step = (topDown ? 1 : -1) * (target.strideBytes >>> 2);
  let out = topDown ? 0 : (height - 1) * (target.strideBytes >>> 2);
  for (let from = 0; from < pixels.length; from += width, out += step) {
    if (width >= blockCopyWidthMin) words.set(pixels.subarray(from, from + width), out);
    else for (let x = 0; x < width; x++) words[out + x] = pixels[from + x]!;
  }
}

/** The other way: the target's pixels as packed rows, the top one first when `topDown`, else the bottom one. */
export function readStreamOrder(target: PixelBuffer, pixels: Uint32Array, topDown: boolean): void {
  const { width, height, words } = target;
  const step = (topDown ? 1 : -1) * (target.strideBytes >>> 2);
  let from = topDown ? 0 : (height - 1) * (target.strideBytes >>> 2);
  for (let out = 0; out < pixels.length; out += width, from += step) {
    for (let x = 0; x < width; x++) pixels[out + x] = words[from + x]!;
  }
}

/** Turns a packed target upside down, for streams whose first row was the bottom one. */
export function flipRows(target: PixelBuffer): void {
  const { width, height, words } = target;
  for (let top = 0, bottom = (height - 1) * width; top < bottom; top += width, bottom -= width) {
    for (let x = 0; x < width; x++) {
      const word = words[top + x]!;
      words[top + x] = words[bottom + x]!;
      words[bottom + x] = word;
    }
  }
}
