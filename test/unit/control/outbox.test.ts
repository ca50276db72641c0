import { expect, test } from 'vitest';
import { emptyOutbox, eventsMax, isEmpty, putEvent, putReply, repliesWaiting, takeBatch } from '#app/control/outbox.js';
import type { Outbox } from '#app/control/outbox.js';

const withEvents = (from: number, to: number, outbox = emptyOutbox): Outbox => {
  let filled = outbox;
  for (let number = from; number < to; number++) filled = putEvent(filled, `e${number}\n`);
  return filled;
};
const takeAll = (outbox: Outbox): { readonly lines: string[]; readonly outbox: Outbox } => {
  const lines: string[] = [];
  let rest = outbox;
  while (!isEmpty(rest)) {
    const taken = takeBatch(rest);
    lines.push(...taken.text.split('\n').slice(0, -1));
    rest = taken.outbox;
  }
  return { lines, outbox: rest };
};

test('lines leave in the order in which they came', () => {
  expect(takeAll(putEvent(putReply(withEvents(0, 2), 'r0\n'), 'e2\n')).lines).toEqual(['e0', 'e1', 'r0', 'e2']);
  expect(takeBatch(emptyOutbox).text).toBe('');
});

test('256 events wait; with one more the oldest is gone, and one notice in its place says how many are missing', () => {
  expect(eventsMax).toBe(256);
  const full = withEvents(0, 256);
  expect(takeAll(full).lines).toHaveLength(256);
  const { lines, outbox } = takeAll(withEvents(256, 270, full));
  expect(lines.slice(0, 2)).toEqual(['{"event":"dropped","data":{"count":14}}', 'e14']);
  expect(lines).toHaveLength(257);
  expect(outbox.counts).toEqual({ eventsOffered: 270, eventsTaken: 256, eventsDropped: 14, notices: 1 });
});

test('a second episode has a notice of its own, which counts only what it lost', () => {
  const first = takeBatch(withEvents(0, 260)).outbox;
  const { lines } = takeAll(withEvents(260, 330, first));
  expect(lines[0]).toBe('{"event":"dropped","data":{"count":6}}');
  expect(lines.filter((line) => line.includes('dropped'))).toHaveLength(1);
});

test('replies are never dropped, keep their place, and the notice stands where the events are missing', () => {
  const outbox = withEvents(0, 300, putReply(withEvents(0, 1, putReply(emptyOutbox, 'first\n')), 'second\n'));
  expect(repliesWaiting(outbox)).toBe(2);
  expect(takeAll(outbox).lines.slice(0, 4)).toEqual(['first', 'second', '{"event":"dropped","data":{"count":45}}', 'e44']);
});

test('at most 64 lines are handed over at a time: the others can still be dropped', () => {
  const { text, outbox } = takeBatch(withEvents(0, 100));
  expect(text.split('\n')).toHaveLength(65);
  expect(outbox.waiting).toHaveLength(36);
});
