// A supervisor against a model of its children: whatever ends, fails to start, is added or stopped, and in whatever order the news
// come, there is never a second generation of a running child, order is kept, and giving up happens once and completely.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelBudgets } from '#app/supervisor/restart-budget.js';
import { strategies } from '#app/supervisor/strategy.js';
import type { RestartPolicy, SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import { plan, supervisor } from '../../support/supervision.js';
import { ChildrenWorld, childrenEvent, type ChildrenEvent } from '../../support/children-world.js';

const intensity = { restartsMax: 3, periodMs: 1_000 };
const policies: readonly RestartPolicy[] = [{ kind: 'intensity', intensity }, { kind: 'budgets', budgets: channelBudgets }];
const spec: fc.Arbitrary<SupervisorSpec> = fc.record({
  strategy: fc.constantFrom(...strategies),
  policy: fc.constantFrom(...policies),
  children: fc.array(fc.record({ restart: fc.constantFrom('permanent' as const, 'transient' as const, 'temporary' as const), shutdown: fc.constantFrom('brutalKill' as const, 1_000) }), { maxLength: 6 }),
}).map(({ strategy, policy, children }) => supervisor(children.map((part, at) => plan(`child-${at}`, part)), { strategy, policy }));

const run = (it: SupervisorSpec, events: readonly ChildrenEvent[]): ChildrenWorld => {
  const world = new ChildrenWorld(it);
  for (const each of events) world.happen(each);
  return world;
};

test('children start and stop in order, one generation at a time, whatever happens', () => {
  fc.assert(fc.property(spec, fc.array(childrenEvent, { maxLength: 80 }), (it, events) => void run(it, events)), { numRuns: 500 });
});

test('at most as many restarts as the intensity allows happen within its period, and one more is exactly one escalation', () => {
  fc.assert(fc.property(spec, fc.array(childrenEvent, { maxLength: 120 }), (it, events) => {
    const world = run({ ...it, policy: { kind: 'intensity', intensity } }, events);
    for (const from of world.restartsPlanned) {
      const within = world.restartsPlanned.filter((atMs) => atMs >= from && atMs - from <= intensity.periodMs);
      expect(within.length).toBeLessThanOrEqual(intensity.restartsMax);
    }
    world.settle();
    expect(world.ends.length).toBeLessThanOrEqual(1);
    expect(world.ends.length === 1).toBe(world.supervised.state.escalation !== null);
  }), { numRuns: 300 });
});

test('asked to stop, every child ends and then the supervisor, once, whatever went before', () => {
  fc.assert(fc.property(spec, fc.array(childrenEvent, { maxLength: 60 }), fc.array(childrenEvent, { maxLength: 30 }), (it, before, after) => {
    const world = run(it, before);
    world.stop();
    for (const each of after) world.happen(each);
    world.settle();
    expect(world.alive).toEqual([]);
    expect(world.ends).toHaveLength(1);
  }), { numRuns: 500 });
});

test('when nothing fails any more, every child that is wanted runs', () => {
  fc.assert(fc.property(spec, fc.array(childrenEvent, { maxLength: 80 }), (it, events) => {
    const world = run(it, events);
    world.settle();
    const phases = world.supervised.state.children.map(({ phase }) => phase.kind);
    expect(phases.filter((phase) => phase !== 'running' && phase !== 'ended')).toEqual([]);
    expect(world.supervised.state.phase).toBe(world.ends.length === 1 ? 'ended' : 'running');
  }), { numRuns: 300 });
});
