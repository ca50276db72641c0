// Thread totals: the processor time of an actor over all the threads that it had, one after the other, so that the sum never falls when an actor is started again. What a
// thread used after it was last looked at and before it ended is not in it.

import type { ThreadSample } from '../metrics/runtime-metrics.ts';

interface Total {
  readonly before: number;
  readonly tid: number;
  readonly born: number;
  readonly cpuMs: number;
}

export class ThreadTotals {
  readonly #known = new Map<string, Total>();

  /** @param thread the actor's present one; null when it has none, or none is known. The answer is null when it never had one. */
  of(id: string, thread: ThreadSample | null): number | null {
    const known = this.#known.get(id);
    if (thread === null) return known === undefined ? null : known.before + known.cpuMs;
    const isSame = known !== undefined && known.tid === thread.tid && known.born === thread.born;
    const before = known === undefined ? 0 : isSame ? known.before : known.before + known.cpuMs;
    this.#known.set(id, { before, tid: thread.tid, born: thread.born, cpuMs: thread.cpuMs });
    return before + thread.cpuMs;
  }
}
