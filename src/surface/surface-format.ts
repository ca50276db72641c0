/**
 * What a surface's format means for words of 32 bits, in which pixels of every format are held here: colours of 15 or 16 bits are
 * widened, alpha alone stands in the fourth byte. Raster operations commute with widening, so only what mixes pixels must be brought
 * back to what the format can hold.
 */
import { widen555 } from '../decode/colour.ts';
import type { ColourDepth } from '../decode/colour.ts';
import { SurfaceFormat } from '../protocol/constants.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Surface } from './shared-surface.ts';

const formats: ReadonlySet<number> = new Set(Object.values(SurfaceFormat));

/** Whether surfaces of this format are drawn on. */
export function isKnownFormat(format: number): boolean {
  return formats.has(format);
}

/** How colours of palettes that are painted on the surface are stored. */
export function depthOf({ format }: Surface): ColourDepth {
  return format === SurfaceFormat.rgb555 ? 16 : 32;
}

/** Whether the fourth bytes are alpha. */
export function hasAlpha(format: number): boolean {
  return format === SurfaceFormat.argb || format === SurfaceFormat.alpha8 || format === SurfaceFormat.alpha1;
}

/** A brush's colour, which is in the surface's own depth, as a word. */
export function brushColour({ format }: Surface, colour: number): number {
  switch (format) {
    case SurfaceFormat.rgb555:
      return widen555(colour & 0x7fff);
    case SurfaceFormat.rgb565:
      return widen565(colour & 0xffff);
    case SurfaceFormat.alpha8:
      return ((colour & 0xff) << 24) >>> 0;
    case SurfaceFormat.alpha1:
      return (colour & 1) === 0 ? 0 : 0xff00_0000;
    default:
      return colour;
  }
}

/** Brings a rectangle of pixels to values that the format has. Values that it has stay. */
export function settlePixels(surface: Surface, left: number, top: number, right: number, bottom: number): void {
  switch (surface.format) {
    case SurfaceFormat.rgb555:
      return mapPixels(surface, left, top, right, bottom, (word) => widen555(((word >>> 9) & 0x7c00) | ((word >>> 6) & 0x3e0) | ((word >>> 3) & 0x1f)));
    case SurfaceFormat.rgb565:
      return mapPixels(surface, left, top, right, bottom, (word) => widen565(((word >>> 8) & 0xf800) | ((word >>> 5) & 0x7e0) | ((word >>> 3) & 0x1f)));
    case SurfaceFormat.alpha8:
      return mapPixels(surface, left, top, right, bottom, (word) => word & 0xff00_0000);
    case SurfaceFormat.alpha1:
      return mapPixels(surface, left, top, right, bottom, (word) => (word >>> 31 === 0 ? 0 : 0xff00_0000));
    default:
      return;
  }
}

function widen565(colour: number): number {
  const [red, green, blue] = [colour >>> 11, (colour >>> 5) & 63, colour & 31];
  return (((red << 3) | (red >>> 2)) << 16) | (((green << 2) | (green >>> 4)) << 8) | (blue << 3) | (blue >>> 2);
}

function mapPixels(target: PixelBuffer, left: number, top: number, right: number, bottom: number, map: (word: number) => number): void {
  const { words } = target;
  const stride = target.strideBytes >>> 2;
  for (let y = top; y < bottom; y++) for (let at = y * stride + left, end = y * stride + right; at < end; at++) words[at] = map(words[at] ?? 0);
}
