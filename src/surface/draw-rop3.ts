/** DRAW_ROP3: a source, a brush and the destination through a ternary raster operation. */
import type { MessageValue } from '../protocol/message.ts';
import { aim, momentaryBuffer, paint } from './draw-target.ts';
import type { DrawContext, DrawTarget } from './draw-target.ts';
import { resolveImage, touchImage } from './image-source.ts';
import { brushTile, layOut, touchBrush } from './lay-out.ts';
import type { LaidOut } from './lay-out.ts';
import { blitRop3, ignoresSource } from './rop3.ts';
import { depthOf } from './surface-format.ts';

type DrawRop3 = MessageValue<2, 'server', 'drawRop3'>;

export function drawRop3(context: DrawContext, draw: DrawRop3): void {
  const target = aim(context, draw.base, draw.mask);
  if (target === null) {
    touchImage(context.images, draw.srcImage, context.report);
    touchBrush(context, draw.brush);
    return;
  }
  const from = sourcePixels(context, target, draw);
  const brush = from === null ? null : brushTile(context, target.surface, draw.brush);
  if (from === null || brush === null) {
    if (from === null) touchBrush(context, draw.brush);
    return;
  }
  paint(context, target, from.limit, (left, top, right, bottom) =>
    blitRop3(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, brush, draw.rop3),
  );
}

/** The source over the box. Where the operation takes no notice of it a server may leave it away, and then any pixels do. */
function sourcePixels(context: DrawContext, target: DrawTarget, { base, srcImage, srcArea, scaleMode, rop3 }: DrawRop3): LaidOut | null {
  if (srcImage !== null) {
    const image = resolveImage(context.images, srcImage, 'source', context.report, depthOf(target.surface));
    return image === null ? null : layOut(context, image, target, base.box, srcArea, scaleMode);
  }
  if (!ignoresSource(rop3)) {
    context.report({ key: 'display:draw:no-image', detail: 'a source picture at offset 0' });
    return null;
  }
  const { bounds } = target.region;
  const pixels = momentaryBuffer(context, bounds.right - bounds.left, bounds.bottom - bounds.top);
  return pixels === null ? null : { pixels, dx: -bounds.left, dy: -bounds.top, limit: bounds };
}
