import { expect, test } from 'vitest';
import { initialEventDrops, lookForEventDrops } from '#app/supervisor/event-drops.js';

const looks = (counts: readonly number[]): boolean[] => {
  let state = initialEventDrops;
  return counts.map((dropped) => {
    const look = lookForEventDrops(state, dropped);
    state = look.state;
    return look.hasBegun;
  });
};

test('drops are told when they begin, not while they go on, and again when they begin anew', () => {
  expect(looks([0, 0, 1, 2, 9, 9, 9, 10, 11, 11])).toEqual([false, false, true, false, false, false, false, true, false, false]);
});

test('what was dropped before the first look is told', () => {
  expect(looks([3, 3])).toEqual([true, false]);
});
