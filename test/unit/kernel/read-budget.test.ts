import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { createReadBudget } from '#app/actors/kernel/read-budget.js';

/** A loop of one's own: time moves only when a delivery costs something, `soon` runs when the test says so. */
function bench(options: { budgetMs: number; costMs: number; onDeliver?: (bytes: Uint8Array) => void }) {
  let nowMs = 0;
  const waiting = new Set<() => void>();
  const delivered: number[] = [];
  const log: string[] = [];
  const budget = createReadBudget({
    budgetMs: options.budgetMs,
    nowMs: () => nowMs,
    soon: (run) => {
      waiting.add(run);
      return () => waiting.delete(run);
    },
    deliver: (bytes) => {
      nowMs += options.costMs;
      delivered.push(...bytes);
      log.push('deliver');
      options.onDeliver?.(bytes);
    },
    resume: () => log.push('resume'),
  });
  const nextTurn = (): void => {
    const due = [...waiting];
    waiting.clear();
    for (const run of due) run();
  };
  return { budget, delivered, log, nextTurn, waiting };
}

describe('the read budget', () => {
  test('a turn reads on until its time is used, then resumes in a later turn', () => {
    const { budget, log, nextTurn } = bench({ budgetMs: 4, costMs: 2 });
    expect(budget.take(Uint8Array.of(1))).toBe(true);
    expect(budget.take(Uint8Array.of(2))).toBe(false);
    expect(log).toEqual(['deliver', 'deliver']);
    nextTurn();
    expect(log).toEqual(['deliver', 'deliver', 'resume']);
    expect(budget.take(Uint8Array.of(3))).toBe(true);
  });

  test('time spent in an earlier turn does not count against a later one', () => {
    const { budget, nextTurn } = bench({ budgetMs: 4, costMs: 3 });
    expect(budget.take(Uint8Array.of(1))).toBe(true);
    nextTurn();
    expect(budget.take(Uint8Array.of(2))).toBe(true);
  });

  test('bytes that arrive although reading was paused are copied and delivered in order, over as many turns as they cost', () => {
    const { budget, delivered, log, nextTurn } = bench({ budgetMs: 4, costMs: 4 });
    const buffer = Uint8Array.of(1);
    expect(budget.take(buffer)).toBe(false);
    for (const value of [2, 3]) {
      buffer[0] = value;
      expect(budget.take(buffer)).toBe(false);
    }
    buffer[0] = 99;
    expect(delivered).toEqual([1]);
    nextTurn();
    expect(delivered).toEqual([1, 2]);
    expect(log).not.toContain('resume');
    nextTurn();
    expect(delivered).toEqual([1, 2, 3]);
    expect(log).not.toContain('resume');
    nextTurn();
    expect(log.at(-1)).toBe('resume');
  });

  test('what is to follow the delivery waits for the held bytes', () => {
    const { budget, delivered, nextTurn } = bench({ budgetMs: 1, costMs: 1 });
    budget.take(Uint8Array.of(1));
    budget.take(Uint8Array.of(2));
    let deliveredAtEnd: number[] | null = null;
    budget.whenDelivered(() => {
      deliveredAtEnd = [...delivered];
    });
    expect(deliveredAtEnd).toBeNull();
    nextTurn();
    expect(deliveredAtEnd).toEqual([1, 2]);
  });

  test('stopping inside a delivery delivers nothing more and leaves no turn behind', () => {
    const box: { stop?: () => void } = {};
    const { budget, delivered, waiting, nextTurn } = bench({ budgetMs: 1, costMs: 1, onDeliver: ([value]) => (value === 2 ? box.stop?.() : undefined) });
    box.stop = () => budget.stop();
    budget.take(Uint8Array.of(1));
    budget.take(Uint8Array.of(2));
    budget.take(Uint8Array.of(3));
    nextTurn();
    expect(delivered).toEqual([1, 2]);
    expect(waiting.size).toBe(0);
    expect(budget.take(Uint8Array.of(4))).toBe(false);
    expect(delivered).toEqual([1, 2]);
  });

  test('whatever the sizes, costs and order of turns, every byte is delivered once and in order', () => {
    const step = fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 5 }) }), fc.constant('turn' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 5 }), (steps, costMs) => {
        const { budget, delivered, nextTurn, waiting } = bench({ budgetMs: 4, costMs });
        let next = 0;
        for (const one of steps) {
          if (one === 'turn') nextTurn();
          else budget.take(Uint8Array.from({ length: one.take }, () => next++));
        }
        while (waiting.size > 0) nextTurn();
        expect(delivered).toEqual(Array.from({ length: next }, (_, index) => index));
      }),
    );
  });
});
