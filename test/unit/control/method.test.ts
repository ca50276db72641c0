import { expect, test } from 'vitest';
import { findMethod, supportedMethods } from '#app/control/method.js';

test('the ancestor’s methods are all there', () => {
  expect(supportedMethods).toEqual(expect.arrayContaining(['hello', 'status', 'send_key', 'paste', 'screenshot', 'subscribe', 'unsubscribe']));
});

test('a client is promised what can be found, each once', () => {
  expect(new Set(supportedMethods).size).toBe(supportedMethods.length);
  for (const method of supportedMethods) expect(findMethod(method)).toBe(method);
});

test.each(['', 'Hello', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])('%j is unknown', (name) => {
  expect(findMethod(name)).toBe(null);
});
