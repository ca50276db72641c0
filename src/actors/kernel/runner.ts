// What the system needs of whatever runs an actor: thread-runner.ts and local-runner.ts are the two. A runner starts one
// generation of one actor and ends it; it decides nothing about restarts, deadlines or reasons.

import type { ErrorFacts } from './exit-reason.ts';
import type { KernelReport, LinkChange } from './kernel-command.ts';

export interface RunnerEvents {
  reported(report: KernelReport): void;
  /** The actor's code does not run any more. Exactly once; `cause` is an error that its kernel could not report itself. */
  gone(cause: ErrorFacts | null): void;
}

export interface Runner {
  readonly threadId: number | null;
  /** Hands the actor a fresh link. False = it has left so many commands unread that it must be frozen. */
  connect(change: LinkChange): boolean;
  /** Ends the actor without asking. `gone` follows, unless the code is stuck where it cannot be ended: then never. */
  end(): void;
  /** Leaves behind an actor that cannot be ended, so that it no longer keeps the process alive or reports anything. */
  abandon(): void;
}
