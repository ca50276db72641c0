/**
 * A number for what a part of a surface shows: equal pictures have equal numbers, others almost surely not. For those who wait for a
 * picture to change or to rest; it keeps no copy and needs no memory. The fourth byte of a pixel is no part of the picture.
 */
import type { Surface } from './shared-surface.ts';

/** Right and bottom are past the rectangle; what lies outside of the surface is left out. */
export interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const wholeOf = ({ width, height }: { readonly width: number; readonly height: number }): PixelRect => ({ left: 0, top: 0, right: width, bottom: height });

const colourBits = 0x00ff_ffff;
const [firstFactor, secondFactor] = [0x9e37_79b1, 0x85eb_ca6b];

/** A whole number below 2^53. The size is part of it. */
export function fingerprint(surface: Surface, { left, top, right, bottom }: PixelRect): number {
  const { words, width, height, strideBytes } = surface;
  const stride = strideBytes / 4;
  const [endX, endY] = [Math.min(right, width), Math.min(bottom, height)];
  let one = Math.imul(endX - left, firstFactor) | 0;
  let other = Math.imul(endY - top, secondFactor) | 0;
  for (let y = top; y < endY; y++) {
    for (let at = y * stride + left, end = y * stride + endX; at < end; at++) {
      const pixel = (words[at] ?? 0) & colourBits;
      one = Math.imul(one ^ pixel, firstFactor) + (one >>> 15);
      other = Math.imul(other + pixel, secondFactor) ^ (other >>> 13);
    }
  }
  return (one >>> 0) * 0x20_0000 + ((other >>> 0) & 0x1f_ffff);
}
