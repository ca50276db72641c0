/**
 * What each draw message does: find the target, get the pictures that it names, choose the loop that sets the pixels.
 * Pictures are fetched even when nothing of them will be seen, because later messages rely on what they leave behind in
 * caches and in the GLZ window. Messages without a renderer end in `skipDraw`.
 */
import { pixelBufferOver } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { AlphaFlag, ScaleMode, SurfaceFormat } from '../protocol/constants.ts';
import type { MessageValue } from '../protocol/message.ts';
import type { Brush, Rect } from '../protocol/messages/draw.ts';
import type { Image } from '../protocol/messages/image.ts';
import { blendOver } from './alpha-blend.ts';
import { blit, blitColorKeyed } from './blit.ts';
import { copyBits } from './copy-bits.ts';
import { aim, momentaryBuffer, paint, startDrawing } from './draw-target.ts';
import type { DrawContext, DrawTarget } from './draw-target.ts';
import { fillSolid, fillTiled } from './fill.ts';
import { decodeInto, isForNowOnly, resolveImage, touchImage } from './image-source.ts';
import type { ImagePixels } from './image-source.ts';
import { emptyRect, intersectRects, sameSize, translateRect } from './region.ts';
import { ropForBrush, ropForOpaque, ropForSource, ropPut } from './rop.ts';
import type { Rop } from './rop.ts';
import { scaleBilinear, scaleNearest } from './scale.ts';
import { surfaceHeaderBytes } from './shared-surface.ts';
import type { Surface } from './shared-surface.ts';

type Draw<K extends 'drawFill' | 'drawCopy' | 'drawOpaque' | 'drawBlackness' | 'drawTransparent' | 'drawAlphaBlend' | 'copyBits'> =
  MessageValue<2, 'server', K>;

/** A picture laid out for painting: the source pixel for (x, y) is (x + dx, y + dy), for all (x, y) within `limit`. */
interface LaidOut {
  readonly pixels: PixelBuffer;
  readonly dx: number;
  readonly dy: number;
  readonly limit: Rect;
}

export function drawFill(context: DrawContext, draw: Draw<'drawFill'>): void {
  const target = aim(context, draw.base, draw.mask);
  if (target === null) touchBrush(context, draw.brush);
  else applyBrush(context, target, draw.brush, ropForBrush(draw.rop));
}

/** COPY and BLEND: same layout, same meaning. */
export function drawCopy(context: DrawContext, draw: Draw<'drawCopy'>): void {
  const target = aim(context, draw.base, draw.mask);
  if (target === null) touchImage(context.images, draw.srcImage, context.report);
  else putImage(context, target, draw.base.box, draw.srcImage, draw.srcArea, draw.scaleMode, ropForSource(draw.rop));
}

export function drawOpaque(context: DrawContext, draw: Draw<'drawOpaque'>): void {
  const target = aim(context, draw.base, draw.mask);
  if (target === null) {
    touchImage(context.images, draw.srcImage, context.report);
    touchBrush(context, draw.brush);
  } else if (putImage(context, target, draw.base.box, draw.srcImage, draw.srcArea, draw.scaleMode, ropPut)) {
    applyBrush(context, target, draw.brush, ropForOpaque(draw.rop));
  } else {
    touchBrush(context, draw.brush);
  }
}

/** BLACKNESS, WHITENESS and INVERS: a rop without brush or source. */
export function drawConstant(context: DrawContext, draw: Draw<'drawBlackness'>, rop: Rop): void {
  const target = aim(context, draw.base, draw.mask);
  if (target !== null) applyBrush(context, target, { kind: 'none' }, rop);
}

export function drawTransparent(context: DrawContext, draw: Draw<'drawTransparent'>): void {
  const source = sourceOf(context, draw);
  if (source === null) return;
  const { target, image } = source;
  const from = layOut(context, image, target, draw.base.box, draw.srcArea, ScaleMode.nearest);
  if (from === null) return;
  paint(context, target, from.limit, (left, top, right, bottom) =>
    blitColorKeyed(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, draw.trueColor),
  );
}

export function drawAlphaBlend(context: DrawContext, draw: Draw<'drawAlphaBlend'>): void {
  const source = sourceOf(context, draw);
  if (source === null || draw.alpha === 0) return;
  const { target, image } = source;
  const from = layOut(context, image, target, draw.base.box, draw.srcArea, ScaleMode.nearest);
  if (from === null) return;
  const flaggedSource = image.surfaceId !== null && (draw.alphaFlags & AlphaFlag.srcSurfaceHasAlpha) !== 0;
  const alpha = {
    opacity: draw.alpha,
    sourceHasAlpha: image.hasAlpha || flaggedSource,
    targetHasAlpha: target.surface.format === SurfaceFormat.argb || (draw.alphaFlags & AlphaFlag.destHasAlpha) !== 0,
  };
  paint(context, target, from.limit, (left, top, right, bottom) =>
    blendOver(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, alpha),
  );
}

export function drawCopyBits(context: DrawContext, draw: Draw<'copyBits'>): void {
  const target = aim(context, draw.base, null);
  if (target === null) return;
  const { box } = draw.base;
  const { surface, region } = target;
  const dx = draw.srcPos.x - box.left;
  const dy = draw.srcPos.y - box.top;
  const limit = translateRect({ top: 0, left: 0, bottom: surface.height, right: surface.width }, -dx, -dy);
  if (intersectRects(region.bounds, limit) === emptyRect) return;
  startDrawing(context, target, limit);
  copyBits(surface, region, limit, dx, dy, (width, height) => momentaryBuffer(context, width, height));
}

/** A draw without a renderer: its pictures still go where later messages look for them. */
export function skipDraw(context: DrawContext, name: string, images: readonly (Image | null)[], brushes: readonly Brush[]): void {
  context.report({ key: `display:draw:${name}`, detail: 'not rendered' });
  for (const image of images) touchImage(context.images, image, context.report);
  for (const brush of brushes) touchBrush(context, brush);
}

/** Paints an image through a rop. False, with a gap reported, when there is no picture to paint. */
function putImage(context: DrawContext, target: DrawTarget, box: Rect, image: Image | null, area: Rect, scaleMode: number, rop: Rop): boolean {
  if (image === null) {
    context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    return false;
  }
  if (rop === ropPut && coversWhole(target, box, image, area)) {
    startDrawing(context, target, box);
    return decodeInto(context.images, image, partOf(target.surface, box), context.report);
  }
  const source = resolveImage(context.images, image, 'source', context.report);
  if (source === null) return false;
  const from = layOut(context, source, target, box, area, scaleMode);
  if (from === null) return true;
  paint(context, target, from.limit, (left, top, right, bottom) =>
    blit(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, rop),
  );
  return true;
}

/** Whether the whole image lands, unscaled and unclipped, in the box: then it can be decoded right there. */
function coversWhole(target: DrawTarget, box: Rect, image: Image, area: Rect): boolean {
  const { region } = target;
  return (
    isForNowOnly(image) &&
    target.mask === null &&
    region.rects === null &&
    area.left === 0 &&
    area.top === 0 &&
    area.right === image.width &&
    area.bottom === image.height &&
    sameSize(box, area) &&
    sameSize(box, region.bounds)
  );
}

/** The pixels of a box inside the surface. */
function partOf(surface: Surface, box: Rect): PixelBuffer {
  const at = surfaceHeaderBytes + box.top * surface.strideBytes + box.left * 4;
  return pixelBufferOver(surface.buffer, at, box.right - box.left, box.bottom - box.top, surface.strideBytes);
}

/** Target and source of a draw with neither mask nor rop; null when nothing is to be painted. */
function sourceOf(context: DrawContext, draw: Draw<'drawTransparent' | 'drawAlphaBlend'>): { target: DrawTarget; image: ImagePixels } | null {
  const target = aim(context, draw.base, null);
  if (target === null) {
    touchImage(context.images, draw.srcImage, context.report);
    return null;
  }
  if (draw.srcImage === null) {
    context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    return null;
  }
  const image = resolveImage(context.images, draw.srcImage, 'source', context.report);
  return image === null ? null : { target, image };
}

/**
 * Lays the part `area` of a picture over the box, scaled when the sizes differ. Null when nothing of
 * it reaches the target, or, with a gap reported, for want of memory. The result never overlaps the target's memory.
 */
function layOut(context: DrawContext, image: ImagePixels, target: DrawTarget, box: Rect, area: Rect, scaleMode: number): LaidOut | null {
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

function applyBrush(context: DrawContext, target: DrawTarget, brush: Brush, rop: Rop): void {
  const { surface, region } = target;
  switch (brush.kind) {
    // Without a brush the rop still counts (an INVERS fill has none); the input is then 0.
    case 'none':
    case 'solid': {
      const color = brush.kind === 'solid' ? brush.color : 0;
      paint(context, target, region.bounds, (left, top, right, bottom) => fillSolid(surface, left, top, right, bottom, color, rop));
      return;
    }
    case 'pattern': {
      const image = resolveImage(context.images, brush.image, 'brush', context.report);
      if (image === null) return;
      const { x, y } = brush.pos;
      const tile = image.pixels === surface ? copyOf(context, surface, { top: 0, left: 0, bottom: surface.height, right: surface.width }) : image.pixels;
      if (tile === null) return;
      paint(context, target, region.bounds, (left, top, right, bottom) => fillTiled(surface, left, top, right, bottom, tile, x, y, rop));
    }
  }
}

function touchBrush(context: DrawContext, brush: Brush): void {
  if (brush.kind === 'pattern') touchImage(context.images, brush.image, context.report);
}

/** A part of a picture in memory of its own, for drawing a surface onto itself. Null, with a gap reported, without memory for it. */
function copyOf(context: DrawContext, source: PixelBuffer, part: Rect): PixelBuffer | null {
  const copy = momentaryBuffer(context, part.right - part.left, part.bottom - part.top);
  if (copy === null) return null;
  blit(copy, 0, 0, copy.width, copy.height, source, part.left, part.top, ropPut);
  return copy;
}
