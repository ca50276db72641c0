// Session ending: how a session ends by itself, and the one case in which it begins again: main could not be reached on one address
// of the server and there is another. What main said and that it has ended come by two ways, in either order.

import type { Cancel, Timers } from '../actors/kernel/host.ts';
import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { SessionEnd } from '../protocol/session.ts';
import type { Escalation } from '../supervisor/supervisor-state.ts';

/** How the session ended by itself. A session that was told to stop does not end by itself. */
export type SessionOutcome =
  | SessionEnd
  /** Main's actor ended by a mistake of ours. */
  | { readonly kind: 'mainCrashed'; readonly reason: ExitReason }
  /** A channel that was lost could not be linked again, for a reason that holds for all channels. */
  | { readonly kind: 'relinkRefused'; readonly channel: string; readonly failure: LinkFailure }
  /** A supervisor has given up. */
  | { readonly kind: 'gaveUp'; readonly escalation: Escalation };

/** What main said last may come a little after the news of its end. */
const lastWordsMs = 1_000;

export interface SessionEndingParts {
  readonly timers: Timers;
  /** Whether the session's supervisor has ended. */
  hasEnded(): boolean;
  startAgain(): void;
}

export class SessionEnding {
  readonly #parts: SessionEndingParts;
  readonly #settle: (outcome: SessionOutcome) => void;
  #nextAddressWanted = false;
  #cancelLastWords: Cancel = () => undefined;
  /** Settled once. */
  readonly ended: Promise<SessionOutcome>;

  constructor(parts: SessionEndingParts) {
    this.#parts = parts;
    let settle: (outcome: SessionOutcome) => void = () => undefined;
    this.ended = new Promise((resolve) => (settle = resolve));
    this.#settle = settle;
  }

  /** The first outcome counts. */
  end(outcome: SessionOutcome): void {
    this.#cancelLastWords();
    this.#settle(outcome);
  }

  /** Main was not reached, and the next address is to be dialled once everything of the session has ended. */
  tryNextAddress(): void {
    this.#nextAddressWanted = true;
    this.#startAgain();
  }

  /** A supervisor has given up. Consumers and sound are not the session: it goes on unseen, or unheard. */
  gaveUp(escalation: Escalation, mainId: string): void {
    if (escalation.supervisor === 'consumers' || escalation.supervisor === 'sound') return;
    if (escalation.supervisor !== 'session') return this.end({ kind: 'gaveUp', escalation });
    if (this.#startAgain() || escalation.child !== mainId) return; // what is below it has said why
    const { reason } = escalation;
    if (reason.kind !== 'downstreamClosed') return this.end({ kind: 'mainCrashed', reason });
    // A main channel that lost its server says so itself, and better; but the hub may have been down when it did.
    const lost: SessionEnd = { kind: 'mainLost', cause: { kind: 'error', message: reason.detail, code: null }, serverReason: null };
    this.#cancelLastWords = this.#parts.timers.after(lastWordsMs, () => this.end(lost));
  }

  /** The session is told to end: nothing more is waited for. */
  stop(): void {
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
