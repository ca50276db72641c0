/** DRAW_STROKE: lines one pixel wide along a path, solid or dashed, with a brush through a raster operation. */
import { LineFlag } from '../protocol/constants.ts';
import type { MessageValue } from '../protocol/message.ts';
import { aim, startDrawing } from './draw-target.ts';
import type { DrawContext } from './draw-target.ts';
import { brushTile, touchBrush } from './lay-out.ts';
import { plotPolyline } from './line-pixels.ts';
import type { DashPattern } from './line-pixels.ts';
import { modulo } from './fill.ts';
import { regionContains } from './region.ts';
import { applyRop, ropForBrush } from './rop.ts';
import { figuresOf } from './stroke-path.ts';

type DrawStroke = MessageValue<2, 'server', 'drawStroke'>;

/** Pixels that one command may walk over: a server that means well stays far below. */
const strokeStepsMax = 16 * 1024 * 1024;

export function drawStroke(context: DrawContext, draw: DrawStroke): void {
  const target = aim(context, draw.base, null);
  if (target === null) return touchBrush(context, draw.brush);
  const { surface, region } = target;
  const brush = brushTile(context, surface, draw.brush);
  if (brush === null) return;
  startDrawing(context, target, region.bounds);
  const rop = ropForBrush(draw.foreMode);
  const stride = surface.strideBytes >>> 2;
  const { pixels: tile, originX, originY } = brush;
  const plot = (x: number, y: number): void => {
    if (!regionContains(region, x, y)) return;
    const at = y * stride + x;
    const color = tile.words[modulo(y - originY, tile.height) * (tile.strideBytes >>> 2) + modulo(x - originX, tile.width)] ?? 0;
    surface.words[at] = applyRop(rop, color, surface.words[at] ?? 0);
  };
  const dashes = dashesOf(draw.lineAttributes);
  let left = strokeStepsMax;
  for (const figure of figuresOf(draw.path)) {
    const steps = plotPolyline(figure, dashes, region.bounds, left, plot);
    if (steps === null) {
      context.report({ key: 'display:draw:stroke-too-long', detail: `a path of more than ${strokeStepsMax} pixels` });
      return;
    }
    left -= steps;
  }
}

/** Dashes in whole pixels; null for a solid line, and for a style without any length. */
function dashesOf({ flags, style }: DrawStroke['lineAttributes']): DashPattern | null {
  const dashes = style?.dashes ?? null;
  if (dashes === null || dashes.length === 0) return null;
  const lengths = dashes.map((length) => Math.max(1, Math.floor(length + 0.5)));
  if ((flags & LineFlag.startWithGap) === 0) return { lengths, offset: 0 };
  // The reference turns the lengths by one and begins behind the first of them, which is a gap then.
  const turned = [...lengths.slice(1), ...lengths.slice(0, 1)];
  return { lengths: turned, offset: turned[0] ?? 0 };
}
