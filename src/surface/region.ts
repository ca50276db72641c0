/**
 * Where a draw command may paint: box ∩ surface ∩ the union of its clip rectangles, as disjoint rectangles. Masks are not
 * part of it (`mask.ts` refines a region's rectangles row by row). Disjoint matters: an XOR painted twice is undone.
 */
import type { Clip, Rect } from '../protocol/messages/draw.ts';

/** Rectangles that a region may be cut into. A peer that sends overlapping clip rectangles can ask for their square. */
const regionRectsMax = 262_144;
/** Steps spent on cutting one clip into disjoint rectangles; beyond, the clip is refused as too complex. */
const clipStepsMax = 4_194_304;

/** A set of pixels as disjoint rectangles. */
export interface Region {
  /** The bounding box; empty regions have left = right = top = bottom = 0. */
  readonly bounds: Rect;
  /** Null when the bounds are the region. */
  readonly rects: readonly Rect[] | null;
}

export const emptyRect: Rect = { top: 0, left: 0, bottom: 0, right: 0 };
const emptyRegion: Region = { bounds: emptyRect, rects: null };

/** The common part; one canonical empty rectangle when there is none. */
export function intersectRects(a: Rect, b: Rect): Rect {
  const left = Math.max(a.left, b.left);
  const top = Math.max(a.top, b.top);
  const right = Math.min(a.right, b.right);
  const bottom = Math.min(a.bottom, b.bottom);
  return left >= right || top >= bottom ? emptyRect : { top, left, bottom, right };
}

export function sameSize(a: Rect, b: Rect): boolean {
  return a.right - a.left === b.right - b.left && a.bottom - a.top === b.bottom - b.top;
}

/** The smallest rectangle around both. */
export function uniteRects(a: Rect, b: Rect): Rect {
  return {
    top: Math.min(a.top, b.top),
    left: Math.min(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.max(a.right, b.right),
  };
}

/** The rectangle moved; coordinates are doubles here, so sums of two i32 do not overflow. */
export function translateRect(rect: Rect, dx: number, dy: number): Rect {
  return { top: rect.top + dy, left: rect.left + dx, bottom: rect.bottom + dy, right: rect.right + dx };
}

/**
 * The region of a draw command on a surface of `width` x `height`. Null when its clip is too complex to cut within the
 * named maxima: the command is then refused rather than painted wrongly.
 */
export function clipRegion(box: Rect, width: number, height: number, clip: Clip): Region | null {
  const bounds = intersectRects(box, { top: 0, left: 0, bottom: height, right: width });
  if (bounds === emptyRect) return emptyRegion;
  if (clip.kind === 'none') return { bounds, rects: null };
  const inside: Rect[] = [];
  for (const rect of clip.rects) {
    const part = intersectRects(rect, bounds);
    if (part !== emptyRect) inside.push(part);
  }
  const only = inside[0];
  if (only === undefined) return emptyRegion;
  if (inside.length === 1) return { bounds: only, rects: null };
  const rects = isBanded(inside) ? inside : cutIntoBands(inside);
  return rects === null || rects.length > regionRectsMax ? null : { bounds: boundsOf(rects), rects };
}

/**
 * Calls `paint` for each rectangle of the region within `limit`. Rectangles are disjoint and come from top to bottom.
 */
export function forEachRect(region: Region, limit: Rect, paint: (left: number, top: number, right: number, bottom: number) => void): void {
  if (region.rects === null) {
    paintWithin(region.bounds, limit, paint);
  } else {
    for (const rect of region.rects) paintWithin(rect, limit, paint);
  }
}

/** Whether the pixel is in the region. Rectangles stand in bands from top to bottom, each from left to right, so half of them fall away at each look. */
export function regionContains(region: Region, x: number, y: number): boolean {
  const { bounds, rects } = region;
  if (x < bounds.left || x >= bounds.right || y < bounds.top || y >= bounds.bottom) return false;
  if (rects === null) return true;
  let low = 0;
  for (let high = rects.length; low < high; ) {
    const at = (low + high) >>> 1;
    const rect = rects[at];
    if (rect === undefined) break;
    if (rect.bottom <= y || (rect.top <= y && rect.right <= x)) low = at + 1;
    else high = at;
  }
  const found = rects[low];
  return found !== undefined && found.top <= y && found.left <= x;
}

function paintWithin(rect: Rect, limit: Rect, paint: (left: number, top: number, right: number, bottom: number) => void): void {
  const left = Math.max(rect.left, limit.left);
  const top = Math.max(rect.top, limit.top);
  const right = Math.min(rect.right, limit.right);
  const bottom = Math.min(rect.bottom, limit.bottom);
  if (left < right && top < bottom) paint(left, top, right, bottom);
}

/** Servers send regions as pixman keeps them: bands from top to bottom, disjoint, left to right. Then nothing is to do. */
function isBanded(rects: readonly Rect[]): boolean {
  let previous = emptyRect;
  for (const rect of rects) {
    const sameBand = rect.top === previous.top && rect.bottom === previous.bottom && rect.left >= previous.right;
    if (!sameBand && rect.top < previous.bottom) return false;
    previous = rect;
  }
  return true;
}

/** Cuts overlapping rectangles at every top and bottom, and joins what overlaps within each band. */
function cutIntoBands(rects: readonly Rect[]): Rect[] | null {
  const waiting = rects.toSorted((a, b) => a.top - b.top);
  const edges = [...new Set(rects.flatMap((rect) => [rect.top, rect.bottom]))].toSorted((a, b) => a - b);
  const bands: Rect[] = [];
  let active: Rect[] = [];
  let next = 0;
  let steps = 0;
  for (let i = 0; i + 1 < edges.length; i++) {
    const top = edges[i] ?? 0;
    const bottom = edges[i + 1] ?? 0;
    active = active.filter((rect) => rect.bottom > top);
    for (let rect = waiting[next]; rect !== undefined && rect.top <= top; rect = waiting[++next]) active.push(rect);
    active.sort((a, b) => a.left - b.left);
    steps += active.length;
    if (steps > clipStepsMax || bands.length > regionRectsMax) return null;
    joinBand(active, top, bottom, bands);
  }
  return bands;
}

function joinBand(active: readonly Rect[], top: number, bottom: number, bands: Rect[]): void {
  const first = active[0];
  if (first === undefined) return;
  let { left, right } = first;
  for (const rect of active) {
    if (rect.left > right) {
      bands.push({ top, left, bottom, right });
      left = rect.left;
      right = rect.right;
    } else if (rect.right > right) {
      right = rect.right;
    }
  }
  bands.push({ top, left, bottom, right });
}

function boundsOf(rects: readonly Rect[]): Rect {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const rect of rects) {
    if (rect.left < left) left = rect.left;
    if (rect.top < top) top = rect.top;
    if (rect.right > right) right = rect.right;
    if (rect.bottom > bottom) bottom = rect.bottom;
  }
  return { top, left, bottom, right };
}
