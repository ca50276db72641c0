/**
 * One surface: a few header words, then 32-bit pixels, in one piece of memory. A primary surface lies in a
 * SharedArrayBuffer so that terminals, recorders and reports on other threads read it without asking the display actor.
 * It draws nothing itself; it stands at the end of the data path, where pixels rest.
 *
 * Owner: the display actor that created it is the only writer. Readers open the buffer and only read. When the actor
 * dies the memory lives on with its readers: the last picture stays on show.
 */
import { pixelBufferOver } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';

/** Header words, as indices into the 32-bit words at the start of the buffer. */
const headerWord = {
  /** Grows by one before and by one after each drawing: odd means that a drawing is under way. */
  sequence: 0,
  /** 1 once the server said (MARK) that the picture is complete enough to show. */
  marked: 1,
  /** 1 when the writer is gone and the picture is only the last one known. */
  stale: 2,
  width: 3,
  height: 4,
  format: 5,
  strideBytes: 6,
} as const;

/** Bytes before the first pixel: a cache line of its own for the header. */
export const surfaceHeaderBytes = 64;

/** How often `copyPixels` starts anew because the writer drew meanwhile. */
const copyAttemptsMax = 4;

/** A surface, for its writer and for its readers alike. `words` and `bytes` are its pixels, without the header. */
export interface Surface extends PixelBuffer {
  /** `SurfaceFormat`: xRGB or ARGB. */
  readonly format: number;
  /** Everything: header and pixels. This is what crosses to another thread. */
  readonly buffer: ArrayBufferLike;
  readonly header: Int32Array;
}

/** A picture of a surface at one moment, in memory of its own. */
export interface SurfaceSnapshot {
  /** The surface's sequence when the copy was made; equal sequences mean equal pixels. */
  readonly sequence: number;
  readonly width: number;
  readonly height: number;
  /** Rows top-down without padding, bytes B, G, R, X. */
  readonly pixels: Uint8Array;
  /** True when the writer drew during each attempt: a part of the picture may be newer than another. */
  readonly torn: boolean;
}

/** Bytes that a surface of this size needs, header included. */
export function surfaceByteLength(width: number, height: number): number {
  return surfaceHeaderBytes + width * height * 4;
}

/**
 * Makes a surface in `buffer`, which must be zeroed and `surfaceByteLength(width, height)` bytes long.
 * @throws RangeError when the buffer is too short: sizes that come from a peer are checked before (`surface-table.ts`)
 */
export function createSurface(buffer: ArrayBufferLike, width: number, height: number, format: number): Surface {
  const header = new Int32Array(buffer, 0, surfaceHeaderBytes / 4);
  header[headerWord.width] = width;
  header[headerWord.height] = height;
  header[headerWord.format] = format;
  header[headerWord.strideBytes] = width * 4;
  return openSurface(buffer);
}

/**
 * Opens a surface that another thread made.
 * @throws RangeError when the buffer is not one
 */
export function openSurface(buffer: ArrayBufferLike): Surface {
  const header = new Int32Array(buffer, 0, surfaceHeaderBytes / 4);
  const width = header[headerWord.width] ?? 0;
  const height = header[headerWord.height] ?? 0;
  const strideBytes = header[headerWord.strideBytes] ?? 0;
  const format = header[headerWord.format] ?? 0;
  return { ...pixelBufferOver(buffer, surfaceHeaderBytes, width, height, strideBytes), format, buffer, header };
}

/** Announces a drawing to readers on other threads. Always paired with `endDrawing`. */
export function beginDrawing(surface: Surface): void {
  Atomics.add(surface.header, headerWord.sequence, 1);
}

/** The pixels are whole again, and newer. */
export function endDrawing(surface: Surface): void {
  Atomics.add(surface.header, headerWord.sequence, 1);
}

/** Changes with every drawing. Two equal readings with nothing else in between mean: nothing was drawn. */
export function readSequence(surface: Surface): number {
  return Atomics.load(surface.header, headerWord.sequence) >>> 0;
}

export function setMarked(surface: Surface, marked: boolean): void {
  Atomics.store(surface.header, headerWord.marked, marked ? 1 : 0);
}

export function isMarked(surface: Surface): boolean {
  return Atomics.load(surface.header, headerWord.marked) === 1;
}

export function setStale(surface: Surface, stale: boolean): void {
  Atomics.store(surface.header, headerWord.stale, stale ? 1 : 0);
}

export function isStale(surface: Surface): boolean {
  return Atomics.load(surface.header, headerWord.stale) === 1;
}

/**
 * Copies the pixels while the writer may be drawing. It never waits: after a few attempts that were overtaken it hands
 * out what it has and says so (`torn`). Give `into` (width x height x 4 bytes) to spare the allocation.
 */
export function copyPixels(surface: Surface, into?: Uint8Array): SurfaceSnapshot {
  const { width, height, strideBytes } = surface;
  const rowBytes = width * 4;
  const pixels = into !== undefined && into.length === rowBytes * height ? into : new Uint8Array(rowBytes * height);
  let sequence = readSequence(surface);
  for (let attempt = 1; ; attempt++) {
    if (strideBytes === rowBytes) {
      pixels.set(surface.bytes);
    } else {
      for (let y = 0; y < height; y++) pixels.set(surface.bytes.subarray(y * strideBytes, y * strideBytes + rowBytes), y * rowBytes);
    }
    const after = readSequence(surface);
    const whole = after === sequence && (sequence & 1) === 0;
    if (whole || attempt === copyAttemptsMax) return { sequence: after, width, height, pixels, torn: !whole };
    sequence = after;
  }
}
