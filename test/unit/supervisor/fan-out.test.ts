import { describe, expect, test } from 'vitest';
import { emptyFanOut, noteDelivery, route, subscribe, subscriptionsMax, unsubscribe, type FanOutTable } from '#app/supervisor/fan-out.js';

function subscribed(table: FanOutTable, id: string, kinds: ReadonlySet<string> | 'all' = 'all'): FanOutTable {
  const outcome = subscribe(table, id, kinds);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome.table;
}

describe('routing', () => {
  test('in the order of subscribing, to those who want the kind', () => {
    const table = subscribed(subscribed(subscribed(emptyFanOut, 'b'), 'a', new Set(['event'])), 'c', new Set(['stats']));
    expect(route(table, 'event')).toEqual(['b', 'a']);
    expect(route(table, 'stats')).toEqual(['b', 'c']);
    expect(route(table, 'other')).toEqual(['b']);
  });

  test('nobody who has gone', () => {
    expect(route(unsubscribe(subscribed(emptyFanOut, 'a'), 'a'), 'event')).toEqual([]);
  });
});

describe('refusals', () => {
  test('a second subscription under one name, the first stays', () => {
    const table = subscribed(emptyFanOut, 'a', new Set(['event']));
    expect(subscribe(table, 'a', 'all')).toEqual({ kind: 'refused', reason: 'duplicate' });
  });

  test('more than there is room for', () => {
    let table = emptyFanOut;
    for (let i = 0; i < subscriptionsMax; i++) table = subscribed(table, `s${i}`);
    expect(subscribe(table, 'one-more', 'all')).toEqual({ kind: 'refused', reason: 'tooMany' });
  });
});

test('a refused delivery counts against its subscriber alone', () => {
  let table = subscribed(subscribed(emptyFanOut, 'slow'), 'quick');
  table = noteDelivery(noteDelivery(noteDelivery(table, 'slow', false), 'quick', true), 'nobody', true);
  expect([...table.subscriptions.values()]).toMatchObject([{ id: 'slow', delivered: 0, dropped: 1 }, { id: 'quick', delivered: 1, dropped: 0 }]);
});
