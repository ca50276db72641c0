/**
 * Where one draw command paints: its surface, the region left by box, clip and mask, and the bookkeeping around painting
 * (readers on other threads, damage). What is painted is decided in `draw.ts`; the pixels are set in `fill.ts`, `blit.ts`
 * and their like, which are only ever given rectangles that lie inside the surface.
 */
import { chargeWorking, roomIn } from '../decode/byte-budget.ts';
import { createPixelBuffer } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { MaskFlag } from '../protocol/constants.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { DrawBase, Mask as WireMask, Rect } from '../protocol/messages/draw.ts';
import { resolveMask } from './image-source.ts';
import type { ImageSource } from './image-source.ts';
import { forEachRun } from './mask.ts';
import type { PlacedMask } from './mask.ts';
import { clipRegion, emptyRect, forEachRect, intersectRects, uniteRects } from './region.ts';
import type { Region } from './region.ts';
import { beginDrawing, endDrawing } from './shared-surface.ts';
import type { Surface } from './shared-surface.ts';
import { settlePixels } from './surface-format.ts';
import type { SurfaceTable } from './surface-table.ts';

/** What drawing works with. One per canvas; the mutable fields are about the message that is being applied. */
export interface DrawContext {
  readonly surfaces: SurfaceTable;
  readonly images: ImageSource;
  readonly report: (gap: Gap) => void;
  /** What was painted on the primary surface so far, as a bounding box. */
  damage: Rect | null;
  /** The surface whose readers were told that a drawing is under way. */
  drawing: Surface | null;
}

export interface DrawTarget {
  readonly surface: Surface;
  readonly primary: boolean;
  readonly region: Region;
  readonly mask: PlacedMask | null;
}

/** Sets the pixels of one rectangle, which lies inside the target's region and the limit that `paint` was given. */
export type Painter = (left: number, top: number, right: number, bottom: number) => void;

/**
 * Finds the target of a draw command. Null when it paints nothing: clipped away, or not possible, with a gap reported.
 * The mask is resolved in any case, because the server may count on its being kept.
 */
export function aim(context: DrawContext, base: DrawBase, mask: WireMask | null): DrawTarget | null {
  const placed = placeMask(context, base, mask);
  if (placed === 'missing') return null;
  const entry = context.surfaces.entries.get(base.surfaceId);
  if (entry === undefined) {
    context.report({ key: 'display:surface:unknown-id', detail: `a drawing on surface ${base.surfaceId}` });
    return null;
  }
  const { surface } = entry;
  if (surface === null) {
    context.report({ key: `display:surface:format-${entry.format}`, detail: `a drawing on surface ${base.surfaceId}` });
    return null;
  }
  const region = clipRegion(base.box, surface.width, surface.height, base.clip);
  if (region === null) {
    const count = base.clip.kind === 'rects' ? base.clip.rects.length : 0;
    context.report({ key: 'display:clip:too-complex', detail: `${count} rectangles` });
    return null;
  }
  return region.bounds === emptyRect ? null : { surface, primary: entry.primary, region, mask: placed };
}

/** Paints the part of the target within `limit`, rectangle by rectangle, each pixel once. */
export function paint(context: DrawContext, target: DrawTarget, limit: Rect, painter: Painter): void {
  startDrawing(context, target, limit);
  const { mask, surface } = target;
  const settled: Painter = (left, top, right, bottom) => {
    painter(left, top, right, bottom);
    settlePixels(surface, left, top, right, bottom);
  };
  if (mask === null) {
    forEachRect(target.region, limit, settled);
  } else {
    forEachRect(target.region, limit, (left, top, right, bottom) => forEachRun(mask, left, top, right, bottom, settled));
  }
}

/** Tells readers that the surface is about to change, and notes the damage. Idempotent within one message. */
export function startDrawing(context: DrawContext, target: DrawTarget, limit: Rect): void {
  if (context.drawing === null) {
    beginDrawing(target.surface);
    context.drawing = target.surface;
  }
  if (!target.primary) return;
  const painted = intersectRects(target.region.bounds, limit);
  if (painted === emptyRect) return;
  context.damage = context.damage === null ? painted : uniteRects(context.damage, painted);
}

/** Ends what `startDrawing` began, once per message. */
export function finishDrawing(context: DrawContext): void {
  if (context.drawing === null) return;
  endDrawing(context.drawing);
  context.drawing = null;
}

/** Memory for pixels that this message needs for a moment; null, with a gap reported, when the channel has no room for it. */
export function momentaryBuffer(context: DrawContext, width: number, height: number): PixelBuffer | null {
  const { budget } = context.images.decoder;
  if (chargeWorking(budget, width * height * 4)) return createPixelBuffer(width, height);
  context.report({ key: 'display:memory:drawing', detail: `${width} x ${height} pixels for a moment, ${roomIn(budget)} bytes are left` });
  return null;
}

function placeMask(context: DrawContext, base: DrawBase, wire: WireMask | null): PlacedMask | null | 'missing' {
  if (wire === null || wire.image === null) return null;
  const mask = resolveMask(context.images, wire.image, context.report);
  if (mask === null) return 'missing';
  return {
    mask,
    dx: wire.pos.x - base.box.left,
    dy: wire.pos.y - base.box.top,
    inverted: (wire.flags & MaskFlag.invert) !== 0,
  };
}
