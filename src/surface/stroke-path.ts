/**
 * The path of a DRAW_STROKE as polylines in whole pixels: figures begin and end where the segments' flags say, and Bézier curves
 * become lines. It knows neither dashes nor pixels on a surface.
 */
import { PathFlag } from '../protocol/constants.ts';
import type { MessageValue } from '../protocol/message.ts';
import type { Point } from './line-pixels.ts';

type Path = MessageValue<2, 'server', 'drawStroke'>['path'];

/** Halvings of a curve at most: 2^12 lines. */
const halvingsMax = 12;

/** One polyline for each figure, its points rounded to pixels. A closed figure ends with its first point. */
export function figuresOf(path: Path): Point[][] {
  const figures: Point[][] = [];
  let figure: Point[] = [];
  for (const { flags, points } of path.segments) {
    if ((flags & PathFlag.begin) !== 0) figure = [];
    if ((flags & PathFlag.bezier) !== 0) addCurves(figure, points);
    else figure.push(...points);
    if ((flags & PathFlag.end) === 0) continue;
    const first = figure[0];
    if ((flags & PathFlag.close) !== 0 && first !== undefined) figure.push(first);
    figures.push(figure.map(({ x, y }) => ({ x: Math.floor(x + 0.5), y: Math.floor(y + 0.5) })));
    figure = [];
  }
  return figures;
}

/** Appends the lines of curves that begin at the figure's last point: three control points each. */
function addCurves(figure: Point[], controls: readonly Point[]): void {
  for (let at = 0; at + 2 < controls.length; at += 3) {
    const [from, first, second, to] = [figure.at(-1), controls[at], controls[at + 1], controls[at + 2]];
    if (from === undefined || first === undefined || second === undefined || to === undefined) return;
    addCurve(figure, from, first, second, to, halvingsMax);
  }
}

/** Halves the curve until it is as good as its chord, and appends the ends of the halves. */
function addCurve(figure: Point[], from: Point, first: Point, second: Point, to: Point, halvings: number): void {
  if (halvings === 0 || isFlat(from, first, second, to)) {
    figure.push(to);
    return;
  }
  const [a, b, c] = [middle(from, first), middle(first, second), middle(second, to)];
  const [d, e] = [middle(a, b), middle(b, c)];
  const centre = middle(d, e);
  addCurve(figure, from, a, d, centre, halvings - 1);
  addCurve(figure, centre, e, c, to, halvings - 1);
}

/** In sixteenths of a pixel, as coordinates are on the wire. */
function middle(a: Point, b: Point): Point {
  return { x: Math.floor((a.x + b.x) * 8) / 16, y: Math.floor((a.y + b.y) * 8) / 16 };
}

/** Whether the control polygon bends by less than a pixel at each of its corners. */
function isFlat(from: Point, first: Point, second: Point, to: Point): boolean {
  const off = (a: number, b: number, c: number): number => Math.abs(a - 2 * b + c);
  return Math.max(off(from.x, first.x, second.x), off(from.y, first.y, second.y), off(first.x, second.x, to.x), off(first.y, second.y, to.y)) < 1;
}
