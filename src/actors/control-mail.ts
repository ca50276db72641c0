// What the control socket's actor is started with and what it is told of the session: plain data and shared memory. Types only, so that
// both sides may import them.

import type { CellMemory } from '../mailbox/cell.ts';
import type { CounterMemory } from '../mailbox/counters.ts';
import type { TapRingHandle } from '../mailbox/segments.ts';
import type { SessionFacts, SessionIdentity, SurfaceFacts } from '../control/session-facts.ts';

export interface ControlArgs {
  readonly path: string;
  /** One client at a time, the ancestor's rule; otherwise several. */
  readonly singleClient: boolean;
  /** Monotonic milliseconds at which the session began. */
  readonly sessionStartMs: number;
  readonly identity: SessionIdentity;
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
  /** The guest's pointer (`surface/pointer-cell.ts`); null before there is a cursor channel. */
  readonly pointer: CellMemory | null;
  readonly channels: readonly SharedChannel[];
}

/** A channel's counters and its traffic. */
export interface SharedChannel {
  /** `display/0`. */
  readonly channel: string;
  readonly type: number;
  readonly counters: CounterMemory;
  readonly tap: TapRingHandle;
}
