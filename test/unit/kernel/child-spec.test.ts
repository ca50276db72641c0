import { expect, test } from 'vitest';
import { assertChildSpec, childSpecFaults, InvalidChildSpec } from '#app/actors/kernel/child-spec.js';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import { echoSpec } from '../../support/echo-spec.js';

test('a good child spec has no faults', () => {
  expect(childSpecFaults(echoSpec('display/0', ['hub', 'writer']))).toEqual([]);
  expect(childSpecFaults(echoSpec('usbredir/12', [], { shutdown: 'infinity', resourceLimits: { stackSizeMb: 8 } }))).toEqual([]);
});

const wrong: [string, Partial<ChildSpec>, RegExp][] = [
  ['an id that is no id', { id: 'Display 0' }, /id must look like/],
  ['a module that is a path', { module: '/srv/actor.js' }, /module must be a file URL/],
  ['no room for data', { mailbox: { dataMax: 0, controlMax: 1 } }, /mailbox.dataMax must be 1 to/],
  ['a mailbox without bound', { mailbox: { dataMax: 1, controlMax: Infinity } }, /mailbox.controlMax must be 1 to/],
  ['a negative shutdown time', { shutdown: -1 }, /shutdown must be/],
  ['a link to itself', { links: ['child'] }, /no link to itself/],
  ['a link named twice', { links: ['hub', 'hub'] }, /named twice/],
  ['a limit that is no number', { resourceLimits: { stackSizeMb: Number.NaN } }, /resourceLimits.stackSizeMb/],
];

test.each(wrong)('%s is a fault', (_name, part, fault) => {
  const [only, ...others] = childSpecFaults(echoSpec('child', [], part));
  expect(only).toMatch(fault);
  expect(others).toEqual([]);
});

test('all faults are told at once', () => {
  const check = (): void => assertChildSpec(echoSpec('child', ['child'], { shutdown: 0.5 }));
  expect(check).toThrow(InvalidChildSpec);
  expect(check).toThrow(/shutdown must be.*; an actor has no link to itself/);
});
