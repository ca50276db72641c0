import { expect, test } from 'vitest';
import { blankAfterMs, initialBlankScreen, lookForBlankScreen, type BlankScreenReading } from '#app/supervisor/blank-screen.js';

/** For how long nothing was drawn, as each look tells it. */
function looks(readings: readonly BlankScreenReading[]): (number | null)[] {
  let state = initialBlankScreen;
  return readings.map((reading) => {
    const look = lookForBlankScreen(state, reading);
    state = look.state;
    return look.blankMs;
  });
}

test('input that nothing is drawn after is told once, and again only after something was drawn', () => {
  expect(looks([
    { nowMs: 0, draws: 5, inputMs: null },
    { nowMs: 1_000, draws: 5, inputMs: 900 },
    { nowMs: 10_000, draws: 5, inputMs: 9_000 },
    { nowMs: 900 + blankAfterMs, draws: 5, inputMs: 9_000 },
    { nowMs: 60_000, draws: 5, inputMs: 59_000 },
    { nowMs: 90_000, draws: 6, inputMs: 59_000 },
    { nowMs: 91_000, draws: 6, inputMs: 90_500 },
    { nowMs: 110_000, draws: 6, inputMs: 90_500 },
  ])).toEqual([null, null, null, blankAfterMs, null, null, null, 19_500]);
});

test('a screen that rests without input is no news', () => {
  expect(looks(Array.from({ length: 100 }, (_, index) => ({ nowMs: index * 5_000, draws: 3, inputMs: null })))).toEqual(Array.from({ length: 100 }, () => null));
});

test('input that was answered long ago is not counted again', () => {
  expect(looks([{ nowMs: 0, draws: 0, inputMs: null }, { nowMs: 5_000, draws: 1, inputMs: 4_000 }, { nowMs: 60_000, draws: 1, inputMs: 4_000 }])).toEqual([null, null, null]);
});
