import { expect, test } from 'vitest';
import { counterOf, counterReader, createCounters, readCounters } from '#app/mailbox/counters.js';

test('counters are read by name, exact beyond 2^32', () => {
  const memory = createCounters(['messages', 'bytes', 'queued']);
  counterOf(memory, 'messages').add(1);
  const count = counterOf(memory, 'bytes');
  count.add(2 ** 32);
  count.add(5);
  const queued = counterOf(memory, 'queued');
  queued.set(9);
  queued.set(3);
  expect(readCounters(memory)).toEqual({ messages: 1, bytes: 2 ** 32 + 5, queued: 3 });
});

test('a restarted writer counts on where its predecessor stopped', () => {
  const memory = createCounters(['messages']);
  counterOf(memory, 'messages').add(4);
  counterOf(memory, 'messages').add(1);
  expect(readCounters(memory)).toEqual({ messages: 5 });
});

test('whoever needs few of them reads these alone, in the order of asking', () => {
  const memory = createCounters(['messages', 'bytes', 'queued']);
  const read = counterReader(memory, ['queued', 'messages']);
  counterOf(memory, 'messages').add(2 ** 33);
  counterOf(memory, 'queued').set(7);
  expect(read()).toEqual([7, 2 ** 33]);
});

test('a name that is unknown or given twice is our own mistake', () => {
  expect(() => counterOf(createCounters(['a']), 'b')).toThrow("no counter is named 'b'");
  expect(() => counterReader(createCounters(['a']), ['a', 'b'])).toThrow("no counter is named 'b'");
  expect(() => createCounters(['a', 'a'])).toThrow('named twice');
});
