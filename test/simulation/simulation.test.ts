// The share of the simulation that every test run has: 20 seeds of two hours each, half of them in either mode. More of it by command:
// npm run simulate -- --seeds 1000 --hours 24
import { expect, test } from 'vitest';
import { describeFailure, simulate } from './simulate.ts';

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
const hours = 2;
const modeOf = (seed: number): 'safety' | 'liveness' => (seed % 2 === 0 ? 'safety' : 'liveness');

test.each(seeds)(`seed %i: ${hours} hours of faults break no invariant; when they stop everything is whole again`, async (seed) => {
  const result = await simulate({ seed, hours, mode: modeOf(seed) });
  if (result.violations.length > 0) throw new Error(describeFailure(result));
  expect(result.faults).toBeGreaterThan(0);
  expect(result.pings).toBeGreaterThan(0);
}, 60_000);

test('the same seed lives the same life', async () => {
  const [once, again, other] = [await simulate({ seed: 5, hours: 1, mode: 'safety' }), await simulate({ seed: 5, hours: 1, mode: 'safety' }), await simulate({ seed: 6, hours: 1, mode: 'safety' })];
  expect(again.hash).toBe(once.hash);
  expect(again.lines).toBe(once.lines);
  expect(other.hash).not.toBe(once.hash);
});
