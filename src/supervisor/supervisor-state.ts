// Supervisor: one supervisor as a reducer, with the meanings of Erlang/OTP's `supervisor`. It is told what became of its children and
// says what to do with them; it has no clock, starts nothing itself, and does not know whether a child is an actor or another
// supervisor. What each child wants to be is in its phase; `settle` takes the next steps towards it, in order.

import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import { budgetOf, charge, emptyAccount, type BudgetName, type RestartAccount } from './restart-budget.ts';
import { shouldRestart } from './restart-decision.ts';
import { addRestart } from './restart-intensity.ts';
import { startedAgainWith } from './strategy.ts';
import { supervisedChild, type SupervisedChild, type SupervisorSpec } from './supervisor-spec.ts';

export type ChildPhase =
  /** Does not run and is not wanted. */
  | { readonly kind: 'ended' }
  /** Is wanted, and started when its turn and its time have come. */
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly sinceMs: number }
  /** Was told to stop; it ends when it has, or when the kernel's deadline for that has passed. */
  | { readonly kind: 'stopping' };

export interface ChildState {
  readonly child: SupervisedChild;
  readonly phase: ChildPhase;
  /** It goes with another: it is stopped when its turn comes, last first, and then waits until this time. */
  readonly againAtMs: number | null;
  readonly account: RestartAccount;
}

/** Why a supervisor gives up. */
export interface Escalation {
  readonly supervisor: string;
  readonly child: string;
  /** `start` = the child could not be started when the supervisor itself was. */
  readonly spent: BudgetName | 'intensity' | 'start';
  readonly reason: ExitReason;
}

export interface SupervisorState {
  readonly spec: SupervisorSpec;
  /** In the order of their start. */
  readonly children: readonly ChildState[];
  /** Restarts of all children within the period, for a policy with one intensity. */
  readonly times: readonly number[];
  /** `booting` = its first children are not all up yet, so they are started one after the other under every strategy. */
  readonly phase: 'idle' | 'booting' | 'running' | 'closing' | 'ended';
  readonly escalation: Escalation | null;
  readonly timerAtMs: number | null;
}

export type SupervisorInput =
  | { readonly kind: 'startRequested' }
  /** Erlang/OTP's `start_child`. */
  | { readonly kind: 'childAdded'; readonly child: SupervisedChild }
  /** `terminate_child`: it stays ended until it is asked for again. */
  | { readonly kind: 'childStopRequested'; readonly id: string }
  /** `restart_child`: starts one that has ended. */
  | { readonly kind: 'childStartRequested'; readonly id: string }
  | { readonly kind: 'childStarted'; readonly id: string }
  | { readonly kind: 'childStartFailed'; readonly id: string; readonly reason: ExitReason }
  /** `silentMs`: how long before its end it had shown no more progress. */
  | { readonly kind: 'childExited'; readonly id: string; readonly reason: ExitReason; readonly silentMs: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'stopRequested' };

export type SupervisorEffect =
  | { readonly kind: 'startChild'; readonly id: string }
  /** Ask it, wait its shutdown time, kill it: the kernel's. */
  | { readonly kind: 'stopChild'; readonly id: string }
  | { readonly kind: 'killChild'; readonly id: string }
  /** A `tick` is wanted after so many milliseconds. Replaces the timer before it. */
  | { readonly kind: 'setTimer'; readonly ms: number }
  /** For people: this child will be started again. */
  | { readonly kind: 'restartPlanned'; readonly id: string; readonly reason: ExitReason; readonly waitMs: number; readonly budget: BudgetName }
  /** Every child that it starts with has started. Once. */
  | { readonly kind: 'booted' }
  /** It has given up and all its children have ended. Once, and nothing follows. */
  | { readonly kind: 'escalate'; readonly escalation: Escalation }
  /** It was asked to stop and all its children have ended. Once, and nothing follows. */
  | { readonly kind: 'ended' };

export interface SupervisorStep {
  readonly state: SupervisorState;
  readonly effects: readonly SupervisorEffect[];
}

/** The moment of an input: monotonic milliseconds, and a random number from 0 to 1 for the jitter of waits. */
export interface Moment {
  readonly nowMs: number;
  readonly random: number;
}

export function initialSupervisor(spec: SupervisorSpec): SupervisorState {
  const children = spec.children.map((node) => newChild(supervisedChild(node), { kind: 'ended' }));
  return { spec, children, times: [], phase: 'idle', escalation: null, timerAtMs: null };
}

export function stepSupervisor(state: SupervisorState, input: SupervisorInput, moment: Moment): SupervisorStep {
  if (state.phase === 'ended') return { state, effects: [] };
  const { state: next, effects } = apply(state, input, moment);
  return settle(next, effects, moment.nowMs);
}

const newChild = (child: SupervisedChild, phase: ChildPhase): ChildState => ({ child, phase, againAtMs: null, account: emptyAccount });
const ENDED: ChildPhase = { kind: 'ended' };
const NOTHING: readonly SupervisorEffect[] = [];

function apply(state: SupervisorState, input: SupervisorInput, moment: Moment): SupervisorStep {
  const { nowMs } = moment;
  const only = (next: SupervisorState): SupervisorStep => ({ state: next, effects: NOTHING });
  switch (input.kind) {
    case 'startRequested':
      if (state.phase !== 'idle') return only(state);
      return only({ ...state, phase: 'booting', children: state.children.map((each) => ({ ...each, phase: { kind: 'waiting', untilMs: nowMs } })) });
    case 'childAdded':
      if (state.phase === 'closing' || find(state, input.child.id) !== undefined) return only(state);
      return only({ ...state, children: [...state.children, newChild(input.child, { kind: 'waiting', untilMs: nowMs })] });
    case 'childStartRequested':
      if (state.phase === 'closing' || find(state, input.id)?.phase.kind !== 'ended') return only(state);
      return only(change(state, input.id, { phase: { kind: 'waiting', untilMs: nowMs }, account: emptyAccount }));
    case 'childStopRequested':
      return terminate(state, input.id);
    case 'childStarted':
      return only(find(state, input.id)?.phase.kind === 'starting' ? change(state, input.id, { phase: { kind: 'running', sinceMs: nowMs } }) : state);
    case 'childStartFailed':
      return ended(state, input.id, input.reason, 0, moment);
    case 'childExited':
      return ended(state, input.id, input.reason, input.silentMs, moment);
    case 'tick':
      return only({ ...state, timerAtMs: null });
    case 'stopRequested':
      return only({ ...state, phase: 'closing' });
  }
}

function terminate(state: SupervisorState, id: string): SupervisorStep {
  const found = find(state, id);
  if (found === undefined) return { state, effects: NOTHING };
  if (found.phase.kind === 'waiting') return { state: leave(state, found, ENDED), effects: NOTHING };
  return stop(change(state, id, { againAtMs: null }), found);
}

/** A child has ended, or never came up. */
function ended(state: SupervisorState, id: string, reason: ExitReason, silentMs: number, moment: Moment): SupervisorStep {
  const found = find(state, id);
  if (found === undefined || found.phase.kind === 'ended' || found.phase.kind === 'waiting') return { state, effects: NOTHING };
  const neverUp = found.phase.kind === 'starting' && state.phase === 'booting';
  const left = (phase: ChildPhase): SupervisorStep => ({ state: leave(state, found, phase), effects: NOTHING });
  if (state.phase === 'closing') return left(ENDED);
  if (found.againAtMs !== null) return left({ kind: 'waiting', untilMs: found.againAtMs });
  if (found.phase.kind === 'stopping') return left(ENDED);
  // Whoever starts a supervisor is told at once that it cannot be; only what has once been up is tried again.
  if (neverUp) return { state: giveUp(change(state, id, { phase: ENDED }), found, 'start', reason), effects: NOTHING };
  if (!shouldRestart(found.child.restart, reason)) return left(ENDED);
  // A link that was waited for in vain was no life, however long it took.
  const neverOpen = reason.kind === 'downstreamClosed' && reason.neverOpen === true;
  const aliveMs = found.phase.kind === 'running' && !neverOpen ? moment.nowMs - found.phase.sinceMs - silentMs : 0;
  return restart(change(state, id, { phase: ENDED }), found, reason, aliveMs, moment);
}

function restart(state: SupervisorState, found: ChildState, reason: ExitReason, aliveMs: number, { nowMs, random }: Moment): SupervisorStep {
  const { policy } = state.spec;
  const { id } = found.child;
  const budget = budgetOf(reason);
  let waitMs = 0;
  let counted: SupervisorState;
  if (policy.kind === 'intensity') {
    const { times, exceeded } = addRestart(state.times, nowMs, policy.intensity);
    if (exceeded) return { state: giveUp(state, found, 'intensity', reason), effects: NOTHING };
    counted = { ...state, times };
  } else {
    const charged = charge(policy.budgets, found.account, budget, aliveMs, nowMs, random);
    if (charged.kind === 'exhausted') return { state: giveUp(state, found, budget, reason), effects: NOTHING };
    waitMs = charged.waitMs;
    counted = change(state, id, { account: charged.account });
  }
  const again = againWith(counted, id, nowMs + waitMs);
  return { state: again, effects: [{ kind: 'restartPlanned', id, reason, waitMs, budget }] };
}

/** Marks all that are started again with `id`. As in Erlang/OTP, a temporary one among them only ends. */
function againWith(state: SupervisorState, id: string, untilMs: number): SupervisorState {
  const together = new Set(startedAgainWith(state.spec.strategy, state.children.map(({ child }) => child.id), id));
  return {
    ...state,
    children: state.children.map((each) => {
      if (!together.has(each.child.id)) return each;
      const isDown = each.phase.kind === 'ended' || each.phase.kind === 'waiting';
      return isDown ? { ...each, phase: { kind: 'waiting', untilMs }, againAtMs: null } : { ...each, againAtMs: untilMs };
    }),
  };
}

function giveUp(state: SupervisorState, { child }: ChildState, spent: Escalation['spent'], reason: ExitReason): SupervisorState {
  return { ...state, phase: 'closing', escalation: { supervisor: state.spec.id, child: child.id, spent, reason } };
}

/** Takes the steps that are possible now. */
function settle(state: SupervisorState, before: readonly SupervisorEffect[], nowMs: number): SupervisorStep {
  if (state.phase === 'idle') return { state, effects: before };
  if (state.phase === 'closing') return close(state, before);
  const stopped = stopNext(state, before);
  if (stopped !== null) return stopped;
  let next = state;
  const effects = [...before];
  const inTurn = state.phase === 'booting' || state.spec.strategy !== 'oneForOne';
  for (const { child, phase } of state.children) {
    if (phase.kind === 'waiting' && phase.untilMs <= nowMs) {
      next = change(next, child.id, { phase: { kind: 'starting' } });
      effects.push({ kind: 'startChild', id: child.id });
      if (inTurn) break;
    } else if (inTurn && (phase.kind === 'waiting' || phase.kind === 'starting')) break;
  }
  if (next.phase === 'booting' && next.children.every(({ phase }) => phase.kind === 'running' || phase.kind === 'ended')) {
    next = { ...next, phase: 'running' };
    effects.push({ kind: 'booted' });
  }
  return withTimer(next, effects, nowMs);
}

/** The last of those that go with another; null when none of them is left. Nothing is started before that. */
function stopNext(state: SupervisorState, before: readonly SupervisorEffect[]): SupervisorStep | null {
  const last = state.children.findLast(({ againAtMs }) => againAtMs !== null);
  if (last === undefined) return null;
  const { state: next, effects } = stop(state, last);
  return { state: next, effects: [...before, ...effects] };
}

function close(state: SupervisorState, before: readonly SupervisorEffect[]): SupervisorStep {
  let next: SupervisorState = { ...state, children: state.children.map((each) => (each.phase.kind === 'waiting' ? { ...each, phase: ENDED } : each)) };
  const effects = [...before];
  for (const each of next.children.toReversed()) {
    if (each.phase.kind === 'ended') continue;
    const step = stop(next, each);
    next = step.state;
    effects.push(...step.effects);
    if (state.spec.stopOrder === 'reverse') return { state: next, effects };
  }
  if (next.children.some(({ phase }) => phase.kind !== 'ended')) return { state: next, effects };
  const { escalation } = state;
  effects.push(escalation === null ? { kind: 'ended' } : { kind: 'escalate', escalation });
  return { state: { ...next, phase: 'ended' }, effects };
}

/** Stops one that runs or starts; one that waits is not wanted any more. */
function stop(state: SupervisorState, { child, phase }: ChildState): SupervisorStep {
  switch (phase.kind) {
    case 'starting':
    case 'running': {
      const effect: SupervisorEffect = { kind: child.shutdown === 'brutalKill' ? 'killChild' : 'stopChild', id: child.id };
      return { state: change(state, child.id, { phase: { kind: 'stopping' } }), effects: [effect] };
    }
    case 'waiting':
      return { state: change(state, child.id, { phase: ENDED }), effects: NOTHING };
    case 'stopping':
    case 'ended':
      return { state, effects: NOTHING };
  }
}

function withTimer(state: SupervisorState, effects: readonly SupervisorEffect[], nowMs: number): SupervisorStep {
  const dues = state.children.flatMap(({ phase }) => (phase.kind === 'waiting' && phase.untilMs > nowMs ? [phase.untilMs] : []));
  const next = dues.length === 0 ? null : Math.min(...dues);
  if (next === null || next === state.timerAtMs) return { state, effects };
  return { state: { ...state, timerAtMs: next }, effects: [...effects, { kind: 'setTimer', ms: next - nowMs }] };
}

function find(state: SupervisorState, id: string): ChildState | undefined {
  return state.children.find(({ child }) => child.id === id);
}

function change(state: SupervisorState, id: string, to: Partial<ChildState>): SupervisorState {
  return { ...state, children: state.children.map((each) => (each.child.id === id ? { ...each, ...to } : each)) };
}

/** A child runs no more. A temporary one is then not a child any more, whatever it was to be. */
function leave(state: SupervisorState, { child }: ChildState, phase: ChildPhase): SupervisorState {
  if (child.restart === 'temporary') return { ...state, children: state.children.filter((each) => each.child.id !== child.id) };
  return change(state, child.id, { phase, againAtMs: null });
}
