import { expect, test } from 'vitest';
import { addRestart } from '#app/supervisor/restart-intensity.js';

const twoInFive = { restartsMax: 2, periodMs: 5_000 };

test('as many restarts as allowed are within, one more is not', () => {
  const first = addRestart([], 0, twoInFive);
  const second = addRestart(first.times, 10, twoInFive);
  expect([first.exceeded, second.exceeded]).toEqual([false, false]);
  expect(addRestart(second.times, 20, twoInFive).exceeded).toBe(true);
});

test('a restart one period ago still counts, a moment later it does not', () => {
  expect(addRestart([0, 100], 5_000, twoInFive).exceeded).toBe(true);
  expect(addRestart([0, 100], 5_001, twoInFive)).toEqual({ times: [100, 5_001], exceeded: false });
});

test('an intensity of 0 allows none', () => {
  expect(addRestart([], 0, { restartsMax: 0, periodMs: 5_000 }).exceeded).toBe(true);
});
