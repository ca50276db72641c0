/**
 * Pictures laid over the box of a draw: moved, scaled or copied away from the target's own memory, so that loops that set pixels
 * need only add an offset. It fetches and lays out; nothing is painted here.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { ScaleMode } from '../protocol/constants.ts';
import type { Brush, DrawBase, Rect } from '../protocol/messages/draw.ts';
import type { Image } from '../protocol/messages/image.ts';
import { blit } from './blit.ts';
import { aim, momentaryBuffer } from './draw-target.ts';
import type { DrawContext, DrawTarget } from './draw-target.ts';
import { depthOf, brushColour } from './surface-format.ts';
import { resolveImage, touchImage } from './image-source.ts';
import type { ImagePixels } from './image-source.ts';
import { emptyRect, intersectRects, sameSize, translateRect } from './region.ts';
import { ropPut } from './rop.ts';
import type { Tile } from './rop3.ts';
import { scaleBilinear, scaleNearest } from './scale.ts';
import type { Surface } from './shared-surface.ts';

/** A picture laid out for painting: the source pixel for (x, y) is (x + dx, y + dy), for all (x, y) within `limit`. */
export interface LaidOut {
  readonly pixels: PixelBuffer;
  readonly dx: number;
  readonly dy: number;
  readonly limit: Rect;
}

/** Target and source of a draw with neither mask nor rop; null when nothing is to be painted. */
export function sourceOf(context: DrawContext, base: DrawBase, srcImage: Image | null): { target: DrawTarget; image: ImagePixels } | null {
  const target = aim(context, base, null);
  if (target === null) {
    touchImage(context.images, srcImage, context.report);
    return null;
  }
  if (srcImage === null) {
    context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    return null;
  }
  const image = resolveImage(context.images, srcImage, 'source', context.report, depthOf(target.surface));
  return image === null ? null : { target, image };
}

/**
 * Lays the part `area` of a picture over the box, scaled when the sizes differ. Null when nothing of
 * it reaches the target, or, with a gap reported, for want of memory. The result never overlaps the target's memory.
 */
export function layOut(context: DrawContext, image: ImagePixels, target: DrawTarget, box: Rect, area: Rect, scaleMode: number): LaidOut | null {
  const { pixels } = image;
  const { bounds } = target.region;
  if (!sameSize(box, area)) {
    const nearest = scaleMode === ScaleMode.nearest;
    const make = (width: number, height: number): PixelBuffer | null => momentaryBuffer(context, width, height);
    const scaled = nearest ? scaleNearest(pixels, area, box, bounds, make) : scaleBilinear(pixels, image.hasAlpha, area, box, bounds, make);
    return scaled === null ? null : { pixels: scaled.picture, dx: -scaled.covers.left, dy: -scaled.covers.top, limit: scaled.covers };
  }
  const dx = area.left - box.left;
  const dy = area.top - box.top;
  const limit = intersectRects(bounds, translateRect({ top: 0, left: 0, bottom: pixels.height, right: pixels.width }, -dx, -dy));
  if (limit === emptyRect) return null;
  if (pixels !== target.surface) return { pixels, dx, dy, limit };
  const copy = copyOf(context, pixels, translateRect(limit, dx, dy));
  return copy === null ? null : { pixels: copy, dx: -limit.left, dy: -limit.top, limit };
}

/** A pattern brush as a tile apart from the surface's memory. Null with a gap reported when there is no picture for it. */
export function patternTile(context: DrawContext, surface: Surface, brush: Extract<Brush, { kind: 'pattern' }>): Tile | null {
  const image = resolveImage(context.images, brush.image, 'brush', context.report, depthOf(surface));
  if (image === null) return null;
  const pixels = apartFrom(context, surface, image.pixels);
  return pixels === null ? null : { pixels, originX: brush.pos.x, originY: brush.pos.y };
}

/** Any brush as a tile: one colour is a tile of one pixel, and no brush is the colour 0. */
export function brushTile(context: DrawContext, surface: Surface, brush: Brush): Tile | null {
  if (brush.kind === 'pattern') return patternTile(context, surface, brush);
  const pixels = momentaryBuffer(context, 1, 1);
  if (pixels === null) return null;
  pixels.words[0] = brush.kind === 'solid' ? brushColour(surface, brush.color) : 0;
  return { pixels, originX: 0, originY: 0 };
}

export function touchBrush(context: DrawContext, brush: Brush): void {
  if (brush.kind === 'pattern') touchImage(context.images, brush.image, context.report);
}

/** The pixels themselves, or a copy when they are the surface's own. Null, with a gap reported, without memory for it. */
export function apartFrom(context: DrawContext, surface: Surface, pixels: PixelBuffer): PixelBuffer | null {
  return pixels === surface ? copyOf(context, surface, { top: 0, left: 0, bottom: surface.height, right: surface.width }) : pixels;
}

/** A part of a picture in memory of its own, for drawing a surface onto itself. Null, with a gap reported, without memory for it. */
function copyOf(context: DrawContext, source: PixelBuffer, part: Rect): PixelBuffer | null {
  const copy = momentaryBuffer(context, part.right - part.left, part.bottom - part.top);
  if (copy === null) return null;
  blit(copy, 0, 0, copy.width, copy.height, source, part.left, part.top, ropPut);
  return copy;
}
