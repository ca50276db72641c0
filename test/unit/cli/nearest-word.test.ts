import { expect, test } from 'vitest';
import { nearestWord } from '#app/cli/nearest-word.js';

const KNOWN = ['fullscreen', 'host', 'host-subject', 'port', 'tls-port', 'ca', 'title'];

test.each<[string, string | null]>([
  ['full-screen', 'fullscreen'],
  ['hsot', 'host'],
  ['Host', 'host'],
  ['tls_port', 'tls-port'],
  ['host-subjct', 'host-subject'],
  ['title', 'title'],
  ['caa', 'ca'],
  ['x', null],
  ['', null],
  ['completely-else', null],
  ['host'.repeat(20), null],
])('what %j was meant to be is %j', (word, nearest) => {
  expect(nearestWord(word, KNOWN)).toBe(nearest);
});
