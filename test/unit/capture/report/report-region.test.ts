// Regions that people point out (K4 of the ancestor): a click is none, one pixel is one, a reversed drag is turned round.
import { describe, expect, test } from 'vitest';
import { emptyRegionText, judgeRegion, onScreen } from '#app/capture/report/report-region.js';

const region = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe('a region', () => {
  test.each([
    [region(1948, 1152, 1948, 1152)],
    [region(1940, 1152, 1940, 1152)],
    [region(0, 0, 10, 0)],
    [region(5, 0, 5, 10)],
  ])('%j has no area', (given) => expect(judgeRegion(given)).toEqual({ ok: false, message: emptyRegionText }));

  test.each([
    [region(0, 0, 1, 1), region(0, 0, 1, 1)],
    [region(30, 40, 10, 20), region(10, 20, 30, 40)],
  ])('%j is %j', (given, judged) => expect(judgeRegion(given)).toEqual({ ok: true, region: judged }));

  test.each([[region(-1, 0, 5, 5)], [region(0, 0.5, 5, 5)], [region(0, 0, Number.NaN, 5)]])('%j makes no sense', (given) => expect(judgeRegion(given).ok).toBe(false));
});

test('what is not on the screen is cut off', () => {
  expect(onScreen(region(600, 300, 900, 900), { width: 640, height: 400 })).toEqual(region(600, 300, 640, 400));
  expect(onScreen(region(700, 300, 900, 900), { width: 640, height: 400 })).toBeNull();
});
