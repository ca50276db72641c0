// What a guest makes of the screens that it is asked for.
import { expect, test } from 'vitest';
import { layScreens } from '#app/loopback/screen-layout.js';

test('nothing asked for is one screen of the scene', () => {
  expect(layScreens([], 0, 1)).toEqual({ width: 640, height: 400, heads: [{ monitorId: 0, surfaceId: 0, width: 640, height: 400, x: 0, y: 0, flags: 0 }] });
});

test('one display channel shows all screens side by side on one surface', () => {
  const { width, height, heads } = layScreens([{ width: 800, height: 600 }, { width: 1_024, height: 768 }], 0, 1);
  expect([width, height]).toEqual([1_824, 768]);
  expect(heads.map(({ x, width: of }) => [x, of])).toEqual([[0, 800], [800, 1_024]]);
});

test('of several display channels each shows its own', () => {
  const asked = [{ width: 800, height: 600 }, { width: 1_024, height: 768 }];
  expect(layScreens(asked, 1, 2)).toMatchObject({ width: 1_024, height: 768, heads: [{ monitorId: 0 }] });
});

test('widths are rounded down to multiples of 8, and no claim makes a surface that cannot be held', () => {
  expect(layScreens([{ width: 1_003, height: 701 }], 0, 1)).toMatchObject({ width: 1_000, height: 701 });
  expect(layScreens([{ width: 1, height: 1 }], 0, 1)).toMatchObject({ width: 640, height: 400 });
  const greedy = layScreens(Array.from({ length: 256 }, () => ({ width: 0xffff_ffff, height: 0xffff_ffff })), 0, 1);
  expect([greedy.width, greedy.height, greedy.heads.length]).toEqual([16_384, 4_096, 4]);
});
