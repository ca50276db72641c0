// Supervisor specs: a tree of supervisors and actors as data, checked before anything runs. What an actor's start needs beside this
// (its `args`) is made when it starts, because a second start may need other values than the first.

import type { ChildSpec, Restart, Shutdown } from '../actors/kernel/child-spec.ts';
import { budgetNames, type RestartBudgets } from './restart-budget.ts';
import type { RestartIntensity } from './restart-intensity.ts';
import { strategies, type Strategy } from './strategy.ts';

/** An actor without its arguments. */
export interface ActorPlan extends Omit<ChildSpec, 'args'> {
  readonly kind: 'actor';
}

/** When a supervisor gives up: after so many restarts of all its children together, as in Erlang/OTP, or when one child has spent one of its budgets. */
export type RestartPolicy =
  | { readonly kind: 'intensity'; readonly intensity: RestartIntensity }
  | { readonly kind: 'budgets'; readonly budgets: RestartBudgets };

export interface SupervisorSpec {
  readonly kind: 'supervisor';
  readonly id: string;
  readonly strategy: Strategy;
  readonly policy: RestartPolicy;
  /** What its own supervisor does when it has given up. A supervisor that gives up exits with `shutdown`. */
  readonly restart: Restart;
  /**
   * `reverse` = last started first, one after the other. `together` = all at once, for children of one kind that do not build
   * on each other (`simple_one_for_one` does that).
   */
  readonly stopOrder: 'reverse' | 'together';
  /** Started with it, in this order. */
  readonly children: readonly (SupervisorSpec | ActorPlan)[];
  /** What may be added while it runs, for people to read: `display/n` stands for `display/0`, `display/1`, … */
  readonly added: readonly ActorPlan[];
}

/** A child as its supervisor sees it: a supervisor has all the time that its own children need. */
export interface SupervisedChild {
  readonly id: string;
  readonly restart: Restart;
  readonly shutdown: Shutdown;
}

export function supervisedChild(node: SupervisorSpec | ActorPlan): SupervisedChild {
  return { id: node.id, restart: node.restart, shutdown: node.kind === 'supervisor' ? 'infinity' : node.shutdown };
}

const supervisorDepthMax = 8;
const supervisedChildrenMax = 256;

/** What is wrong with a tree, all of it at once. */
export class InvalidSupervisorSpec extends Error {
  override readonly name = 'InvalidSupervisorSpec';
  readonly code = 'invalid-supervisor-spec';
  readonly faults: readonly string[];

  constructor(id: string, faults: readonly string[]) {
    super(`the supervisor spec of '${id}' is invalid: ${faults.join('; ')}`);
    this.faults = faults;
  }
}

/** Throws `InvalidSupervisorSpec` unless the tree may be started. The actors' own specs are checked by the kernel. */
export function assertSupervisorSpec(spec: SupervisorSpec): void {
  const faults = supervisorFaults(spec);
  if (faults.length > 0) throw new InvalidSupervisorSpec(spec.id, faults);
}

/** Everything that is wrong with a tree of supervisors; empty when it may be started. */
export function supervisorFaults(root: SupervisorSpec): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  const visit = (node: SupervisorSpec | ActorPlan, depth: number): void => {
    if (seen.has(node.id)) faults.push(`'${node.id}' is there twice`);
    seen.add(node.id);
    if (node.kind === 'actor') return;
    if (depth > supervisorDepthMax) {
      faults.push(`'${node.id}' is more than ${supervisorDepthMax} supervisors deep`);
      return;
    }
    faults.push(...flagFaults(node).map((fault) => `${node.id}: ${fault}`));
    for (const child of [...node.children, ...node.added]) visit(child, depth + 1);
  };
  visit(root, 1);
  return faults;
}

function flagFaults(spec: SupervisorSpec): readonly string[] {
  const faults: string[] = [];
  if (!strategies.includes(spec.strategy)) faults.push(`strategy '${String(spec.strategy)}' is unknown`);
  if (spec.stopOrder !== 'reverse' && spec.stopOrder !== 'together') faults.push(`stopOrder '${String(spec.stopOrder)}' is unknown`);
  if (spec.stopOrder === 'together' && spec.strategy !== 'oneForOne') faults.push(`children that stop together build on each other under ${spec.strategy}`);
  if (spec.children.length > supervisedChildrenMax) faults.push(`at most ${supervisedChildrenMax} children`);
  if (spec.policy.kind === 'intensity') return [...faults, ...intensityFaults('intensity', spec.policy.intensity)];
  const { budgets } = spec.policy;
  for (const name of budgetNames) {
    faults.push(...intensityFaults(name, budgets[name]));
    if (![budgets[name].waitMsMin, ...budgets[name].waitsMs].every(isDuration)) faults.push(`${name}: a wait is not a number of milliseconds`);
  }
  if (!isDuration(budgets.healthyAfterMs)) faults.push('healthyAfterMs is not a number of milliseconds');
  return faults;
}

function intensityFaults(name: string, { restartsMax, periodMs }: RestartIntensity): readonly string[] {
  const faults: string[] = [];
  if (!Number.isInteger(restartsMax) || restartsMax < 0) faults.push(`${name}: restartsMax must be a whole number from 0`);
  if (!isDuration(periodMs) || periodMs === 0) faults.push(`${name}: periodMs must be a number of milliseconds above 0`);
  return faults;
}

function isDuration(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0;
}
