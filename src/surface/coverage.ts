/**
 * Which pixels of a canvas can be trusted: those that only operations drew which this client honours in full. For conformance
 * tests against a server's own picture; off unless asked for. It looks at messages and at the gaps that they left, and knows
 * nothing of how they are drawn. Where it cannot be exact it distrusts.
 */
import type { DisplayServerMessage } from '../protocol/message.ts';
import type { Brush, DrawBase, Mask, Rect } from '../protocol/messages/draw.ts';
import type { Image } from '../protocol/messages/image.ts';
import { clipRegion, forEachRect, intersectRects, sameSize } from './region.ts';
import { ropForBrush, ropForSource, ropPut } from './rop.ts';

/** 1 = trusted. Rows top-down, one byte a pixel. */
interface CoverageMap {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** One map for each surface. The primary's is in shared memory, for readers on other threads. */
export type Coverage = Map<number, CoverageMap>;

export function createCoverage(): Coverage {
  return new Map();
}

/** A new surface is all zero on both sides, so all of it is trusted. Returns the map's memory when it is shared. */
export function coverSurface(coverage: Coverage, id: number, width: number, height: number, shared: boolean): SharedArrayBuffer | null {
  const buffer = shared ? new SharedArrayBuffer(width * height) : new ArrayBuffer(width * height);
  const bytes = new Uint8Array(buffer).fill(1);
  coverage.set(id, { width, height, bytes });
  return buffer instanceof SharedArrayBuffer ? buffer : null;
}

/** Notes one applied message. `honoured` is false when it left a gap. */
export function noteMessage(coverage: Coverage, message: DisplayServerMessage, honoured: boolean): void {
  if (message.kind === 'surfaceDestroy') coverage.delete(message.value.surfaceId);
  else if (message.kind === 'streamCreate') noteStream(coverage, message.value.surfaceId, message.value.dest);
  else {
    const facts = drawFacts(message);
    if (facts !== null) noteDraw(coverage, facts, honoured);
  }
}

/** What matters of a draw: where, from what, and whether it replaces what was there. */
interface DrawFacts {
  readonly base: DrawBase;
  readonly replaces: boolean;
  /** A part of a surface that it reads, laid over the box. */
  readonly source: { readonly surfaceId: number; readonly area: Rect } | null;
  /** Surfaces that it reads in other ways: as tiles, masks, or through a transform. */
  readonly reads: readonly (number | null)[];
}

function drawFacts(message: DisplayServerMessage): DrawFacts | null {
  switch (message.kind) {
    case 'drawFill': {
      const { base, brush, rop, mask } = message.value;
      return { base, replaces: ropForBrush(rop) === ropPut && !isMasked(mask) && brush.kind !== 'none', source: null, reads: [brushSurface(brush), maskSurface(mask)] };
    }
    case 'drawCopy':
    case 'drawBlend': {
      const { base, srcImage, srcArea, rop, mask } = message.value;
      return { base, replaces: ropForSource(rop) === ropPut && !isMasked(mask), source: imageSource(srcImage, srcArea), reads: [maskSurface(mask)] };
    }
    case 'drawOpaque': {
      const { base, srcImage, srcArea, brush, mask } = message.value;
      return { base, replaces: !isMasked(mask), source: imageSource(srcImage, srcArea), reads: [brushSurface(brush), maskSurface(mask)] };
    }
    case 'drawBlackness':
    case 'drawWhiteness':
      return { base: message.value.base, replaces: !isMasked(message.value.mask), source: null, reads: [maskSurface(message.value.mask)] };
    case 'drawInvers':
      return { base: message.value.base, replaces: false, source: null, reads: [maskSurface(message.value.mask)] };
    case 'drawTransparent':
    case 'drawAlphaBlend': {
      const { base, srcImage, srcArea } = message.value;
      return { base, replaces: false, source: imageSource(srcImage, srcArea), reads: [] };
    }
    case 'copyBits': {
      const { base, srcPos } = message.value;
      const { box } = base;
      const area = { left: srcPos.x, top: srcPos.y, right: srcPos.x + (box.right - box.left), bottom: srcPos.y + (box.bottom - box.top) };
      return { base, replaces: true, source: { surfaceId: base.surfaceId, area }, reads: [] };
    }
    case 'drawRop3': {
      const { base, srcImage, srcArea, brush, mask } = message.value;
      return { base, replaces: false, source: imageSource(srcImage, srcArea), reads: [brushSurface(brush), maskSurface(mask)] };
    }
    case 'drawStroke':
      return { base: message.value.base, replaces: false, source: null, reads: [brushSurface(message.value.brush)] };
    case 'drawText':
      return { base: message.value.base, replaces: false, source: null, reads: [brushSurface(message.value.foreBrush), brushSurface(message.value.backBrush)] };
    case 'drawComposite': {
      const { base, flags, srcImage, maskImage } = message.value;
      // CLEAR and SRC leave nothing of what was there.
      return { base, replaces: (flags & 0xff) <= 1, source: null, reads: [surfaceOf(srcImage), surfaceOf(maskImage)] };
    }
    default:
      return null;
  }
}

const isMasked = (mask: Mask): boolean => mask.image !== null;
const surfaceOf = (image: Image | null): number | null => (image !== null && image.body.kind === 'surface' ? image.body.surfaceId : null);
const maskSurface = (mask: Mask): number | null => surfaceOf(mask.image);
const brushSurface = (brush: Brush): number | null => (brush.kind === 'pattern' ? surfaceOf(brush.image) : null);

function imageSource(image: Image | null, area: Rect): DrawFacts['source'] {
  const surfaceId = surfaceOf(image);
  return surfaceId === null ? null : { surfaceId, area };
}

function noteDraw(coverage: Coverage, facts: DrawFacts, honoured: boolean): void {
  const { base, source } = facts;
  const map = coverage.get(base.surfaceId);
  if (map === undefined) return;
  const region = clipRegion(base.box, map.width, map.height, base.clip);
  if (region === null) {
    map.bytes.fill(0);
    return;
  }
  const trusted = honoured && facts.reads.every((surfaceId) => surfaceId === null || isTrusted(coverage, surfaceId, null));
  if (!trusted) {
    forEachRect(region, region.bounds, (left, top, right, bottom) => fill(map, left, top, right, bottom, 0));
    return;
  }
  if (source === null) {
    if (facts.replaces) forEachRect(region, region.bounds, (left, top, right, bottom) => fill(map, left, top, right, bottom, 1));
    return;
  }
  const from = coverage.get(source.surfaceId);
  const wholly = isTrusted(coverage, source.surfaceId, source.area);
  if (wholly && facts.replaces) {
    forEachRect(region, region.bounds, (left, top, right, bottom) => fill(map, left, top, right, bottom, 1));
    return;
  }
  if (wholly) return;
  if (from === undefined || !sameSize(source.area, base.box)) {
    forEachRect(region, region.bounds, (left, top, right, bottom) => fill(map, left, top, right, bottom, 0));
    return;
  }
  // Pixel by pixel from a copy, because source and target may be the same map.
  const bytes = from === map ? from.bytes.slice() : from.bytes;
  const dx = source.area.left - base.box.left;
  const dy = source.area.top - base.box.top;
  forEachRect(region, region.bounds, (left, top, right, bottom) => {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const inside = x + dx >= 0 && x + dx < from.width && y + dy >= 0 && y + dy < from.height;
        const value = inside ? (bytes[(y + dy) * from.width + x + dx] ?? 0) : 0;
        const at = y * map.width + x;
        map.bytes[at] = facts.replaces ? value : value & (map.bytes[at] ?? 0);
      }
    }
  });
}

/** A stream's pictures are not drawn: what it shows is distrusted until something else is drawn there. */
function noteStream(coverage: Coverage, surfaceId: number, dest: Rect): void {
  const map = coverage.get(surfaceId);
  if (map === undefined) return;
  const area = intersectRects(dest, { left: 0, top: 0, right: map.width, bottom: map.height });
  fill(map, area.left, area.top, area.right, area.bottom, 0);
}

/** Whether every pixel of a surface, or of a part of it, is trusted. */
function isTrusted(coverage: Coverage, surfaceId: number, part: Rect | null): boolean {
  const map = coverage.get(surfaceId);
  if (map === undefined) return false;
  if (part === null) return !map.bytes.includes(0);
  const area = intersectRects(part, { left: 0, top: 0, right: map.width, bottom: map.height });
  for (let y = area.top; y < area.bottom; y++) {
    if (map.bytes.subarray(y * map.width + area.left, y * map.width + area.right).includes(0)) return false;
  }
  return true;
}

function fill(map: CoverageMap, left: number, top: number, right: number, bottom: number, value: 0 | 1): void {
  for (let y = top; y < bottom; y++) map.bytes.fill(value, y * map.width + left, y * map.width + right);
}
