// A supervisor against a model of its children: whatever ends, fails to start, is added or stopped, and in whatever order the news
// come, there is never a second generation of a running child, order is kept, and giving up happens once and completely.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelBudgets } from '#app/supervisor/restart-budget.js';
import { strategies } from '#app/supervisor/strategy.js';
import type { RestartPolicy, SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import type { SupervisorEffect } from '#app/supervisor/supervisor-state.js';
import { everyReason, plan, shutdown, Supervised, supervisor } from '../../support/supervision.js';

const intensity = { restartsMax: 3, periodMs: 1_000 };
const policies: readonly RestartPolicy[] = [{ kind: 'intensity', intensity }, { kind: 'budgets', budgets: channelBudgets }];
const reason = fc.constantFrom(...everyReason);
const index = fc.nat({ max: 7 });

const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('obey' as const), index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('exit' as const), index, reason, silentMs: fc.constantFrom(0, 5_500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('startFails' as const), index, reason }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 50, 100, 700, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stopChild' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('startChild' as const), index }) },
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

const spec: fc.Arbitrary<SupervisorSpec> = fc.record({
  strategy: fc.constantFrom(...strategies),
  policy: fc.constantFrom(...policies),
  children: fc.array(fc.record({ restart: fc.constantFrom('permanent' as const, 'transient' as const, 'temporary' as const), shutdown: fc.constantFrom('brutalKill' as const, 1_000) }), { maxLength: 6 }),
}).map(({ strategy, policy, children }) => supervisor(children.map((part, at) => plan(`child-${at}`, part)), { strategy, policy }));

/** The children as they really are: what the supervisor was told of them may be older. */
class World {
  readonly supervised: Supervised;
  readonly #starting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #stopping = new Set<string>();
  readonly #order: readonly string[];
  /** Somebody stops and starts single children, so a later one may run while an earlier one starts. */
  #meddled = false;
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

  happen(event: Event): void {
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
    expect(this.ends, 'nothing follows the end').toEqual([]);
    const inTurn = this.supervised.state.spec.strategy !== 'oneForOne' && !this.#meddled;
    switch (effect.kind) {
      case 'startChild': {
        expect(this.alive, 'never two generations of a child at once').not.toContain(effect.id);
        const later = this.#order.slice(this.#order.indexOf(effect.id) + 1);
        if (inTurn) expect(later.filter((id) => this.alive.includes(id)), 'those after it are down when one starts').toEqual([]);
        this.#starting.add(effect.id);
        return;
      }
      case 'stopChild':
      case 'killChild': {
        expect(this.alive, 'only what is alive is stopped').toContain(effect.id);
        expect(this.#stopping.has(effect.id), 'nothing is stopped twice').toBe(false);
        const later = this.#order.slice(this.#order.indexOf(effect.id) + 1);
        if (inTurn) expect(later.filter((id) => this.alive.includes(id)), 'those after it are down when one stops').toEqual([]);
        this.#stopping.add(effect.id);
        return;
      }
      case 'restartPlanned':
        this.restartsPlanned.push(this.supervised.nowMs);
        return;
      case 'escalate':
      case 'ended':
        expect(this.alive, 'at its end no child is alive').toEqual([]);
        this.ends.push(effect);
        return;
      case 'setTimer':
        expect(effect.ms).toBeGreaterThan(0);
        return;
      case 'booted':
        return;
    }
  }
}

const run = (it: SupervisorSpec, events: readonly Event[]): World => {
  const world = new World(it);
  for (const each of events) world.happen(each);
  return world;
};

test('children start and stop in order, one generation at a time, whatever happens', () => {
  fc.assert(fc.property(spec, fc.array(event, { maxLength: 80 }), (it, events) => void run(it, events)), { numRuns: 500 });
});

test('at most as many restarts as the intensity allows happen within its period, and one more is exactly one escalation', () => {
  fc.assert(fc.property(spec, fc.array(event, { maxLength: 120 }), (it, events) => {
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
  fc.assert(fc.property(spec, fc.array(event, { maxLength: 60 }), fc.array(event, { maxLength: 30 }), (it, before, after) => {
    const world = run(it, before);
    world.stop();
    for (const each of after) world.happen(each);
    world.settle();
    expect(world.alive).toEqual([]);
    expect(world.ends).toHaveLength(1);
  }), { numRuns: 500 });
});

test('when nothing fails any more, every child that is wanted runs', () => {
  fc.assert(fc.property(spec, fc.array(event, { maxLength: 80 }), (it, events) => {
    const world = run(it, events);
    world.settle();
    const phases = world.supervised.state.children.map(({ phase }) => phase.kind);
    expect(phases.filter((phase) => phase !== 'running' && phase !== 'ended')).toEqual([]);
    expect(world.supervised.state.phase).toBe(world.ends.length === 1 ? 'ended' : 'running');
  }), { numRuns: 300 });
});
