// A host in which time is a number that the test moves: days pass in milliseconds, and the same seed gives the same run.
// It has no threads and no network of its own; sockets are whatever `dial` it is given.

import type { Cancel, Clock, Dial, Host } from './host.ts';

export interface VirtualHost extends Host {
  /** Runs everything that is due within the next `ms` milliseconds, in order, each at its own time. */
  advance(ms: number): Promise<void>;
  /** Runs everything that is due now, without moving the clock. */
  settle(): Promise<void>;
  /** Timers and turns that wait. A world that has ended has none. */
  readonly pending: number;
}

export interface VirtualHostOptions {
  readonly seed: number;
  /** Default: a network on which nobody answers. */
  readonly dial?: Dial;
  readonly startWallMs?: number;
}

/** Steps in one `advance`; more at one instant is a loop that never ends, and an error is better than a hang. */
const STEPS_MAX = 10_000_000;
const START_WALL_MS = Date.UTC(2026, 0, 1);

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export function createVirtualHost(options: VirtualHostOptions): VirtualHost {
  const { seed, startWallMs = START_WALL_MS } = options;
  const agenda = new Agenda();
  let nowMs = 0;
  const clock: Clock = { monotonicMs: () => nowMs, wallMs: () => startWallMs + nowMs };
  const timers = {
    after: (ms: number, run: () => void): Cancel => agenda.add(nowMs + Math.max(0, ms), run),
    soon: (run: () => void): Cancel => agenda.add(nowMs, run),
  };
  const advance = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    await loopTurned();
    for (let steps = 0; ; steps++) {
      const due = agenda.takeUntil(untilMs);
      if (due === null) break;
      if (steps >= STEPS_MAX) throw new Error(`more than ${STEPS_MAX} steps until ${untilMs} ms of virtual time`);
      nowMs = Math.max(nowMs, due.atMs);
      due.run();
      await promisesSettled();
    }
    nowMs = untilMs;
  };
  return {
    clock,
    timers,
    random: seededRandom(seed),
    dial: options.dial ?? refuse(timers.soon),
    advance,
    settle: () => advance(0),
    get pending() {
      return agenda.size;
    },
  };
}

/** A turn of the real event loop, in which no virtual time passes: what only Node can bring, such as a module that was read, comes in. */
function loopTurned(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * What was promised is settled before the next step, as between Node's own callbacks: Node empties its queue of promises before it looks
 * at the next tick. A turn of the loop would do the same for ten times the price, a third of what a simulated day costs.
 */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** What is due, by time and then by the order of asking: a binary heap, because a simulated day has millions of timers. */
class Agenda {
  readonly #heap: Due[] = [];
  readonly #cancelled = new Set<number>();
  #order = 0;

  get size(): number {
    return this.#heap.length - this.#cancelled.size;
  }

  add(atMs: number, run: () => void): Cancel {
    const due = { atMs, order: this.#order++, run };
    let index = this.#heap.push(due) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && this.#before(index, parent); parent = (index - 1) >> 1) {
      this.#swap(index, parent);
      index = parent;
    }
    let over = false;
    const wrapped = due.run;
    due.run = () => {
      over = true;
      wrapped();
    };
    return () => {
      if (over) return;
      over = true;
      this.#cancelled.add(due.order);
    };
  }

  takeUntil(untilMs: number): Due | null {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#removeFirst();
      if (!this.#cancelled.delete(first.order)) return first;
    }
    return null;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const least = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(least, index)) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #before(a: number, b: number): boolean {
    const one = this.#heap[a], two = this.#heap[b];
    if (one === undefined || two === undefined) return false;
    return one.atMs < two.atMs || (one.atMs === two.atMs && one.order < two.order);
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a], two = this.#heap[b];
    if (one === undefined || two === undefined) return;
    this.#heap[a] = two;
    this.#heap[b] = one;
  }
}

/** mulberry32: small, seedable, good enough for jitter and test data; never for secrets. */
function seededRandom(seed: number): Host['random'] {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff) };
}

function refuse(soon: (run: () => void) => Cancel): Dial {
  return (_endpoint, events) => {
    let over = false;
    const close = (kind: 'refused' | 'local'): void => {
      if (over) return;
      over = true;
      soon(() => events.closed({ kind, message: 'this host has no network', code: null }));
    };
    close('refused');
    return { write: () => undefined, queuedBytes: 0, end: () => close('local'), destroy: () => close('local') };
  };
}
