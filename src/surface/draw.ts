/**
 * What each draw message does: find the target, get the pictures that it names, choose the loop that sets the pixels.
 * Pictures are fetched even when nothing of them will be seen, because later messages rely on what they leave behind in
 * caches and in the GLZ window. ROP3, STROKE, TEXT and COMPOSITE have files of their own (`draw-rop3.ts` and so on).
 */
import { pixelBufferOver } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { AlphaFlag, ScaleMode } from '../protocol/constants.ts';
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
import { layOut, patternTile, sourceOf, touchBrush } from './lay-out.ts';
import { emptyRect, intersectRects, sameSize, translateRect } from './region.ts';
import { ropForBrush, ropForOpaque, ropForSource, ropPut } from './rop.ts';
import type { Rop } from './rop.ts';
import { surfaceHeaderBytes } from './shared-surface.ts';
import type { Surface } from './shared-surface.ts';
import { brushColour, depthOf, hasAlpha, settlePixels } from './surface-format.ts';

type Draw<K extends 'drawFill' | 'drawCopy' | 'drawOpaque' | 'drawBlackness' | 'drawTransparent' | 'drawAlphaBlend' | 'copyBits'> =
  MessageValue<2, 'server', K>;

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
  const source = sourceOf(context, draw.base, draw.srcImage);
  if (source === null) return;
  const { target, image } = source;
  const from = layOut(context, image, target, draw.base.box, draw.srcArea, ScaleMode.nearest);
  if (from === null) return;
  paint(context, target, from.limit, (left, top, right, bottom) =>
    blitColorKeyed(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, draw.trueColor),
  );
}

export function drawAlphaBlend(context: DrawContext, draw: Draw<'drawAlphaBlend'>): void {
  const source = sourceOf(context, draw.base, draw.srcImage);
  if (source === null || draw.alpha === 0) return;
  const { target, image } = source;
  const from = layOut(context, image, target, draw.base.box, draw.srcArea, ScaleMode.nearest);
  if (from === null) return;
  const flaggedSource = image.surfaceId !== null && (draw.alphaFlags & AlphaFlag.srcSurfaceHasAlpha) !== 0;
  const alpha = {
    opacity: draw.alpha,
    sourceHasAlpha: image.hasAlpha || flaggedSource,
    targetHasAlpha: hasAlpha(target.surface.format) || (draw.alphaFlags & AlphaFlag.destHasAlpha) !== 0,
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

/** Paints an image through a rop. False, with a gap reported, when there is no picture to paint. */
function putImage(context: DrawContext, target: DrawTarget, box: Rect, image: Image | null, area: Rect, scaleMode: number, rop: Rop): boolean {
  if (image === null) {
    context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    return false;
  }
  if (rop === ropPut && coversWhole(target, box, image, area)) {
    startDrawing(context, target, box);
    const decoded = decodeInto(context.images, image, partOf(target.surface, box), context.report, depthOf(target.surface));
    settlePixels(target.surface, box.left, box.top, box.right, box.bottom);
    return decoded;
  }
  const source = resolveImage(context.images, image, 'source', context.report, depthOf(target.surface));
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

function applyBrush(context: DrawContext, target: DrawTarget, brush: Brush, rop: Rop): void {
  const { surface, region } = target;
  switch (brush.kind) {
    // Without a brush the rop still counts (an INVERS fill has none); the input is then 0.
    case 'none':
    case 'solid': {
      const color = brush.kind === 'solid' ? brushColour(surface, brush.color) : 0;
      paint(context, target, region.bounds, (left, top, right, bottom) => fillSolid(surface, left, top, right, bottom, color, rop));
      return;
    }
    case 'pattern': {
      const tile = patternTile(context, surface, brush);
      if (tile === null) return;
      paint(context, target, region.bounds, (left, top, right, bottom) => fillTiled(surface, left, top, right, bottom, tile.pixels, tile.originX, tile.originY, rop));
    }
  }
}
