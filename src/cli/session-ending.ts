// Session ending: how one session ends by itself, told once, and the one case in which it begins again: main could not be reached on one
// address of the server and there is another. What main said and that it has ended come by two ways, in either order.

import type { Cancel, Timers } from '../actors/kernel/host.ts';
import type { SessionEnd } from '../protocol/session.ts';
import type { Escalation } from '../supervisor/supervisor-state.ts';
import type { SessionOutcome } from './session-outcome.ts';

/** What main said last may come a little after the news of its end. */
const lastWordsMs = 1_000;

export interface SessionEndingParts {
  readonly timers: Timers;
  /** Whether the session's supervisor has ended. */
  hasEnded(): boolean;
  startAgain(): void;
  ended(outcome: SessionOutcome): void;
}

export class SessionEnding {
  readonly #parts: SessionEndingParts;
  #nextAddressWanted = false;
  #over = false;
  #cancelLastWords: Cancel = () => undefined;

  constructor(parts: SessionEndingParts) {
    this.#parts = parts;
  }

  /** A new session begins, which may end anew. */
  begin(): void {
    this.stop();
    this.#over = false;
  }

  /** The first outcome counts. */
  end(outcome: SessionOutcome): void {
    if (this.#over) return;
    this.stop();
    this.#parts.ended(outcome);
  }

  /** Main was not reached, and the next address is to be dialled once everything of the session has ended. */
  tryNextAddress(): void {
    this.#nextAddressWanted = true;
    this.#startAgain();
  }

  /** A supervisor has given up. Consumers and sound are not the session: it goes on unseen, or unheard. */
  gaveUp(escalation: Escalation, mainId: string): void {
    if (escalation.supervisor === 'consumers' || escalation.supervisor === 'sound') return;
    // With the root everything has ended, a session that was lost and is to begin again as well.
    if (this.#over && escalation.supervisor === 'root') return this.#parts.ended({ kind: 'gaveUp', escalation });
    if (this.#over) return;
    if (escalation.supervisor !== 'session') return this.end({ kind: 'gaveUp', escalation });
    if (this.#startAgain() || escalation.child !== mainId) return; // what is below it has said why
    const { reason } = escalation;
    if (reason.kind !== 'downstreamClosed') return this.end({ kind: 'mainCrashed', reason });
    // A main channel that lost its server says so itself, and better; but the hub may have been down when it did.
    const lost: SessionEnd = { kind: 'mainLost', cause: { kind: 'error', message: reason.detail, code: null }, serverReason: null };
    this.#cancelLastWords = this.#parts.timers.after(lastWordsMs, () => this.end(lost));
  }

  /** The session is told to end, or has ended: nothing more is waited for or told. */
  stop(): void {
    this.#over = true;
    this.#nextAddressWanted = false;
    this.#cancelLastWords();
  }

  #startAgain(): boolean {
    if (!this.#nextAddressWanted || !this.#parts.hasEnded()) return false;
    this.#nextAddressWanted = false;
    this.#cancelLastWords();
    this.#parts.startAgain();
    return true;
  }
}
