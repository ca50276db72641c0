// What a parent holds of a running actor. It outlives the actor it names: once that has ended, sends are refused, `exited`
// is settled, and the numbers stay readable as evidence. A restart makes a new handle.

import type { Address, MailboxStats } from '../../mailbox/address.ts';
import type { LaneBacklog } from '../../mailbox/link-stats.ts';
import type { JsonValue } from './actor.ts';
import type { Exit, ExitReason, StopReason } from './exit-reason.ts';
import type { ProgressReader } from './progress.ts';

/** What waits of one sender. */
export interface Backlog extends LaneBacklog {
  readonly sender: string;
  readonly senderGeneration: number;
}

export interface ChildHandle {
  readonly id: string;
  readonly generation: number;
  /** Null for an actor that runs in the system's own thread. */
  readonly threadId: number | null;
  /** From the system itself. */
  readonly address: Address;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** Asks, waits the shutdown time, kills. Asking twice is asking once. */
  stop(reason?: StopReason): Promise<Exit>;
  /** Ends it at once, with this reason; default `killed`. A watchdog says `frozen`. */
  kill(reason?: ExitReason): Promise<Exit>;
  /** The actor's own snapshot, through its control lane. Rejects with `ObserveFailed` at the deadline (default 1,000 ms). */
  observe(deadlineMs?: number): Promise<JsonValue>;
  readonly progress: ProgressReader;
  mailbox(): MailboxStats;
  /** Whose messages wait in its mailbox; none once it has ended. */
  backlogs(): readonly Backlog[];
}

/** The actor did not show itself: too busy, too full, gone, or its `observe` threw. */
export class ObserveFailed extends Error {
  override readonly name = 'ObserveFailed';
  readonly code = 'observe-failed';
}

/** The actor ended, or did not come up in time, before it had started. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  readonly code = 'start-failed';
  readonly exit: Exit;

  constructor(exit: Exit, detail: string) {
    super(`${exit.id}#${exit.generation} did not start: ${detail}`);
    this.exit = exit;
  }
}
