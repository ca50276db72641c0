import { expect, test } from 'vitest';
import { cachedCursorsMax, resolveCursor } from '#app/surface/cursor-cache.js';
import type { CursorCache } from '#app/surface/cursor-cache.js';

const shapeOf = (unique: bigint, data: readonly number[]) => ({ unique, type: 0, width: 1, height: 1, hotSpotX: 0, hotSpotY: 0, data: Uint8Array.from(data) });
const newCache = (): CursorCache => new Map();

test('a shape to keep is found again by its number', () => {
  const cache = newCache();
  const { shape } = resolveCursor(cache, { flags: 2, shape: shapeOf(7n, [1, 2, 3, 4]) });
  expect([...shape!.pixels]).toEqual([1, 2, 3, 4]);
  expect(resolveCursor(cache, { flags: 4, shape: shapeOf(7n, []) })).toEqual({ shape, gap: null });
});

test('a shape that nobody asked to keep is not kept, and asking for it is a gap', () => {
  const cache = newCache();
  resolveCursor(cache, { flags: 0, shape: shapeOf(7n, [1, 2, 3, 4]) });
  expect(resolveCursor(cache, { flags: 4, shape: shapeOf(7n, []) })).toMatchObject({ shape: null, gap: { key: 'cursor:cache:missing' } });
});

test('no cursor is no shape and no gap', () => {
  expect(resolveCursor(newCache(), { flags: 1, shape: null })).toEqual({ shape: null, gap: null });
});

test('bad shapes are gaps under stable keys', () => {
  expect(resolveCursor(newCache(), { flags: 0, shape: shapeOf(1n, [1]) }).gap?.key).toBe('cursor:shape:truncated');
  expect(resolveCursor(newCache(), { flags: 0, shape: { ...shapeOf(1n, [1]), type: 99 } }).gap?.key).toBe('cursor:shape:unknown-type');
});

test('a shape more than the server may count on is shown but not kept', () => {
  const cache = newCache();
  for (let i = 0; i < cachedCursorsMax; i++) resolveCursor(cache, { flags: 2, shape: shapeOf(BigInt(i), [0, 0, 0, 0]) });
  const late = resolveCursor(cache, { flags: 2, shape: shapeOf(1000n, [9, 9, 9, 9]) });
  expect([late.gap?.key, late.shape?.width, cache.size]).toEqual(['cursor:cache:full', 1, cachedCursorsMax]);
  expect(resolveCursor(cache, { flags: 2, shape: shapeOf(3n, [5, 5, 5, 5]) }).gap).toBeNull();
});
