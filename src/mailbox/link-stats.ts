// The numbers of one link, read from its shared words by any thread, whether its ends live or not. Reading asks nobody and
// changes nothing; what the numbers mean for health is the supervisor's business.

import type { Lane, MailboxStats } from './address.ts';
import { CLOSED, laneBacklog, laneWords, SENDER_GONE } from './link-words.ts';
import type { LaneWords, LinkMemory } from './link-words.ts';

/** What waits in one lane of one link, and what was refused there since the link was made. */
export interface LaneBacklog {
  readonly lane: Lane;
  readonly depth: number;
  /** Messages that may wait. */
  readonly bound: number;
  readonly oldestAgeMs: number;
  readonly dropped: number;
}

interface Totals {
  accepted: number;
  dropped: number;
  taken: number;
  dead: number;
}

export class LinkStats {
  readonly #words: Int32Array;
  readonly #lanes: readonly { lane: Lane; bound: number; at: LaneWords; last: Totals; total: Totals }[];

  constructor(memory: LinkMemory) {
    this.#words = new Int32Array(memory.words);
    const zero = (): Totals => ({ accepted: 0, dropped: 0, taken: 0, dead: 0 });
    this.#lanes = (['control', 'data'] as const satisfies Lane[]).map((lane) => ({ lane, bound: lane === 'control' ? memory.controlMax : memory.dataMax, at: laneWords(memory, lane), last: zero(), total: zero() }));
  }

  /** True once neither end will change a word again. */
  get final(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1 && Atomics.load(this.#words, SENDER_GONE) === 1;
  }

  read(nowMs: number): MailboxStats {
    // Nobody takes from a closed link any more, so what waits there is dead.
    const over = Atomics.load(this.#words, CLOSED) === 1;
    let stats = NO_STATS;
    for (const lane of this.#lanes) {
      const { depth, oldestAgeMs } = laneBacklog(this.#words, lane.at, nowMs);
      const { accepted, dropped, taken, dead } = this.#advance(lane);
      stats = addStats(stats, {
        depth: over ? 0 : depth,
        highWater: Atomics.load(this.#words, lane.at.highWater),
        dropped,
        oldestAgeMs: over ? 0 : oldestAgeMs,
        accepted,
        delivered: taken - dead,
        deadLetters: dead + (over ? accepted - taken : 0),
      });
    }
    return stats;
  }

  /** Lanes in which something waits. None once the link is closed. */
  backlogs(nowMs: number): readonly LaneBacklog[] {
    if (Atomics.load(this.#words, CLOSED) === 1) return [];
    return this.#lanes.map((each) => ({ lane: each.lane, bound: each.bound, ...laneBacklog(this.#words, each.at, nowMs), dropped: this.#advance(each).dropped })).filter(({ depth }) => depth > 0);
  }

  // The words wrap at 2^32, the totals do not: it is enough to be read once in that many messages.
  #advance(lane: { at: LaneWords; last: Totals; total: Totals }): Totals {
    // `taken` before `accepted`: in the other order a busy link could show more taken than was accepted.
    for (const key of ['dead', 'taken', 'accepted', 'dropped'] as const) {
      const word = Atomics.load(this.#words, lane.at[key]) >>> 0;
      lane.total[key] += (word - lane.last[key]) >>> 0;
      lane.last[key] = word;
    }
    return lane.total;
  }
}

export const NO_STATS: MailboxStats = { depth: 0, highWater: 0, dropped: 0, oldestAgeMs: 0, accepted: 0, delivered: 0, deadLetters: 0 };

/** Two links, lanes or generations as one: counts add up, ages and high water take the larger. */
export function addStats(a: MailboxStats, b: MailboxStats): MailboxStats {
  return {
    depth: a.depth + b.depth,
    highWater: Math.max(a.highWater, b.highWater),
    dropped: a.dropped + b.dropped,
    oldestAgeMs: Math.max(a.oldestAgeMs, b.oldestAgeMs),
    accepted: a.accepted + b.accepted,
    delivered: a.delivered + b.delivered,
    deadLetters: a.deadLetters + b.deadLetters,
  };
}
