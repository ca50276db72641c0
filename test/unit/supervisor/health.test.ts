// Each rule of the watchdog's judgement as a claim; test/property/supervisor/health.property.test.ts says what holds under any looks.
import { expect, test } from 'vitest';
import { initialHealth, stepHealth, type Health, type HealthReading, type HealthStep } from '#app/supervisor/health.js';

const options = { frozenMs: 5_000, tickMs: 1_000 };
const quiet: HealthReading = { id: 'display/0', generation: 1, handler: null, blockedOn: null, markAgeMs: null, depth: 0, oldestAgeMs: 0 };

/** Looks once a second; `at` says what is seen at which second, marked for the last time at second 0 unless it says otherwise. */
function watch(seconds: number, at: (second: number) => Partial<HealthReading>): readonly HealthStep[] {
  let state = initialHealth;
  return Array.from({ length: seconds + 1 }, (_, second) => {
    const nowMs = 1_000_000 + second * 1_000;
    const step = stepHealth(state, { monotonicMs: nowMs, wallMs: nowMs, actors: [{ ...quiet, markAgeMs: second * 1_000, ...at(second) }] }, options);
    state = step.state;
    return step;
  });
}
const healths = (steps: readonly HealthStep[]): (Health | undefined)[] => steps.map((step) => step.verdicts[0]?.health);

test('silent for five seconds in the middle of a handler is frozen, and suspect before', () => {
  expect(healths(watch(6, () => ({ handler: 'drawCopy' })))).toEqual(['alive', 'alive', 'alive', 'suspect', 'suspect', 'frozen', 'frozen']);
});

test('a handler that beats is alive however long it takes', () => {
  expect(healths(watch(20, () => ({ handler: 'drawCopy', markAgeMs: 900 }))).every((health) => health === 'alive')).toBe(true);
});

test('a socket callback that never returns is frozen with an empty mailbox', () => {
  expect(healths(watch(5, () => ({ handler: 'received', depth: 0 }))).at(-1)).toBe('frozen');
});

test('a message that nobody takes for five seconds means frozen, and one that has just come means nothing', () => {
  expect(healths(watch(9, (second) => ({ depth: second >= 3 ? 1 : 0, oldestAgeMs: Math.max(0, second - 3) * 1_000 })))).toEqual([
    'alive', 'alive', 'alive', 'alive', 'alive', 'alive', 'suspect', 'suspect', 'frozen', 'frozen',
  ]);
});

test('a silent actor without work is idle and is asked once to show itself', () => {
  const steps = watch(9, () => ({}));
  expect(healths(steps).slice(3)).toEqual(Array.from({ length: 7 }, () => 'idle'));
  expect(steps.flatMap((step, second) => step.probes.map(() => second))).toEqual([5]);
});

test('an idle actor that answers is asked again only when it has been silent again', () => {
  // Asked at 5, it answers a millisecond later, and is silent again for more than five seconds at 11.
  const answeredAt = (second: number): number => (second <= 5 ? 0 : second <= 11 ? 5_001 : 11_001);
  const steps = watch(17, (second) => ({ markAgeMs: second * 1_000 - answeredAt(second) }));
  expect(steps.flatMap((step, second) => step.probes.map(() => second))).toEqual([5, 11, 17]);
});

test('an idle actor that does not answer is frozen one interval later', () => {
  const steps = watch(10, (second) => (second > 5 ? { depth: 1, oldestAgeMs: (second - 5) * 1_000 } : {}));
  expect(healths(steps).at(9)).toBe('suspect');
  expect(healths(steps).at(10)).toBe('frozen');
});

test('inside a file call it is blocked on the disk and never frozen; inside an unread write, on its output', () => {
  expect(healths(watch(600, () => ({ handler: 'drain', blockedOn: 'disk', depth: 9, oldestAgeMs: 600_000 }))).slice(3).every((health) => health === 'blockedOnDisk')).toBe(true);
  for (const blockedOn of ['terminal', 'log']) {
    expect(healths(watch(600, () => ({ handler: 'event', blockedOn, depth: 9, oldestAgeMs: 600_000 }))).slice(3).every((health) => health === 'blockedOnOutput')).toBe(true);
  }
});

test('a wait for work that was announced is idle and is not asked', () => {
  const steps = watch(60, () => ({ handler: 'drain', blockedOn: 'rest' }));
  expect(new Set(healths(steps))).toEqual(new Set(['idle']));
  expect(steps.flatMap((step) => step.probes)).toEqual([]);
});

test('a thread that has not come to its start yet is alive, whatever waits for it', () => {
  expect(new Set(healths(watch(60, (second) => ({ markAgeMs: null, depth: 1, oldestAgeMs: second * 1_000 }))))).toEqual(new Set(['alive']));
});

test('a start and a stop have deadlines of their own', () => {
  for (const handler of ['start', 'stop']) expect(new Set(healths(watch(30, () => ({ handler }))))).toEqual(new Set(['alive']));
});

test('a new generation starts with a fresh interval', () => {
  expect(healths(watch(8, (second) => ({ handler: 'drawCopy', generation: second < 4 ? 1 : 2 })))).toEqual([
    'alive', 'alive', 'alive', 'suspect', 'alive', 'alive', 'alive', 'suspect', 'suspect',
  ]);
});

test.each([
  ['the machine was suspended: only the wall clock went on', 1_000, 3_600_000],
  ['the process was stopped: both clocks went on', 3_600_000, 3_600_000],
])('%s: everything is suspect, asked, and given a fresh interval', (_, monotonicMs, wallMs) => {
  const busy: HealthReading = { ...quiet, id: 'display/0', handler: 'drawCopy', markAgeMs: 100 };
  const idle: HealthReading = { ...quiet, id: 'inputs/0', markAgeMs: 100 };
  let { state } = stepHealth(initialHealth, { monotonicMs: 0, wallMs: 0, actors: [busy, idle] }, options);
  const aged = (ms: number): HealthReading[] => [busy, idle].map((reading) => ({ ...reading, markAgeMs: 100 + ms }));
  const jumped = stepHealth(state, { monotonicMs, wallMs, actors: aged(monotonicMs) }, options);
  expect(jumped.jumpedMs).toBe(3_599_000);
  expect(jumped.verdicts.map(({ health }) => health)).toEqual(['suspect', 'suspect']);
  expect(jumped.probes).toEqual(['display/0', 'inputs/0']);
  state = jumped.state;
  const seen: (Health | undefined)[] = [];
  for (let second = 1; second <= 5; second++) {
    const step = stepHealth(state, { monotonicMs: monotonicMs + second * 1_000, wallMs: wallMs + second * 1_000, actors: aged(monotonicMs + second * 1_000) }, options);
    state = step.state;
    seen.push(step.verdicts[0]?.health);
  }
  expect(seen).toEqual(['alive', 'alive', 'suspect', 'suspect', 'frozen']);
});

test('a look that is a little late, and a clock that is set back, are no jump', () => {
  const { state } = stepHealth(initialHealth, { monotonicMs: 0, wallMs: 50_000, actors: [] }, options);
  expect(stepHealth(state, { monotonicMs: 3_900, wallMs: 53_900, actors: [] }, options).jumpedMs).toBeNull();
  expect(stepHealth(state, { monotonicMs: 1_000, wallMs: 1_000, actors: [] }, options).jumpedMs).toBeNull();
});
