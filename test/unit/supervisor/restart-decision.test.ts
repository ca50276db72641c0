import { expect, test } from 'vitest';
import { shouldRestart } from '#app/supervisor/restart-decision.js';
import { everyReason } from '../../support/supervision.js';

const restarted = (restart: 'permanent' | 'transient' | 'temporary'): string[] =>
  everyReason.filter((reason) => shouldRestart(restart, reason)).map(({ kind }) => kind);

test('a permanent child comes back whatever it ended of', () => {
  expect(restarted('permanent')).toEqual(everyReason.map(({ kind }) => kind));
});

test('a transient child comes back unless it ended in order: normal or shutdown', () => {
  expect(restarted('transient')).toEqual(['killed', 'failed', 'frozen', 'downstreamClosed']);
});

test('a temporary child never comes back', () => {
  expect(restarted('temporary')).toEqual([]);
});
