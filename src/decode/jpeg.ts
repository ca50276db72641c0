/**
 * JPEG and JPEG_ALPHA images. The decompression itself comes from outside, because this folder knows no host; here the header
 * is checked before anyone decodes, and the colours and the alpha plane are brought together. Lossy: the cache marks them so.
 */
import type { ByteBudget } from './byte-budget.ts';
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { opaquePixels } from './decoded-info.ts';
import { readJpegHeader } from './jpeg-header.ts';
import { decodeLz } from './lz.ts';
import { lzType, readLzHeader } from './lz-header.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { copyStreamOrder, isPacked } from './stream-order.ts';

/**
 * Decompresses a JPEG into `output`: rows top-down without padding, 4 bytes a pixel, B, G, R and one that means nothing.
 * `output` has exactly the size that the header tells. False when the JPEG is damaged; `output` is then undefined.
 */
export type DecodeJpeg = (jpeg: Uint8Array, output: Uint8Array) => boolean;

/**
 * @throws DecodeError `truncated`, `badHeader`, `sizeMismatch`, `overBudget`, `jpegFailed`
 */
export function decodeJpeg(jpeg: Uint8Array, decode: DecodeJpeg, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  const { width, height } = readJpegHeader(jpeg);
  if (width !== target.width) throw new DecodeError('sizeMismatch', 'jpeg.width', width, target.width);
  if (height !== target.height) throw new DecodeError('sizeMismatch', 'jpeg.height', height, target.height);
  if (isPacked(target)) {
    decompress(jpeg, decode, target.bytes, target.words);
    return opaquePixels;
  }
  requireWorking(budget, width * height * 4, 'jpeg.words');
  const words = new Uint32Array(width * height);
  decompress(jpeg, decode, new Uint8Array(words.buffer), words);
  copyStreamOrder(words, target, true);
  return opaquePixels;
}

/**
 * A JPEG and then the alpha plane as an LZ stream. The colours are premultiplied already: the server compresses them as they lie.
 * @param jpegSize how many of the bytes are the JPEG
 * @param topDown what the image's flags say of the alpha plane; its own header must say the same
 * @throws DecodeError as `decodeJpeg` and `decodeLz` do
 */
export function decodeJpegAlpha(data: Uint8Array, jpegSize: number, topDown: boolean, decode: DecodeJpeg, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  if (jpegSize > data.length) throw new DecodeError('truncated', 'jpegAlpha.jpegSize', data.length, jpegSize);
  const plane = data.subarray(jpegSize);
  const header = readLzHeader(plane);
  if (header.type !== lzType.xxxa) throw new DecodeError('badHeader', 'jpegAlpha.type', header.type, lzType.xxxa);
  if (header.topDown !== topDown) throw new DecodeError('badHeader', 'jpegAlpha.topDown', Number(header.topDown), Number(topDown));
  decodeJpeg(data.subarray(0, jpegSize), decode, target, budget);
  return decodeLz(plane, target, budget);
}

function decompress(jpeg: Uint8Array, decode: DecodeJpeg, output: Uint8Array, words: Uint32Array): void {
  if (!decode(jpeg, output)) throw new DecodeError('jpegFailed', 'jpeg.data', jpeg.length);
  // What the fourth bytes hold is the library's affair; here they are 0, as those of every opaque image.
  for (let at = 0; at < words.length; at++) words[at] = words[at]! & 0xff_ff_ff;
}
