/** DRAW_COMPOSITE: X Render's picture operation, with everything that its flags say about source, mask and destination. */
import { chargeWorking } from '../decode/byte-budget.ts';
import { CompositeFlag } from '../protocol/constants.ts';
import type { MessageValue } from '../protocol/message.ts';
import type { DrawBase } from '../protocol/messages/draw.ts';
import type { Image } from '../protocol/messages/image.ts';
import { composite, isOperator } from './composite.ts';
import { aim, paint } from './draw-target.ts';
import type { DrawContext, DrawTarget } from './draw-target.ts';
import { resolveImage, touchImage } from './image-source.ts';
import type { ScratchUse } from './image-source.ts';
import { apartFrom } from './lay-out.ts';
import type { RepeatMode, Sampled, Transform } from './sampler.ts';
import { hasAlpha } from './surface-format.ts';

type DrawComposite = MessageValue<2, 'server', 'drawComposite'>;

/** Filters that interpolate; 0 (fast) and 3 (nearest) take the nearest pixel. */
const interpolating: ReadonlySet<number> = new Set([1, 2, 4]);

export function drawComposite(context: DrawContext, draw: DrawComposite): void {
  const { base, flags, srcImage, maskImage } = draw;
  const operator = flags & 0xff;
  const target = aim(context, base, null);
  if (target === null || srcImage === null || !isOperator(operator)) {
    touchImage(context.images, srcImage, context.report);
    touchImage(context.images, maskImage, context.report);
    if (target === null) return;
    if (srcImage === null) context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    else context.report({ key: `display:composite:operator-${operator}`, detail: 'an operator that is not known' });
    return;
  }
  const source = sampledOf(context, target, base, srcImage, 'source', {
    origin: draw.srcOrigin, transform: draw.srcTransform, filter: (flags >>> 8) & 7, repeat: (flags >>> 14) & 3, opaque: (flags & CompositeFlag.sourceOpaque) !== 0,
  });
  const mask = maskImage === null ? null : sampledOf(context, target, base, maskImage, 'brush', {
    origin: draw.maskOrigin, transform: draw.maskTransform, filter: (flags >>> 11) & 7, repeat: (flags >>> 16) & 3, opaque: (flags & CompositeFlag.maskOpaque) !== 0,
  });
  if (source === null || (maskImage !== null && mask === null)) return;
  const { surface, region } = target;
  const width = region.bounds.right - region.bounds.left;
  if (!chargeWorking(context.images.decoder.budget, width * 8)) {
    context.report({ key: 'display:memory:drawing', detail: `two rows of ${width} pixels for a moment` });
    return;
  }
  const rows = { source: new Uint32Array(width), mask: new Uint32Array(mask === null ? 0 : width) };
  const composition = {
    operator, source, mask,
    componentAlpha: (flags & CompositeFlag.componentAlpha) !== 0,
    targetHasAlpha: hasAlpha(surface.format) && (flags & CompositeFlag.destOpaque) === 0,
  };
  paint(context, target, region.bounds, (left, top, right, bottom) => composite(surface, left, top, right, bottom, composition, rows));
}

interface Reading {
  readonly origin: { readonly x: number; readonly y: number };
  readonly transform: Transform | null;
  readonly filter: number;
  readonly repeat: number;
  readonly opaque: boolean;
}

/** A picture as the flags say that it is to be read; null, with a gap reported, when there is none. */
function sampledOf(context: DrawContext, target: DrawTarget, base: DrawBase, image: Image, use: ScratchUse, reading: Reading): Sampled | null {
  const found = resolveImage(context.images, image, use, context.report);
  const pixels = found === null ? null : apartFrom(context, target.surface, found.pixels);
  if (found === null || pixels === null) return null;
  return {
    pixels,
    // The reference makes opaque pixels of an image of alpha alone; as a surface it has its alpha. Pictures are what the server shows.
    hasAlpha: found.hasAlpha && !reading.opaque && !found.alphaOnly,
    dx: reading.origin.x - base.box.left,
    dy: reading.origin.y - base.box.top,
    transform: reading.transform,
    bilinear: interpolating.has(reading.filter),
    // Two bits, of which each value is a mode.
    repeat: reading.repeat as RepeatMode,
  };
}
