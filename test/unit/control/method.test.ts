import { expect, test } from 'vitest';
import { findMethod, supportedMethods } from '#app/control/method.js';

test('a client is promised what is built, and nothing else', () => {
  expect(supportedMethods).toEqual(['hello', 'status', 'subscribe', 'unsubscribe', 'disconnect', 'reconnect']);
  for (const method of supportedMethods) expect(findMethod(method)).toEqual({ kind: 'built', method });
});

test.each(['send_key', 'paste', 'screenshot'])('%s is known and not built', (name) => {
  expect(findMethod(name)).toEqual({ kind: 'planned' });
});

test.each(['', 'Hello', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])('%j is unknown', (name) => {
  expect(findMethod(name)).toEqual({ kind: 'unknown' });
});
