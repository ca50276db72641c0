/**
 * Reading a picture for COMPOSITE: through a transform, with a filter, and with what lies around it. Positions are in 16.16 fixed
 * point and weights in 7 bits, as in the reference renderer (pixman), so that the same pixels come out. It mixes nothing.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';

/** What lies outside of a picture. */
export const Repeat = { none: 0, normal: 1, pad: 2, reflect: 3 } as const;
export type RepeatMode = (typeof Repeat)[keyof typeof Repeat];

/** From a position of the destination, relative to the picture's origin, to one in the picture; t02 and t12 are offsets in pixels. */
export interface Transform {
  readonly t00: number;
  readonly t01: number;
  readonly t02: number;
  readonly t10: number;
  readonly t11: number;
  readonly t12: number;
}

/** A picture and how it is to be read. */
export interface Sampled {
  readonly pixels: PixelBuffer;
  /** False: the fourth bytes mean nothing, and every pixel of the picture is opaque. Around the picture all is transparent still. */
  readonly hasAlpha: boolean;
  /** The destination's (x, y) is the picture's (x + dx, y + dy), before the transform. */
  readonly dx: number;
  readonly dy: number;
  readonly transform: Transform | null;
  readonly bilinear: boolean;
  readonly repeat: RepeatMode;
}

const one = 65_536;

/** Reads the pixels for destination (left .. left + count − 1, y) into `into`. */
export function sampleRow(sampled: Sampled, left: number, y: number, count: number, into: Uint32Array): void {
  const { transform } = sampled;
  if (transform === null) return readStraight(sampled, left + sampled.dx, y + sampled.dy, count, into);
  const stepX = fixed(transform.t00);
  const stepY = fixed(transform.t10);
  // The centre of the first pixel, transformed, and rounded once.
  const centreX = (left + sampled.dx) * one + one / 2;
  const centreY = (y + sampled.dy) * one + one / 2;
  let atX = transformed(stepX, fixed(transform.t01), fixed(transform.t02), centreX, centreY);
  let atY = transformed(stepY, fixed(transform.t11), fixed(transform.t12), centreX, centreY);
  for (let at = 0; at < count; at++, atX += stepX, atY += stepY) {
    // A centre exactly between two pixels chooses the lower one, so the smallest step is taken off.
    into[at] = sampled.bilinear ? mixedAt(sampled, atX - one / 2, atY - one / 2) : pixelAt(sampled, Math.floor((atX - 1) / one), Math.floor((atY - 1) / one));
  }
}

const fixed = (value: number): number => Math.round(value * one);

/** Products of two 16.16 numbers need 64 bits; in doubles they are exact as long as coordinates are those of a surface. */
function transformed(byX: number, byY: number, offset: number, x: number, y: number): number {
  return Math.floor((byX * x + byY * y + offset * one + one / 2) / one);
}

function readStraight(sampled: Sampled, x: number, y: number, count: number, into: Uint32Array): void {
  const { pixels, hasAlpha } = sampled;
  const inside = y >= 0 && y < pixels.height && x >= 0 && x + count <= pixels.width;
  if (!inside) {
    for (let at = 0; at < count; at++) into[at] = pixelAt(sampled, x + at, y);
    return;
  }
  const from = y * (pixels.strideBytes >>> 2) + x;
  const opaque = hasAlpha ? 0 : 0xff00_0000;
  for (let at = 0; at < count; at++) into[at] = (pixels.words[from + at] ?? 0) | opaque;
}

function pixelAt({ pixels, hasAlpha, repeat }: Sampled, x: number, y: number): number {
  const column = placeIn(x, pixels.width, repeat);
  const row = placeIn(y, pixels.height, repeat);
  if (column < 0 || row < 0) return 0;
  const word = pixels.words[row * (pixels.strideBytes >>> 2) + column] ?? 0;
  return hasAlpha ? word : (word | 0xff00_0000) >>> 0;
}

/** The coordinate inside the picture that stands for any other; −1 where there is none. */
function placeIn(at: number, size: number, repeat: RepeatMode): number {
  if (at >= 0 && at < size) return at;
  switch (repeat) {
    case Repeat.none:
      return -1;
    case Repeat.pad:
      return at < 0 ? 0 : size - 1;
    case Repeat.normal:
      return ((at % size) + size) % size;
    case Repeat.reflect: {
      const within = ((at % (2 * size)) + 2 * size) % (2 * size);
      return within < size ? within : 2 * size - 1 - within;
    }
  }
}

/** Interpolates between the four pixels around a position. */
function mixedAt(sampled: Sampled, x: number, y: number): number {
  const column = Math.floor(x / one);
  const row = Math.floor(y / one);
  const right = Math.floor((x - column * one) / 512);
  const down = Math.floor((y - row * one) / 512);
  const a = pixelAt(sampled, column, row);
  const b = pixelAt(sampled, column + 1, row);
  const c = pixelAt(sampled, column, row + 1);
  const d = pixelAt(sampled, column + 1, row + 1);
  const [wa, wb, wc, wd] = [(128 - right) * (128 - down), right * (128 - down), (128 - right) * down, right * down];
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const sum = ((a >>> shift) & 255) * wa + ((b >>> shift) & 255) * wb + ((c >>> shift) & 255) * wc + ((d >>> shift) & 255) * wd;
    word |= (sum >>> 14) << shift;
  }
  return word >>> 0;
}
