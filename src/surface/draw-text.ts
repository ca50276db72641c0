/** DRAW_TEXT: a background, if there is one, and then the glyphs: a brush through their coverage. */
import { chargeWorking, roomIn } from '../decode/byte-budget.ts';
import type { MessageValue } from '../protocol/message.ts';
import { blendCovered } from './alpha-blend.ts';
import { aim, paint } from './draw-target.ts';
import type { DrawContext } from './draw-target.ts';
import { fillTiled } from './fill.ts';
import { coverGlyphs, glyphBounds } from './glyph-coverage.ts';
import { brushTile, touchBrush } from './lay-out.ts';
import { emptyRect } from './region.ts';
import { ropForBrush } from './rop.ts';
import { hasAlpha } from './surface-format.ts';

type DrawText = MessageValue<2, 'server', 'drawText'>;

const everywhere = { top: -Infinity, left: -Infinity, bottom: Infinity, right: Infinity };

export function drawText(context: DrawContext, draw: DrawText): void {
  const target = aim(context, draw.base, null);
  if (target === null) {
    touchBrush(context, draw.backBrush);
    touchBrush(context, draw.foreBrush);
    return;
  }
  const { surface, region } = target;
  const { backArea } = draw;
  if (backArea.left < backArea.right && backArea.top < backArea.bottom) {
    const back = brushTile(context, surface, draw.backBrush);
    const rop = ropForBrush(draw.backMode);
    if (back !== null) paint(context, target, backArea, (left, top, right, bottom) => fillTiled(surface, left, top, right, bottom, back.pixels, back.originX, back.originY, rop));
  } else {
    touchBrush(context, draw.backBrush);
  }
  const brush = brushTile(context, surface, draw.foreBrush);
  if (brush === null) return;
  const { glyphs, flags } = draw.string;
  // Unlike everywhere else a pattern begins where the text does.
  const text = glyphBounds(glyphs, everywhere);
  const fore = { ...brush, originX: text.left + brush.originX, originY: text.top + brush.originY };
  const covers = glyphBounds(glyphs, region.bounds);
  if (covers === emptyRect) return;
  const count = (covers.right - covers.left) * (covers.bottom - covers.top);
  const { budget } = context.images.decoder;
  if (!chargeWorking(budget, count)) {
    context.report({ key: 'display:memory:drawing', detail: `${count} bytes for the coverage of a text, ${roomIn(budget)} bytes are left` });
    return;
  }
  const coverage = coverGlyphs(glyphs, flags, covers, new Uint8Array(count));
  const keepsAlpha = !hasAlpha(surface.format);
  paint(context, target, covers, (left, top, right, bottom) => blendCovered(surface, left, top, right, bottom, fore, coverage, keepsAlpha));
}
