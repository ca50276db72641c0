/**
 * Memory that decoders write pixels into: 32 bits a pixel, rows top-down, bytes B, G, R, X (or A, premultiplied). It owns
 * nothing and locks nothing: it is a view, over an ordinary buffer or over a surface in shared memory, of exactly the
 * image's size. On the data path it is the end of decoding and the beginning of drawing.
 */
import { DecodeError } from './decode-error.ts';

/** The longest side of an image, in pixels. Larger ones are refused before anything is allocated for them. */
export const imageSideMax = 32_768;
/** The most pixels an image may have: 8192 x 8192, which is 256 MiB decoded. */
export const imagePixelsMax = 67_108_864;

/**
 * A rectangle of 32-bit pixels. `bytes` and `words` begin at the top left pixel and are the same memory, so its offset is
 * a multiple of 4 and `strideBytes` is too. A word is 0xAARRGGBB: the hosts that Node runs on are little-endian. The
 * fourth byte means something only where the decoder said that the image has alpha; otherwise decoders write 0.
 */
export interface PixelBuffer {
  readonly width: number;
  readonly height: number;
  readonly strideBytes: number;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/**
 * Checks a size that the peer claims, before anyone allocates for it.
 * @throws DecodeError `oversize` for a side of 0 or above `imageSideMax`, or an area above `imagePixelsMax`
 */
export function checkImageSize(width: number, height: number): void {
  if (!(width >= 1 && width <= imageSideMax)) throw new DecodeError('oversize', 'width', width, imageSideMax);
  if (!(height >= 1 && height <= imageSideMax)) throw new DecodeError('oversize', 'height', height, imageSideMax);
  if (width * height > imagePixelsMax) throw new DecodeError('oversize', 'width * height', width * height, imagePixelsMax);
}

/**
 * A buffer of its own for one image, all pixels 0.
 * @throws DecodeError as `checkImageSize` does
 */
export function createPixelBuffer(width: number, height: number): PixelBuffer {
  checkImageSize(width, height);
  return pixelBufferOver(new ArrayBuffer(width * height * 4), 0, width, height, width * 4);
}

/**
 * A view of `width` x `height` pixels whose top left one lies `byteOffset` bytes into `memory`; a part of a surface is
 * made so, with the surface's stride. Offset and stride are in bytes and must be multiples of 4.
 * @throws RangeError when the rectangle does not lie inside the memory: that is the caller's mistake, not the peer's
 */
export function pixelBufferOver(
  memory: ArrayBufferLike,
  byteOffset: number,
  width: number,
  height: number,
  strideBytes: number,
): PixelBuffer {
  if (byteOffset % 4 !== 0 || strideBytes % 4 !== 0 || strideBytes < width * 4) {
    throw new RangeError(`pixel rows at ${byteOffset} with stride ${strideBytes} are not aligned words`);
  }
  const byteLength = height === 0 ? 0 : (height - 1) * strideBytes + width * 4;
  return {
    width,
    height,
    strideBytes,
    bytes: new Uint8Array(memory, byteOffset, byteLength),
    words: new Uint32Array(memory, byteOffset, byteLength / 4),
  };
}
