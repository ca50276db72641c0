// What supervision tests share: exit reasons, specs in which only what a test is about is written out, and a supervisor whose
// children obey at once.

import { initialSupervisor, stepSupervisor } from '#app/supervisor/supervisor-state.js';
import type { SupervisorEffect, SupervisorInput, SupervisorState } from '#app/supervisor/supervisor-state.js';
import type { ActorPlan, SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import type { ExitReason } from '#app/actors/kernel/exit-reason.js';
import { echoSpec } from './echo-spec.js';

export const failed: ExitReason = { kind: 'failed', error: { name: 'Error', message: 'thrown', stack: '', code: null } };
export const peerLost: ExitReason = { kind: 'downstreamClosed', detail: 'fin' };
export const frozen: ExitReason = { kind: 'frozen' };
export const normal: ExitReason = { kind: 'normal' };
export const shutdown: ExitReason = { kind: 'shutdown' };
export const everyReason: readonly ExitReason[] = [normal, shutdown, { kind: 'killed' }, failed, frozen, peerLost];

export function plan(id: string, part: Partial<ActorPlan> = {}): ActorPlan {
  const { args: _args, ...rest } = echoSpec(id);
  return { kind: 'actor', ...rest, restart: 'permanent', ...part };
}

export function supervisor(children: SupervisorSpec['children'], part: Partial<SupervisorSpec> = {}): SupervisorSpec {
  return {
    kind: 'supervisor', id: 'top', strategy: 'oneForOne', restart: 'permanent', stopOrder: 'reverse', children, added: [],
    policy: { kind: 'intensity', intensity: { restartsMax: 3, periodMs: 5_000 } },
    ...part,
  };
}

/** A supervisor and the moment; effects are collected until they are taken. */
export class Supervised {
  state: SupervisorState;
  nowMs = 1_000;
  random = 0.5;
  #effects: SupervisorEffect[] = [];

  constructor(spec: SupervisorSpec) {
    this.state = initialSupervisor(spec);
  }

  /** Applies an input and returns its effects in words: `start a`, `stop b`, `timer 250`. */
  tell(input: SupervisorInput): readonly string[] {
    const step = stepSupervisor(this.state, input, { nowMs: this.nowMs, random: this.random });
    this.state = step.state;
    this.#effects.push(...step.effects);
    return step.effects.map(inWords);
  }

  exit(id: string, reason: ExitReason, silentMs = 0): readonly string[] {
    return this.tell({ kind: 'childExited', id, reason, silentMs });
  }

  started(id: string): readonly string[] {
    return this.tell({ kind: 'childStarted', id });
  }

  /** Starts it and every child of it. */
  boot(): this {
    this.tell({ kind: 'startRequested' });
    for (const { child } of this.state.children) this.started(child.id);
    return this;
  }

  phase(id: string): string | undefined {
    return this.state.children.find(({ child }) => child.id === id)?.phase.kind;
  }

  /** Every effect so far, and forgets them. */
  take(): readonly SupervisorEffect[] {
    return this.#effects.splice(0);
  }
}

function inWords(effect: SupervisorEffect): string {
  switch (effect.kind) {
    case 'startChild': return `start ${effect.id}`;
    case 'stopChild': return `stop ${effect.id}`;
    case 'killChild': return `kill ${effect.id}`;
    case 'setTimer': return `timer ${effect.ms}`;
    case 'restartPlanned': return `plan ${effect.id} ${effect.budget} ${effect.waitMs}`;
    case 'escalate': return `escalate ${effect.escalation.child} ${effect.escalation.spent}`;
    case 'booted': case 'ended': return effect.kind;
  }
}
