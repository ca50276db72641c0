/**
 * The glyphs of one DRAW_TEXT as coverage: how much of each pixel the text hides, 0 to 255. Where glyphs overlap the larger value
 * counts. It reads the glyphs' rows and paints nothing.
 */
import { StringFlag } from '../protocol/constants.ts';
import { glyphRowBytes } from '../protocol/messages/glyphs.ts';
import type { Glyph } from '../protocol/messages/glyphs.ts';
import type { Rect } from '../protocol/messages/draw.ts';
import { emptyRect, intersectRects, uniteRects } from './region.ts';

/** One byte a pixel, rows of `width` bytes, over `covers` (destination coordinates). */
export interface Coverage {
  readonly covers: Rect;
  readonly values: Uint8Array;
}

/** The part of the destination that the glyphs can reach, within `limit`. */
export function glyphBounds(glyphs: readonly Glyph[], limit: Rect): Rect {
  let bounds = emptyRect;
  for (const glyph of glyphs) {
    const part = intersectRects(boxOf(glyph), limit);
    if (part !== emptyRect) bounds = bounds === emptyRect ? part : uniteRects(bounds, part);
  }
  return bounds;
}

/** The coverage of all glyphs within `covers`, written into `values`, which must be zeroed and have one byte for each of its pixels. */
export function coverGlyphs(glyphs: readonly Glyph[], flags: number, covers: Rect, values: Uint8Array): Coverage {
  for (const glyph of glyphs) {
    const box = boxOf(glyph);
    const part = intersectRects(box, covers);
    const rowBytes = glyphRowBytes(flags, glyph.width);
    for (let y = part.top; y < part.bottom; y++) {
      // The bottom row is stored first, whatever the flags say: so does the reference.
      const row = (box.bottom - 1 - y) * rowBytes;
      const to = (y - covers.top) * (covers.right - covers.left) - covers.left;
      for (let x = part.left; x < part.right; x++) {
        const value = coverageAt(glyph.rows, row, x - box.left, flags);
        if (value > (values[to + x] ?? 0)) values[to + x] = value;
      }
    }
  }
  return { covers, values };
}

function boxOf({ renderPos, glyphOrigin, width, height }: Glyph): Rect {
  const left = renderPos.x + glyphOrigin.x;
  const top = renderPos.y + glyphOrigin.y;
  return { top, left, bottom: top + height, right: left + width };
}

function coverageAt(rows: Uint8Array, row: number, column: number, flags: number): number {
  if ((flags & StringFlag.rasterA1) !== 0) return (((rows[row + (column >>> 3)] ?? 0) >>> (7 - (column & 7))) & 1) * 255;
  // A nibble counts sixteen times: the darkest is 240, as in the reference.
  if ((flags & StringFlag.rasterA4) !== 0) return (((rows[row + (column >>> 1)] ?? 0) >>> ((column & 1) === 0 ? 4 : 0)) & 15) << 4;
  return rows[row + column] ?? 0;
}
