// What servers of one process may share: results that depend on nothing but their name, within a bound.
import { expect, test } from 'vitest';
import { makeEachTime, rememberUpTo } from '#app/loopback/remember.js';

const counting = () => {
  const made: string[] = [];
  return { made, of: (name: string, byteLength: number) => () => (made.push(name), new Uint8Array(byteLength)) };
};

test('what was made under a key is given again, the same bytes', () => {
  const { made, of } = counting();
  const remember = rememberUpTo(100);
  const first = remember('a', of('a', 10));
  expect(remember('a', of('a', 10))).toBe(first);
  expect(remember('b', of('b', 10))).not.toBe(first);
  expect(made).toEqual(['a', 'b']);
});

test('the bound holds: what was made first is given up first, and what is larger than the bound is not kept', () => {
  const { made, of } = counting();
  const remember = rememberUpTo(25);
  for (const name of ['a', 'b', 'c', 'b', 'c', 'a']) remember(name, of(name, 10));
  expect(made).toEqual(['a', 'b', 'c', 'a']);
  for (const name of ['huge', 'huge']) remember(name, of(name, 26));
  expect(made).toEqual(['a', 'b', 'c', 'a', 'huge', 'huge']);
});

test('whoever remembers nothing makes everything each time', () => {
  const { made, of } = counting();
  for (const name of ['a', 'a']) makeEachTime(name, of(name, 1));
  expect(made).toEqual(['a', 'a']);
});
