/**
 * Moving pixels within one surface (COPY_BITS), where source and destination may overlap. The result is that of a copy
 * through a temporary picture; one is made only when several clip rectangles could read what another already wrote.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Rect } from '../protocol/messages/draw.ts';
import { blit } from './blit.ts';
import { forEachRect } from './region.ts';
import type { Region } from './region.ts';
import { ropPut } from './rop.ts';
import type { MakeBuffer } from './scale.ts';

/**
 * Copies to each pixel (x, y) of the region within `limit` the pixel (x + dx, y + dy) of the same surface. `limit` must
 * keep both ends inside the surface. Without memory for the temporary picture nothing is copied.
 */
export function copyBits(surface: PixelBuffer, region: Region, limit: Rect, dx: number, dy: number, make: MakeBuffer): void {
  if (region.rects === null) {
    forEachRect(region, limit, (left, top, right, bottom) => moveRect(surface, left, top, right, bottom, dx, dy));
    return;
  }
  const before = copyOf(surface, region.bounds, limit, dx, dy, make);
  if (before === null) return;
  const { picture, x, y } = before;
  forEachRect(region, limit, (left, top, right, bottom) => blit(surface, left, top, right, bottom, picture, -x, -y, ropPut));
}

/** Rows are walked so that none is overwritten before it was read; within a row `copyWithin` takes care of the overlap. */
function moveRect(surface: PixelBuffer, left: number, top: number, right: number, bottom: number, dx: number, dy: number): void {
  const stride = surface.strideBytes >>> 2;
  const { words } = surface;
  const width = right - left;
  const height = bottom - top;
  for (let i = 0; i < height; i++) {
    const y = dy >= 0 ? top + i : bottom - 1 - i;
    const from = (y + dy) * stride + left + dx;
    words.copyWithin(y * stride + left, from, from + width);
  }
}

/** The source pixels of the region's bounds, as they are now; (x, y) is the destination of the picture's first pixel. Null without memory for them. */
function copyOf(surface: PixelBuffer, bounds: Rect, limit: Rect, dx: number, dy: number, make: MakeBuffer): { picture: PixelBuffer; x: number; y: number } | null {
  let found: { picture: PixelBuffer; x: number; y: number } | null = null;
  forEachRect({ bounds, rects: null }, limit, (left, top, right, bottom) => {
    const picture = make(right - left, bottom - top);
    if (picture === null) return;
    blit(picture, 0, 0, right - left, bottom - top, surface, left + dx, top + dy, ropPut);
    found = { picture, x: left, y: top };
  });
  return found;
}
