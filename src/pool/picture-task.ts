// Picture task: what the control socket's clients ask of a shared surface, done in a pool's thread, because no socket's loop may wait for
// it: a picture encoded as PNG or raw pixels in base64, a template read, a template looked for.

import { deflateSync, inflateSync } from 'node:zlib';
import { nameThread } from '../actors/kernel/thread-name.ts';
import { wholeOf, type PixelRect } from '../surface/fingerprint.ts';
import { findPicture, type Found } from '../surface/find-picture.ts';
import { encodePng } from '../surface/png.ts';
import { PngUnreadable, readPngPicture, type PngPicture } from '../surface/png-picture.ts';
import { copyPixels, openSurface } from '../surface/shared-surface.ts';

export type PictureTask =
  | { readonly kind: 'encode'; readonly surface: SharedArrayBuffer; readonly region: PixelRect | null; readonly format: 'png' | 'rgba' }
  /** `template`: a PNG file in base64. */
  | { readonly kind: 'readTemplate'; readonly template: string }
  | { readonly kind: 'find'; readonly surface: SharedArrayBuffer; readonly region: PixelRect | null; readonly template: SharedTemplate; readonly tolerance: number; readonly differing: number };

/** A template's pixels, in memory that is not copied with every search. */
export interface SharedTemplate {
  readonly width: number;
  readonly height: number;
  readonly rgba: SharedArrayBuffer;
}

export type PictureResult =
  | { readonly kind: 'encoded'; readonly width: number; readonly height: number; readonly base64: string }
  | { readonly kind: 'template'; readonly template: SharedTemplate }
  | Found
  /** Why it cannot be done; completes "the template …" or "the picture …". */
  | { readonly kind: 'refused'; readonly reason: string };

nameThread('pool');

/** Raw pixels of a larger picture would be a line of tens of megabytes: PNG, or a region, serves better. */
const rgbaPixelsMax = 4 * 1024 * 1024;
/** Speed over size, as for the screenshots of a session's end. */
const deflateLevel = 3;
/** A search that takes longer, in milliseconds, is given up: the next picture may be easier. */
const searchMsMax = 5_000;

export default function doPictureTask(task: PictureTask): PictureResult {
  switch (task.kind) {
    case 'encode':
      return encode(task);
    case 'readTemplate':
      return readTemplate(task.template);
    case 'find': {
      const { template, tolerance, differing } = task;
      const { width, height, pixels } = copyPixels(openSurface(task.surface));
      const sought: PngPicture = { width: template.width, height: template.height, rgba: new Uint8Array(template.rgba) };
      const untilMs = performance.now() + searchMsMax;
      return findPicture({ width, height, pixels }, sought, { within: task.region ?? wholeOf({ width, height }), tolerance, differing, mayGoOn: () => performance.now() < untilMs });
    }
  }
}

function encode({ surface, region, format }: Extract<PictureTask, { readonly kind: 'encode' }>): PictureResult {
  const drawn = copyPixels(openSurface(surface));
  const { left, top, right, bottom } = region ?? wholeOf(drawn);
  const [width, height] = [Math.min(right, drawn.width) - left, Math.min(bottom, drawn.height) - top];
  if (width < 1 || height < 1) return { kind: 'refused', reason: 'has nothing in this region any more' };
  if (format === 'rgba' && width * height > rgbaPixelsMax) return { kind: 'refused', reason: `is ${width}x${height}, too large for rgba: use png, or a region of at most ${rgbaPixelsMax} pixels` };
  const strideBytes = drawn.width * 4;
  const pixels = drawn.pixels.subarray(top * strideBytes + left * 4);
  const bytes = format === 'png' ? encodePng({ width, height, pixels, strideBytes }, (input) => deflateSync(input, { level: deflateLevel })) : toRgba(pixels, width, height, strideBytes);
  return { kind: 'encoded', width, height, base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

/** B, G, R, X in rows of `strideBytes` to R, G, B, 255 without padding. */
function toRgba(pixels: Uint8Array, width: number, height: number, strideBytes: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0, to = 0; y < height; y++) {
    for (let from = y * strideBytes, end = from + width * 4; from < end; from += 4, to += 4) {
      rgba[to] = pixels[from + 2] ?? 0;
      rgba[to + 1] = pixels[from + 1] ?? 0;
      rgba[to + 2] = pixels[from] ?? 0;
      rgba[to + 3] = 255;
    }
  }
  return rgba;
}

function readTemplate(base64: string): PictureResult {
  try {
    const { width, height, rgba } = readPngPicture(Buffer.from(base64, 'base64'), (input, bytesMax) => inflateSync(input, { maxOutputLength: bytesMax }));
    const shared = new SharedArrayBuffer(rgba.length);
    new Uint8Array(shared).set(rgba);
    return { kind: 'template', template: { width, height, rgba: shared } };
  } catch (error) {
    if (!(error instanceof PngUnreadable)) throw error;
    return { kind: 'refused', reason: error.message };
  }
}
