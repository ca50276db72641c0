// JPEG for tests: the decoder as the display's actor has it, and encoded pictures of known colours.
import library from '@julusian/jpeg-turbo';
import { loadJpegDecoder } from '#app/actors/jpeg-decoder.js';
import type { DecodeJpeg } from '#app/decode/jpeg.js';

export const libraryJpeg: DecodeJpeg | null = await loadJpegDecoder();

/** A JPEG of 32-bit pixels (0x00RRGGBB). Without subsampling and at quality 100 it is within a dozen steps of them: the library decodes by its quick transform. */
export function jpegOf(width: number, height: number, words: Uint32Array, { quality = 100, gray = false } = {}): Uint8Array {
  const subsampling = gray ? library.SAMP_GRAY : library.SAMP_444;
  // Of its own: the library hands out a view of a larger buffer.
  return Uint8Array.from(library.compressSync(Buffer.from(words.buffer, words.byteOffset, words.byteLength), { format: library.FORMAT_BGRX, width, height, subsampling, quality }));
}

/** Smooth colours, which JPEG keeps well. */
export function gradient(width: number, height: number): Uint32Array {
  return Uint32Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return (Math.round((255 * x) / width) << 16) | (Math.round((255 * y) / height) << 8) | 128;
  });
}

/** The largest difference of any colour byte. */
export function farthest(a: Uint32Array, b: Uint32Array): number {
  let most = 0;
  for (let at = 0; at < a.length; at++) for (const shift of [0, 8, 16]) most = Math.max(most, Math.abs(((a[at]! >>> shift) & 255) - ((b[at]! >>> shift) & 255)));
  return most;
}
