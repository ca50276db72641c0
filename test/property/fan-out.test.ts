// The fan-out over any order of subscribing, news and refusals: what was produced for a subscriber is what it got plus what it
// lost, and nobody's losses change what another gets.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyFanOut, noteDelivery, route, subscribe, unsubscribe } from '#app/supervisor/fan-out.js';

const ids = ['a', 'b', 'c'] as const;
type Id = (typeof ids)[number];

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), id: fc.constantFrom(...ids), kinds: fc.constantFrom<ReadonlySet<string> | 'all'>('all', new Set(['event']), new Set(['event', 'stats'])) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), id: fc.constantFrom(...ids) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('news' as const), news: fc.constantFrom('event', 'stats'), hasRoom: fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Plays the steps; `deaf` never has room. */
function play(steps: readonly Step[], deaf: Id | null) {
  let table = emptyFanOut;
  const produced: Record<Id, number> = { a: 0, b: 0, c: 0 };
  const got: Record<Id, number[]> = { a: [], b: [], c: [] };
  for (const [number, each] of steps.entries()) {
    switch (each.kind) {
      case 'subscribe': {
        const outcome = subscribe(table, each.id, each.kinds);
        if (outcome.kind === 'subscribed') {
          ({ table } = outcome);
          produced[each.id] = 0;
        }
        break;
      }
      case 'unsubscribe':
        table = unsubscribe(table, each.id);
        break;
      case 'news':
        for (const target of route(table, each.news)) {
          const id = ids.find((one) => one === target)!;
          const accepted = id !== deaf && each.hasRoom[id];
          produced[id] += 1;
          if (accepted) got[id].push(number);
          table = noteDelivery(table, id, accepted);
        }
        break;
    }
    for (const { id, delivered, dropped } of table.subscriptions.values()) expect(delivered + dropped).toBe(produced[ids.find((one) => one === id)!]);
  }
  return got;
}

test('produced = delivered + dropped, always; a subscriber that takes nothing changes nothing for the others', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(...ids), (steps, deaf) => {
      const all = play(steps, null);
      const others = play(steps, deaf);
      expect(others).toEqual({ ...all, [deaf]: [] });
    }),
  );
});
