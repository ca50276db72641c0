import { expect, test } from 'vitest';
import { startedAgainWith, type Strategy } from '#app/supervisor/strategy.js';

const cases: [Strategy, string, string[]][] = [
  ['oneForOne', 'b', ['b']],
  ['oneForAll', 'b', ['a', 'b', 'c']],
  ['restForOne', 'a', ['a', 'b', 'c']],
  ['restForOne', 'b', ['b', 'c']],
  ['restForOne', 'c', ['c']],
];

test.each(cases)('under %s, the end of %s starts %j again, in the order of their start', (strategy, ended, together) => {
  expect(startedAgainWith(strategy, ['a', 'b', 'c'], ended)).toEqual(together);
});
