/**
 * The pixels of lines one pixel wide, solid or dashed (DRAW_STROKE): figures of a path become polylines, and polylines pixels. It
 * works within a bounding box, whatever the coordinates are, and paints nothing: each pixel is handed out once for each line over it.
 */
import type { Rect } from '../protocol/messages/draw.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a line of dashes is inked: lengths in whole pixels, each at least 1, ink and gap in turn, and where in them the line begins. */
export interface DashPattern {
  readonly lengths: readonly number[];
  readonly offset: number;
}

/** Called for each pixel inside the bounds. */
export type Plot = (x: number, y: number) => void;

/**
 * Plots a polyline: each of its lines without its last point, which is the next one's first. Its very last pixel is not drawn.
 * @param stepsMax pixels to walk at most, inside the bounds
 * @returns the steps that were taken, or null when they would be more
 */
export function plotPolyline(points: readonly Point[], dashes: DashPattern | null, bounds: Rect, stepsMax: number, plot: Plot): number | null {
  let steps = 0;
  let along = dashes?.offset ?? 0;
  for (let at = 1; at < points.length; at++) {
    const [from, to] = [points[at - 1], points[at]];
    if (from === undefined || to === undefined) break;
    const part = partInside(lineOf(from, to), bounds);
    steps += Math.max(0, part.end - part.first);
    if (steps > stepsMax) return null;
    if (dashes === null) {
      plotSolid(part, bounds, plot);
    } else {
      plotDashes(part, bounds, dashes, along, plot);
      // Each line takes whole pixels of the pattern.
      along += Math.round(Math.hypot(to.x - from.x, to.y - from.y));
    }
  }
  return steps;
}

/** A line along its major axis, the one along which it makes more steps. */
interface Line {
  readonly from: Point;
  readonly steep: boolean;
  readonly major: number;
  readonly minor: number;
  readonly signX: number;
  readonly signY: number;
}

/** The steps of a line that lie inside some bounds along its major axis: only they are walked. */
interface LinePart {
  readonly line: Line;
  readonly first: number;
  readonly end: number;
}

function lineOf(from: Point, to: Point): Line {
  const across = Math.abs(to.x - from.x);
  const down = Math.abs(to.y - from.y);
  const steep = down > across;
  return { from, steep, major: steep ? down : across, minor: steep ? across : down, signX: to.x < from.x ? -1 : 1, signY: to.y < from.y ? -1 : 1 };
}

function partInside(line: Line, bounds: Rect): LinePart {
  const [start, sign, low, high] = line.steep ? [line.from.y, line.signY, bounds.top, bounds.bottom] : [line.from.x, line.signX, bounds.left, bounds.right];
  const first = Math.max(0, sign > 0 ? low - start : start - high + 1);
  return { line, first, end: Math.min(line.major, sign > 0 ? high - start : start - low + 1) };
}

/** Bresenham's line, without its last pixel. A point exactly between two pixels takes the one nearer to the start. */
function plotSolid({ line, first, end }: LinePart, bounds: Rect, plot: Plot): void {
  if (first >= end) return;
  const { major, minor } = line;
  let { whole: offset, rest: error } = minorAt(first, major, minor);
  for (let step = first; step < end; step++) {
    plotAt(line, step, offset, bounds, plot);
    error += 2 * minor;
    if (error >= 2 * major) {
      error -= 2 * major;
      offset++;
    }
  }
}

/**
 * Dashes are pieces of a line one pixel wide: a pixel is inked when its centre is within half a pixel of the line, and where it
 * comes to stand along the line lies in a dash. So a step may ink two pixels, and lengths are those of the line, not of its steps.
 */
function plotDashes({ line, first, end }: LinePart, bounds: Rect, dashes: DashPattern, along: number, plot: Plot): void {
  const { major, minor } = line;
  const length = Math.hypot(major, minor);
  if (length === 0) return;
  for (let step = Math.max(0, first - 1); step < end; step++) {
    const nearest = minorAt(step, major, minor).whole;
    for (let offset = nearest - 1; offset <= nearest + 1; offset++) {
      const aside = (step * minor - offset * major) / length;
      const place = (step * major + offset * minor) / length;
      if (aside < -0.5 || aside >= 0.5 || place < 0 || place >= length || !isInked(dashes, along + place)) continue;
      plotAt(line, step, offset, bounds, plot);
    }
  }
}

function plotAt({ from, steep, signX, signY }: Line, step: number, offset: number, bounds: Rect, plot: Plot): void {
  const x = from.x + signX * (steep ? offset : step);
  const y = from.y + signY * (steep ? step : offset);
  if (x >= bounds.left && x < bounds.right && y >= bounds.top && y < bounds.bottom) plot(x, y);
}

function isInked({ lengths }: DashPattern, along: number): boolean {
  // An odd number of lengths makes dashes of the gaps at every second turn.
  const turns = lengths.length % 2 === 0 ? 1 : 2;
  let rest = along % (lengths.reduce((sum, length) => sum + length, 0) * turns);
  for (let at = 0; at < lengths.length * turns; at++) {
    rest -= lengths[at % lengths.length] ?? 1;
    if (rest < 0) return at % 2 === 0;
  }
  return false;
}

/** How far the minor axis is after some steps, and the remainder in units of 1 / (2 · major): (2·step·minor + major − 1) divided by 2·major. */
function minorAt(step: number, major: number, minor: number): { whole: number; rest: number } {
  if (step === 0) return { whole: 0, rest: major - 1 };
  // Coordinates reach 2^27, so the product may be beyond what a double counts exactly.
  const total = 2n * BigInt(step) * BigInt(minor) + BigInt(major) - 1n;
  const unit = 2n * BigInt(major);
  return { whole: Number(total / unit), rest: Number(total % unit) };
}
