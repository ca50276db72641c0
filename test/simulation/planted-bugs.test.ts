// A test of the tests: a bug is planted for each invariant, in the simulation's own code and never in the client's, and the invariant
// finds it within a few seeds. An invariant that finds nothing would be a promise that nobody keeps.
import { expect, test } from 'vitest';
import { invariantNames, invariants, type InvariantName } from './invariants.ts';
import { simulate } from './simulate.ts';

const seedsMax = 5;

test('each invariant has a name, a promise and a bug of its own', () => {
  expect(invariants.map(({ name }) => name)).toEqual([...invariantNames]);
  expect(new Set(invariants.map(({ promise }) => promise)).size).toBe(invariants.length);
});

test.each(invariantNames)('a planted bug breaks %s, and is found', async (sabotage: InvariantName) => {
  const found = new Set<InvariantName>();
  for (let seed = 1; seed <= seedsMax && !found.has(sabotage); seed++) {
    const { violations } = await simulate({ seed, hours: 0.5, mode: 'liveness', sabotage });
    for (const { invariant } of violations) found.add(invariant);
  }
  expect([...found]).toContain(sabotage);
}, 60_000);
