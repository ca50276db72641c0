// A model of a supervisor's children: they start, end, and fail to start as events tell, and every effect of the supervisor is held
// against what is true of them. A broken rule throws where it was broken.

import fc from 'fast-check';
import type { SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import type { SupervisorEffect } from '#app/supervisor/supervisor-state.js';
import { everyReason, shutdown, Supervised } from './supervision.js';

const reason = fc.constantFrom(...everyReason);
const index = fc.nat({ max: 7 });

export const childrenEvent = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('obey' as const), index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('exit' as const), index, reason, silentMs: fc.constantFrom(0, 5_500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('startFails' as const), index, reason }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 50, 100, 700, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stopChild' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('startChild' as const), index }) },
);
export type ChildrenEvent = typeof childrenEvent extends fc.Arbitrary<infer E> ? E : never;

function must(kept: boolean, rule: string): void {
  if (!kept) throw new Error(`broken: ${rule}`);
}

/** The children as they really are: what the supervisor was told of them may be older. */
export class ChildrenWorld {
  readonly supervised: Supervised;
  readonly #starting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #stopping = new Set<string>();
  readonly #order: readonly string[];
  /** Somebody stops and starts single children, so a later one may run while an earlier one starts. */
  #meddled = false;
  /** Told to stop, and not asked for since. */
  readonly #unwanted = new Set<string>();
  restartsPlanned: number[] = [];
  ends: SupervisorEffect[] = [];

  constructor(it: SupervisorSpec) {
    this.#order = it.children.map(({ id }) => id);
    this.supervised = new Supervised(it);
    this.supervised.tell({ kind: 'startRequested' });
    this.#perform();
  }

  get alive(): readonly string[] {
    return this.#order.filter((id) => this.#starting.has(id) || this.#running.has(id));
  }

  happen(event: ChildrenEvent): void {
    switch (event.kind) {
      case 'time':
        this.supervised.nowMs += event.ms;
        this.supervised.tell({ kind: 'tick' });
        break;
      case 'obey':
        this.#obey(event.index);
        break;
      case 'exit': {
        const id = this.#pick(this.#running, event.index);
        if (id !== null) this.#end(id, event.reason, event.silentMs);
        break;
      }
      case 'startFails': {
        const id = this.#pick(this.#starting, event.index);
        if (id !== null) this.#failStart(id, event.reason);
        break;
      }
      case 'stopChild':
      case 'startChild': {
        const id = this.#order[event.index];
        this.#meddled = true;
        if (id !== undefined) this.#unwanted[event.kind === 'stopChild' ? 'add' : 'delete'](id);
        if (id !== undefined) this.supervised.tell({ kind: event.kind === 'stopChild' ? 'childStopRequested' : 'childStartRequested', id });
        break;
      }
    }
    this.#perform();
  }

  /** Lets every start and stop that is under way succeed, and time pass, until nothing happens any more. */
  settle(): void {
    for (let turns = 0; turns < 200; turns++) {
      if (this.#starting.size + this.#stopping.size > 0) this.happen({ kind: 'obey', index: 0 });
      else this.happen({ kind: 'time', ms: 5_000 });
    }
  }

  stop(): void {
    this.supervised.tell({ kind: 'stopRequested' });
    this.#perform();
  }

  #pick(from: ReadonlySet<string>, at: number): string | null {
    const ids = this.#order.filter((id) => from.has(id));
    return ids.length === 0 ? null : (ids[at % ids.length] ?? null);
  }

  #obey(at: number): void {
    const id = this.#pick(new Set([...this.#starting, ...this.#stopping]), at);
    if (id === null) return;
    if (!this.#stopping.has(id)) {
      this.#starting.delete(id);
      this.#running.add(id);
      this.supervised.tell({ kind: 'childStarted', id });
    } else if (this.#starting.has(id)) this.#failStart(id, shutdown);
    else this.#end(id, shutdown, 0);
  }

  #end(id: string, why: typeof shutdown, silentMs: number): void {
    this.#running.delete(id);
    this.#stopping.delete(id);
    this.supervised.tell({ kind: 'childExited', id, reason: why, silentMs });
  }

  #failStart(id: string, why: typeof shutdown): void {
    this.#starting.delete(id);
    this.#stopping.delete(id);
    this.supervised.tell({ kind: 'childStartFailed', id, reason: why });
  }

  #perform(): void {
    for (const effect of this.supervised.take()) this.#check(effect);
  }

  #check(effect: SupervisorEffect): void {
    must(this.ends.length === 0, 'nothing follows the end');
    const inTurn = this.supervised.state.spec.strategy !== 'oneForOne' && !this.#meddled;
    switch (effect.kind) {
      case 'startChild': {
        must(!this.alive.includes(effect.id), 'never two generations of a child at once');
        const later = this.#order.slice(this.#order.indexOf(effect.id) + 1);
        must(!inTurn || !later.some((id) => this.alive.includes(id)), 'those after it are down when one starts');
        const isAlone = this.supervised.state.spec.strategy === 'oneForOne';
        must(!isAlone || !this.#unwanted.has(effect.id), 'what was told to stop is not started until it is asked for');
        this.#starting.add(effect.id);
        return;
      }
      case 'stopChild':
      case 'killChild': {
        must(this.alive.includes(effect.id), 'only what is alive is stopped');
        must(!this.#stopping.has(effect.id), 'nothing is stopped twice');
        const later = this.#order.slice(this.#order.indexOf(effect.id) + 1);
        must(!inTurn || !later.some((id) => this.alive.includes(id)), 'those after it are down when one stops');
        this.#stopping.add(effect.id);
        return;
      }
      case 'restartPlanned':
        must(this.supervised.state.phase !== 'closing', 'no restart is planned by one that closes');
        this.restartsPlanned.push(this.supervised.nowMs);
        return;
      case 'escalate':
      case 'ended':
        must(this.alive.length === 0, 'at its end no child is alive');
        this.ends.push(effect);
        return;
      case 'setTimer':
        must(effect.ms > 0, 'a timer lies ahead');
        return;
      case 'booted':
        return;
    }
  }
}
