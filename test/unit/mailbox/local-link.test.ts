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

test('what refers back to itself, and what is no plain record, arrives as a thread would get it', () => {
  const knot: Record<string, unknown> = { kind: 'knot' };
  knot['self'] = knot;
  const arrived = through(knot) as typeof knot;
  expect(arrived['self']).toBe(arrived);
  expect(through({ set: new Set([1]), at: new Date(5) })).toEqual({ set: new Set([1]), at: new Date(5) });
  const own = JSON.parse('{"__proto__":{"a":1}}') as object;
  expect(Object.keys(through(own) as object)).toEqual(['__proto__']);
});

test.each<[string, () => unknown]>([['a list', () => [1, [2, { three: 3 }]]], ['a record', () => ({ a: { b: { c: ['d'] } } })]])('%s shares nothing with what was sent, however deep', (_name, make) => {
  const message = make();
  const frozen = (value: unknown): unknown => (typeof value === 'object' && value !== null && Object.values(Object.freeze(value)).forEach(frozen), value);
  const arrived = through(frozen(message));
  expect(arrived).toEqual(message);
  const everyObject = (value: unknown): object[] => (typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(everyObject)] : []);
  expect(everyObject(arrived).filter(Object.isFrozen)).toEqual([]);
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
