// The traffic rings of one simulated session: smaller than the product's, so that their budget is reached within minutes and a session
// costs no tens of MiB, and watched, so that what they hold and count can be held against what they may.

import { ringBytesOf } from '#app/capture/ring-budget.js';
import type { SessionMemory } from '#app/cli/session-memory.js';
import { createTapRing, readTapCounters, type TapCounters, type TapRingHandle } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';

/** Rings of the product would hold weeks of a simulation's traffic. */
const ringShrink = 2_048;
const segmentBytes = 1_024;
/** For whole pictures, and for whatever else does not fit a segment. */
const largeBytes = [256 * 1_024, 4 * 1_024 * 1_024] as const;

const budgetOf = (channel: string): number => Math.ceil(ringBytesOf(channel) / ringShrink / segmentBytes) * segmentBytes;

export interface RingSight {
  readonly channel: string;
  readonly budgetBytes: number;
  readonly heldBytes: number;
  readonly segmentBytes: number;
  readonly counters: TapCounters;
}

interface Watched {
  readonly handle: TapRingHandle;
  readonly counters: () => TapCounters;
  /** What it held when so many entries had been appended. */
  held: { readonly appended: number; readonly bytes: number };
}

export class WatchedRings {
  readonly #rings = new Map<string, Watched>();

  /** From now on this session's rings are made here, `factor` times as large as they may be (planted bugs). */
  replace(memory: SessionMemory, clock: { monotonicMs(): number; wallMs(): number }, factor: number): void {
    const createRing = (channel: string): TapRingHandle => {
      const ringBytes = budgetOf(channel) * factor;
      const handle = createTapRing({ channel, ringBytes, segmentBytes, lagBytes: ringBytes, largeBytes }, clock);
      this.#rings.set(channel, { handle, counters: readTapCounters(handle), held: { appended: 0, bytes: 0 } });
      return handle;
    };
    Object.assign(memory, { createRing });
  }

  has(channel: string): boolean {
    return this.#rings.has(channel);
  }

  look(): RingSight[] {
    return [...this.#rings].map(([channel, ring]) => {
      const counters = ring.counters();
      const { appended } = counters;
      // A ring to which nothing was added holds what it held.
      if (appended !== ring.held.appended) ring.held = { appended, bytes: heldBytesOf(ring.handle) };
      return { channel, budgetBytes: budgetOf(channel), heldBytes: ring.held.bytes, segmentBytes, counters };
    });
  }
}

/** Bytes of traffic in a ring's usual segments. */
function heldBytesOf(ring: TapRingHandle): number {
  const snapshot = snapshotTapRing(ring);
  let heldBytes = 0;
  for (const entry of snapshot.entries()) if (entry.bytes.length <= segmentBytes) heldBytes += entry.bytes.length;
  snapshot.release();
  return heldBytes;
}
