// Supervisor runner: one tree of supervisors at work on an actor system. Each supervisor is a reducer (supervisor/supervisor-state.ts);
// this performs its effects, tells it what became of its children, and carries what one supervisor says up to the next. It
// decides nothing: not who comes back, not when, not how often.

import type { ActorPlan, SupervisorSpec } from '../supervisor/supervisor-spec.ts';
import { assertSupervisorSpec, supervisedChild } from '../supervisor/supervisor-spec.ts';
import { initialSupervisor, stepSupervisor, type ChildPhase, type Escalation, type SupervisorEffect, type SupervisorInput, type SupervisorState } from '../supervisor/supervisor-state.ts';
import type { BudgetName } from '../supervisor/restart-budget.ts';
import type { ActorSystem } from './kernel/actor-system.ts';
import { StartFailed, type ChildHandle } from './kernel/child-handle.ts';
import { errorFacts, type Exit, type ExitReason } from './kernel/exit-reason.ts';
import type { Cancel, HostBase } from './kernel/host.ts';

/** A restart that is going to be, in the words of whoever tells people. */
export interface PlannedRestart {
  readonly id: string;
  readonly reason: ExitReason;
  readonly waitMs: number;
  readonly budget: BudgetName;
}

/** What the owner of the tree hears. Called in the order in which it happens; none of it may throw. */
export interface SupervisionEvents {
  /** A start of this actor begins. `started` or `startFailed` follows. */
  starting(id: string): void;
  started(handle: ChildHandle, plan: ActorPlan, supervisor: string): void;
  /** The actor never came up. Whether it is tried again is told by `restartPlanned`. */
  startFailed(id: string, error: unknown): void;
  exited(exit: Exit): void;
  /** Follows `exited` or `startFailed`. */
  restartPlanned(restart: PlannedRestart): void;
  /** Follows `exited` for one that does not come back: it was stopped, its work was done, or its supervisor gives up. */
  left(exit: Exit): void;
  /** This supervisor has given up, all its children have ended, and its own supervisor has heard of it. */
  gaveUp(escalation: Escalation): void;
}

export interface SupervisorRunnerParts {
  readonly system: Pick<ActorSystem, 'start' | 'child'>;
  readonly host: HostBase;
  readonly tree: SupervisorSpec;
  /** The arguments of one start of this actor: made anew each time, because a restart may need others. */
  argsOf(id: string): unknown;
  readonly events: SupervisionEvents;
}

/** A supervisor that runs. */
interface Supervisor {
  readonly spec: SupervisorSpec;
  readonly parent: string | null;
  readonly plans: Map<string, ActorPlan | SupervisorSpec>;
  state: SupervisorState;
  cancelTimer: Cancel;
}

export class SupervisorRunner {
  readonly #parts: SupervisorRunnerParts;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #inputs: { readonly supervisor: string; readonly input: SupervisorInput }[] = [];
  /** Promises that wait for something to be true of the tree. */
  readonly #waits = new Set<() => boolean>();
  /** What the newest start of an actor failed with. */
  readonly #startErrors = new Map<string, unknown>();
  /** Of the input that is being applied: whose restart it has planned. */
  #planned: string | null = null;
  readonly #escalations: Escalation[] = [];
  #draining = false;
  #booted = false;

  /** Throws `InvalidSupervisorSpec`. */
  constructor(parts: SupervisorRunnerParts) {
    assertSupervisorSpec(parts.tree);
    this.#parts = parts;
  }

  /** Starts the tree. Rejects, when everything that had started has ended again, with the error of the actor that could not. */
  async start(): Promise<void> {
    const { tree } = this.#parts;
    this.#add(tree, null);
    let failedChild: string | null = null;
    this.#feed(tree.id, { kind: 'startRequested' });
    await this.#until(() => {
      failedChild ??= this.#supervisors.get(tree.id)?.state.escalation?.child ?? null;
      return this.#booted || !this.#supervisors.has(tree.id);
    });
    if (!this.#booted && failedChild !== null) throw this.#startErrors.get(failedChild) ?? new Error(`'${String(failedChild)}' could not be started`);
  }

  /**
   * Adds a child and starts it. Rejects with the error of that start; what becomes of the child then is its supervisor's to
   * decide. Resolves with null when the child was not wanted any more before it had started.
   */
  async addChild(supervisor: string, plan: ActorPlan): Promise<ChildHandle | null> {
    const { id } = plan;
    this.#supervisors.get(supervisor)?.plans.set(id, plan);
    this.#startErrors.delete(id);
    this.#feed(supervisor, { kind: 'childAdded', child: supervisedChild(plan) });
    await this.#until(() => this.#startErrors.has(id) || !isComingUp(this.phase(id)));
    if (this.#startErrors.has(id)) throw this.#startErrors.get(id);
    return this.phase(id)?.kind === 'running' ? this.#parts.system.child(id) : null;
  }

  /** Stops a child, an actor or a supervisor, for good. Resolves when it has ended; at once when there is none. */
  stopChild(id: string): Promise<void> {
    const supervisor = this.#supervisorOf(id);
    if (supervisor === null) return Promise.resolve();
    this.#feed(supervisor.spec.id, { kind: 'childStopRequested', id });
    return this.#until(() => (this.phase(id) ?? ENDED).kind === 'ended');
  }

  /** Starts a child that has ended, again with empty accounts. */
  startChild(id: string): void {
    const supervisor = this.#supervisorOf(id);
    if (supervisor !== null) this.#feed(supervisor.spec.id, { kind: 'childStartRequested', id });
  }

  /** Ends the whole tree, and resolves when it has ended. */
  stop(): Promise<void> {
    const { id } = this.#parts.tree;
    this.#feed(id, { kind: 'stopRequested' });
    return this.#until(() => !this.#supervisors.has(id));
  }

  /** What an actor or supervisor is to its own supervisor; null = it is nobody's child (any more). */
  phase(id: string): ChildPhase | null {
    return this.#supervisorOf(id)?.state.children.find(({ child }) => child.id === id)?.phase ?? null;
  }

  #supervisorOf(id: string): Supervisor | null {
    for (const supervisor of this.#supervisors.values()) if (supervisor.state.children.some(({ child }) => child.id === id)) return supervisor;
    return null;
  }

  #add(spec: SupervisorSpec, parent: string | null): void {
    const plans = new Map(spec.children.map((child) => [child.id, child]));
    this.#supervisors.set(spec.id, { spec, parent, plans, state: initialSupervisor(spec), cancelTimer: () => undefined });
  }

  /** Inputs are applied one after the other: an effect may bring the next one about before it returns. */
  #feed(supervisor: string, input: SupervisorInput): void {
    this.#inputs.push({ supervisor, input });
    if (this.#draining) return;
    this.#draining = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#apply(next.supervisor, next.input);
    this.#draining = false;
    for (const escalation of this.#escalations.splice(0)) this.#parts.events.gaveUp(escalation);
    for (const wait of this.#waits) if (wait()) this.#waits.delete(wait);
  }

  #apply(id: string, input: SupervisorInput): void {
    const supervisor = this.#supervisors.get(id);
    if (supervisor === undefined) return;
    const { host } = this.#parts;
    const [random = 0] = host.random.bytes(1);
    const step = stepSupervisor(supervisor.state, input, { nowMs: host.clock.monotonicMs(), random: random / 255 });
    supervisor.state = step.state;
    for (const effect of step.effects) this.#perform(supervisor, effect);
  }

  #perform(supervisor: Supervisor, effect: SupervisorEffect): void {
    switch (effect.kind) {
      case 'startChild': {
        const plan = supervisor.plans.get(effect.id);
        if (plan?.kind === 'supervisor') {
          this.#add(plan, supervisor.spec.id);
          this.#feed(plan.id, { kind: 'startRequested' });
        } else if (plan !== undefined) void this.#startActor(plan, supervisor.spec.id);
        return;
      }
      case 'stopChild':
        if (this.#supervisors.has(effect.id)) this.#feed(effect.id, { kind: 'stopRequested' });
        else void this.#parts.system.child(effect.id)?.stop();
        return;
      case 'killChild':
        void this.#parts.system.child(effect.id)?.kill();
        return;
      case 'setTimer':
        return this.#setTimer(supervisor, effect.ms);
      case 'restartPlanned':
        this.#planned = effect.id;
        this.#parts.events.restartPlanned({ id: effect.id, reason: effect.reason, waitMs: effect.waitMs, budget: effect.budget });
        return;
      case 'booted':
        if (supervisor.parent === null) this.#booted = true;
        else this.#feed(supervisor.parent, { kind: 'childStarted', id: supervisor.spec.id });
        return;
      case 'escalate':
        this.#escalations.push(effect.escalation);
        return this.#over(supervisor, effect.escalation);
      case 'ended':
        return this.#over(supervisor, null);
    }
  }

  /** As in Erlang/OTP, a supervisor that gives up exits with `shutdown`; one that never came up says why. */
  #over(supervisor: Supervisor, escalation: Escalation | null): void {
    const { parent, spec } = supervisor;
    supervisor.cancelTimer();
    this.#supervisors.delete(spec.id);
    if (parent === null) return;
    if (escalation?.spent === 'start') {
      this.#startErrors.set(spec.id, this.#startErrors.get(escalation.child));
      this.#feed(parent, { kind: 'childStartFailed', id: spec.id, reason: escalation.reason });
    } else this.#feed(parent, { kind: 'childExited', id: spec.id, reason: { kind: 'shutdown' }, silentMs: 0 });
  }

  #setTimer(supervisor: Supervisor, ms: number): void {
    supervisor.cancelTimer();
    const { timers } = this.#parts.host;
    // A loop that was held up runs its late timers before it reads what came in meanwhile. Whether main is gone too may be
    // among that, so it is read first.
    supervisor.cancelTimer = timers.after(ms, () => {
      supervisor.cancelTimer = timers.soon(() => this.#feed(supervisor.spec.id, { kind: 'tick' }));
    });
  }

  async #startActor(plan: ActorPlan, supervisor: string): Promise<void> {
    const { system, events } = this.#parts;
    const { kind: _kind, ...spec } = plan;
    const { id } = plan;
    let handle: ChildHandle;
    events.starting(id);
    try {
      handle = await system.start({ ...spec, args: this.#parts.argsOf(id) });
    } catch (error) {
      const reason: ExitReason = error instanceof StartFailed ? error.exit.reason : { kind: 'failed', error: errorFacts(error) };
      this.#startErrors.set(id, error);
      events.startFailed(id, error);
      return this.#feed(supervisor, { kind: 'childStartFailed', id, reason });
    }
    events.started(handle, plan, supervisor);
    this.#feed(supervisor, { kind: 'childStarted', id });
    const exit = await handle.exited;
    // A frozen one has shown no life since its last mark.
    const silentMs = exit.reason.kind === 'frozen' ? (handle.progress.read().markAgeMs ?? 0) : 0;
    events.exited(exit);
    this.#planned = null;
    this.#feed(supervisor, { kind: 'childExited', id, reason: exit.reason, silentMs });
    if (this.#planned !== id) events.left(exit);
  }

  #until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waits.add(() => {
        if (!isTrue()) return false;
        resolve();
        return true;
      });
    });
  }
}

const isComingUp = (phase: ChildPhase | null): boolean => phase?.kind === 'starting' || phase?.kind === 'waiting';
const ENDED: ChildPhase = { kind: 'ended' };
