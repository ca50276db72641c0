// A link inside one thread: what arrives is what a thread would have been sent, and never the sender's own object.
import { expect, test } from 'vitest';
import { createLocalLink } from '#app/mailbox/local-link.js';

const through = (message: unknown): unknown => {
  const { send, receive } = createLocalLink({ soon: () => () => undefined });
  send.post('data', message, undefined);
  return receive.take('data')?.message;
};

test.each([
  ['a record of primitives', { kind: 'tapped', ring: 'main/0', bytes: 3n, at: null, late: undefined, hot: true }],
  ['a record of records', { kind: 'told', event: { at: 1, list: [1, 2, { deep: 'yes' }] }, bytes: Uint8Array.of(1, 2) }],
])('%s arrives as an equal one, not as the same', (_name, message) => {
  const arrived = through(message);
  expect(arrived).toEqual(message);
  expect(arrived).not.toBe(message);
});

test('a text arrives as it is', () => {
  expect(through('tapped')).toBe('tapped');
});

test('what the sender changes afterwards does not change what was sent', () => {
  const { send, receive } = createLocalLink({ soon: () => () => undefined });
  const message = { kind: 'count', count: 1 };
  send.post('data', message, undefined);
  message.count = 2;
  expect(receive.take('data')?.message).toEqual({ kind: 'count', count: 1 });
});

test('what no thread could be sent is refused here, too', () => {
  expect(() => through({ kind: 'call', run: () => undefined })).toThrow('could not be cloned');
  expect(() => through({ kind: 'mark', mark: Symbol('mark') })).toThrow('could not be cloned');
});
