/**
 * Bounds how long one socket may hold its thread's event loop: bytes are handed on at once until a turn has used its budget, then reading
 * pauses and goes on in a later turn of the loop. It knows no socket: whoever reads gives it bytes and is told when to stop and to resume.
 * On the data path it sits between the socket's buffer and the channel's frame splitter.
 */
import type { Cancel } from './host.ts';

/** How long one turn may deliver bytes, in milliseconds. One `deliver` is never cut, so a turn may end late by the time of one. */
export const READ_TURN_BUDGET_MS = 4;

export interface ReadBudgetOptions {
  readonly budgetMs: number;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  /** Runs `run` in a later turn of the event loop, after other work that is ready had its chance. */
  readonly soon: (run: () => void) => Cancel;
  /** Takes the bytes; they are valid only during the call. May call `stop`. */
  readonly deliver: (bytes: Uint8Array) => void;
  /** Asks the reader to read again after `take` said false. */
  readonly resume: () => void;
}

export interface ReadBudget {
  /** Gives bytes that were read. False: stop reading until `resume` is called. What arrives in spite of that is copied and delivered later, in order. */
  take(bytes: Uint8Array): boolean;
  /** Runs `run` once everything taken has been delivered: at once when nothing is held. At most one at a time; a second replaces the first. */
  whenDelivered(run: () => void): void;
  /** Nothing is delivered any more; what is held is dropped, and a waiting `whenDelivered` runs at once. */
  stop(): void;
}

export function createReadBudget(options: ReadBudgetOptions): ReadBudget {
  let turnStartMs: number | null = null;
  let cancelTurn: Cancel | null = null;
  let paused = false;
  let stopped = false;
  // Bytes that came although reading was paused: a TLS socket decrypts all of the at most 64 KiB that it has read from
  // the network and delivers every record of it, whatever the callback returned for the first.
  let held: Uint8Array[] = [];
  let afterDelivery: (() => void) | null = null;

  const openTurn = (): number => {
    if (turnStartMs !== null) return turnStartMs;
    turnStartMs = options.nowMs();
    cancelTurn = options.soon(endTurn);
    return turnStartMs;
  };

  const endTurn = (): void => {
    turnStartMs = null;
    cancelTurn = null;
    if (!paused) return;
    if (held.length > 0) {
      // This turn is for what is held; reading again would add a second budget to it.
      const startMs = openTurn();
      do {
        const bytes = held.shift();
        if (bytes !== undefined) options.deliver(bytes);
        if (stopped) return;
      } while (held.length > 0 && options.nowMs() - startMs < options.budgetMs);
      if (held.length === 0) runAfterDelivery();
      return;
    }
    paused = false;
    options.resume();
  };

  const runAfterDelivery = (): void => {
    const run = afterDelivery;
    afterDelivery = null;
    run?.();
  };

  return {
    take(bytes) {
      if (stopped) return false;
      if (paused) {
        held.push(bytes.slice());
        return false;
      }
      const startMs = openTurn();
      options.deliver(bytes);
      if (stopped) return false;
      paused = options.nowMs() - startMs >= options.budgetMs;
      return !paused;
    },
    whenDelivered(run) {
      afterDelivery = run;
      if (held.length === 0) runAfterDelivery();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      held = [];
      cancelTurn?.();
      cancelTurn = null;
      runAfterDelivery();
    },
  };
}
