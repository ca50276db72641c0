// When a client counts as gone: spice-server's rule, case by case.
import { expect, test } from 'vitest';
import { isUnresponsive, type Activity } from '#app/loopback/connectivity-check.js';

const quiet: Activity = { bytesIn: 100, bytesOut: 100, blocked: false, waitsForPong: false };

test.each<[string, Partial<Activity>, Partial<Activity>, boolean]>([
  ['nothing is asked of it', {}, {}, false],
  ['a PING is unanswered and nothing came', { waitsForPong: true }, { bytesOut: 900 }, true],
  ['a PING is unanswered and something else came', { waitsForPong: true }, { bytesIn: 101 }, false],
  ['the PING was only sent since the last look', {}, { waitsForPong: true }, false],
  ['it is blocked and nothing moved', { blocked: true }, {}, true],
  ['it is blocked and still takes bytes', { blocked: true }, { bytesOut: 101 }, false],
  ['it is blocked and still sends', { blocked: true }, { bytesIn: 101 }, false],
  ['it became blocked since the last look', {}, { blocked: true }, false],
])('%s', (_, before, after, expected) => {
  expect(isUnresponsive({ ...quiet, ...before }, { ...quiet, ...after })).toBe(expected);
});
