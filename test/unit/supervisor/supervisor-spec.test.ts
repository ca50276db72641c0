import { expect, test } from 'vitest';
import { channelBudgets } from '#app/supervisor/restart-budget.js';
import { assertSupervisorSpec, InvalidSupervisorSpec, supervisorFaults, type SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import { plan, supervisor } from '../../support/supervision.js';

test('a good tree has no faults', () => {
  const channels = supervisor([], { id: 'channels', policy: { kind: 'budgets', budgets: channelBudgets }, stopOrder: 'together', added: [plan('display/n')] });
  expect(supervisorFaults(supervisor([plan('writer'), channels]))).toEqual([]);
});

const deep = (depth: number): SupervisorSpec => supervisor(depth === 1 ? [] : [deep(depth - 1)], { id: `level-${depth}` });

const wrong: [string, SupervisorSpec, RegExp][] = [
  ['a strategy that does not exist', supervisor([], { strategy: 'oneForNone' as 'oneForOne' }), /top: strategy 'oneForNone' is unknown/],
  ['an id that is there twice, at whatever depth', supervisor([plan('a'), supervisor([plan('a')], { id: 'inner' })]), /'a' is there twice/],
  ['a period of no length', supervisor([], { policy: { kind: 'intensity', intensity: { restartsMax: 1, periodMs: 0 } } }), /periodMs must be/],
  ['half a restart', supervisor([], { policy: { kind: 'intensity', intensity: { restartsMax: 0.5, periodMs: 10 } } }), /restartsMax must be/],
  ['a wait that is no time', supervisor([], { policy: { kind: 'budgets', budgets: { ...channelBudgets, crash: { ...channelBudgets.crash, waitsMs: [Number.NaN] } } } }), /crash: a wait is not/],
  ['children that stop together although they build on each other', supervisor([], { strategy: 'restForOne', stopOrder: 'together' }), /build on each other under restForOne/],
  ['a tree without end', deep(9), /'level-1' is more than 8 supervisors deep/],
];

test.each(wrong)('%s is a fault', (_name, spec, fault) => {
  const [only, ...others] = supervisorFaults(spec);
  expect(only).toMatch(fault);
  expect(others).toEqual([]);
});

test('a tree with faults is refused, and all of them are told', () => {
  const spec = supervisor([plan('a'), plan('a')], { policy: { kind: 'intensity', intensity: { restartsMax: -1, periodMs: 1 } } });
  expect(() => assertSupervisorSpec(spec)).toThrow(InvalidSupervisorSpec);
  expect(() => assertSupervisorSpec(spec)).toThrow(/restartsMax must be .*; 'a' is there twice/);
});
