import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipRegion, forEachRect } from '#app/surface/region.js';
import type { Rect } from '#app/protocol/messages/draw.js';
import { rectOf } from '../../support/display-messages.ts';

const size = 12;
const all = rectOf(0, 0, size, size);

function coverage(box: Rect, rects: readonly Rect[] | null): number[] {
  const counts = Array.from({ length: size * size }, () => 0);
  const region = clipRegion(box, size, size, rects === null ? { kind: 'none' } : { kind: 'rects', rects });
  if (region === null) throw new Error('too complex');
  forEachRect(region, all, (left, top, right, bottom) => {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) counts[y * size + x]!++;
  });
  return counts;
}

test('box, surface and the union of the clip rectangles: each pixel of it once, no other', () => {
  const edge = fc.oneof(fc.noBias(fc.integer({ min: -3, max: 15 })), fc.constantFrom(-2147483648, 2147483647));
  const rect = fc.record({ top: edge, left: edge, bottom: edge, right: edge });
  const has = (r: Rect, x: number, y: number) => x >= r.left && x < r.right && y >= r.top && y < r.bottom;
  fc.assert(
    fc.property(rect, fc.option(fc.array(rect, { maxLength: 8, size: 'max' })), (box, rects) => {
      const expected = Array.from({ length: size * size }, (_, at) => {
        const x = at % size;
        const y = Math.floor(at / size);
        return has(box, x, y) && (rects === null || rects.some((r) => has(r, x, y))) ? 1 : 0;
      });
      expect(coverage(box, rects)).toEqual(expected);
    }),
  );
});

test('rectangles that come in bands, as servers send them, are used as they are', () => {
  const rects = [rectOf(0, 0, 2, 2), rectOf(4, 0, 2, 2), rectOf(1, 2, 5, 3)];
  expect(clipRegion(all, size, size, { kind: 'rects', rects })?.rects).toEqual(rects);
});

test('a limit cuts each rectangle', () => {
  const seen: number[][] = [];
  const region = clipRegion(all, size, size, { kind: 'rects', rects: [rectOf(0, 0, 4, 4), rectOf(6, 6, 4, 4)] });
  forEachRect(region!, rectOf(2, 2, 5, 5), (...piece) => seen.push(piece));
  expect(seen).toEqual([[2, 2, 4, 4], [6, 6, 7, 7]]);
});

test('a clip that would be cut into too many pieces is refused, not worked at without end', () => {
  const bars = Array.from({ length: 8_000 }, (_, i) => [rectOf(2 * i, 0, 1, 16_000), rectOf(0, 2 * i, 16_000, 1)]).flat();
  expect(clipRegion(rectOf(0, 0, 16_384, 16_384), 16_384, 16_384, { kind: 'rects', rects: bars })).toBeNull();
});
