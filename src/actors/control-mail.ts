// What the control socket's actor is started with and what it is told of the session: plain data and shared memory. Types only, so that
// both sides may import them.

import type { CounterMemory } from '../mailbox/counters.ts';
import type { SessionFacts, SurfaceFacts } from '../control/session-facts.ts';

export interface ControlArgs {
  readonly path: string;
  /** One client at a time, the ancestor's rule; otherwise several. */
  readonly singleClient: boolean;
  /** Monotonic milliseconds at which the session began. */
  readonly sessionStartMs: number;
}

/** A surface whose sequence number can be looked at. */
export interface SharedSurfaceFacts extends SurfaceFacts {
  readonly buffer: SharedArrayBuffer;
}

/** The newest state of the session with the memory where samples are read. Each replaces the one before. */
export interface SharedFacts extends SessionFacts {
  readonly surfaces: readonly SharedSurfaceFacts[];
  /** The main channel's counters; null before it is started. */
  readonly mainCounters: CounterMemory | null;
}
