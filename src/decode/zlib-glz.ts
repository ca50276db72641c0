/**
 * ZLIB_GLZ_RGB: a GLZ stream inside a zlib stream of its own. The zlib comes from outside, because this folder knows no
 * host; what is checked here is that neither the announced size nor what came out is more than was agreed.
 */
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { decodeGlz } from './glz.ts';
import type { GlzWindow } from './glz-window.ts';
import type { PixelBuffer } from './pixel-buffer.ts';

/**
 * Inflates a zlib stream (RFC 1950) to at most `outputBytes` bytes, synchronously. It throws on bad input and on more
 * output than that.
 */
export type Inflate = (input: Uint8Array, outputBytes: number) => Uint8Array;

/** Deflate cannot expand by more than this. */
const inflateRatioMax = 1032;
/** No encoding of a pixel takes more than two matches of 8 bytes; the rest is for the header. */
const glzBytesPerPixelMax = 16;
const glzBytesExtra = 64;

/**
 * @param glzDataSize the size of the GLZ stream that the message announces
 * @throws DecodeError `oversize` when that is more than the zlib stream or the image can account for, `inflateFailed`,
 *   `overBudget`, and all that `decodeGlz` throws
 */
export function decodeZlibGlz(
  glzDataSize: number,
  data: Uint8Array,
  inflate: Inflate,
  window: GlzWindow,
  target: PixelBuffer,
): DecodedInfo {
  const bytesMax = Math.min(
    data.length * inflateRatioMax,
    target.width * target.height * glzBytesPerPixelMax + glzBytesExtra,
  );
  if (glzDataSize > bytesMax) throw new DecodeError('oversize', 'zlibGlz.glzDataSize', glzDataSize, bytesMax);
  requireWorking(window.budget, glzDataSize, 'zlibGlz.glzDataSize');
  let stream: Uint8Array;
  try {
    stream = inflate(data, glzDataSize);
  } catch {
    throw new DecodeError('inflateFailed', 'zlibGlz.data', data.length, glzDataSize);
  }
  if (stream.length !== glzDataSize) {
    throw new DecodeError('inflateFailed', 'zlibGlz.glzDataSize', stream.length, glzDataSize);
  }
  return decodeGlz(stream, window, target);
}
