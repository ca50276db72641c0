// JPEG task: one picture of a video, encoded in a pool's thread, because at full size that takes longer than who samples pictures may be away. The
// pixels' memory comes back with the result, so that a video needs a few of them and not one for each picture.

import turbo from '@julusian/jpeg-turbo';
import { move, Piscina } from 'piscina';

export interface JpegTask {
  /** Rows top-down without padding, bytes B, G, R, X; moved here. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** 1 to 100. */
  readonly quality: number;
}

export interface JpegResult {
  readonly jpeg: Uint8Array<ArrayBuffer>;
  readonly pixels: Uint8Array<ArrayBuffer>;
}

export default function encodeJpeg({ pixels, width, height, quality }: JpegTask): JpegResult {
  const raw = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const jpeg = new Uint8Array(turbo.compressSync(raw, { format: turbo.FORMAT_BGRX, width, height, quality, subsampling: turbo.SAMP_420 }));
  // Both are moved: the pool takes a result of several buffers apart by these two names.
  const moved = { [Piscina.transferableSymbol]: [jpeg.buffer, pixels.buffer], [Piscina.valueSymbol]: { jpeg, pixels } };
  return move(moved as unknown as Parameters<typeof move>[0]) as unknown as JpegResult;
}
