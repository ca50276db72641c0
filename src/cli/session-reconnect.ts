// Session reconnect: the reconnect policy at work on one session: its timer, what its attempts dial, what people are told, and what ends
// the session for good. It decides nothing (supervisor/reconnect-policy.ts does) and starts no actor: the session run does.

import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { Notice } from '../supervisor/notifications.ts';
import {
  forbidden, initialReconnect, reconnectAttemptsMax, stepReconnect, type ReconnectEffect, type ReconnectInput, type ReconnectPhase, type ReconnectRules,
} from '../supervisor/reconnect-policy.ts';
import { heldCopy, type HeldVariant } from '../supervisor/held-copy.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { Outcome } from './cli-problem.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { lossClause } from './loss-clause.ts';
import { ServerIdentity } from './server-identity.ts';
import type { TargetEndpoints } from './resolve-target.ts';
import type { SessionNews } from './session-news.ts';
import type { SessionOutcome } from './session-outcome.ts';

/** What a session dials, and with which ticket. */
export interface SessionConnection {
  readonly target: ConnectionTarget;
  /** Every address of the server, best first. */
  readonly endpoints: readonly TargetEndpoints[];
  readonly password: string;
}

/** `attempt` null = by hand. */
export interface RenewRequest {
  readonly attempt: number | null;
  readonly target: ConnectionTarget;
  readonly signal: AbortSignal;
}

export interface ReconnectOptions {
  /** A session that is held waits for a person; otherwise it ends. */
  readonly holds: boolean;
  /** The first connect is retried too. */
  readonly retryInitial: boolean;
  /** Part of a wait by which it differs. */
  readonly jitter: number;
  /** What is to be dialled next: addresses looked up again, perhaps a fresh ticket; null = the same. It has deadlines of its own and never rejects. */
  readonly renew: ((request: RenewRequest) => Promise<Outcome<SessionConnection>>) | null;
  /** `renew` brings a fresh ticket each time. */
  readonly freshTickets: boolean;
}

/** What the session run does for it. */
export interface ReconnectParts {
  readonly host: Pick<HostBase, 'clock' | 'timers' | 'random'>;
  /** Null = a session that is lost is over. */
  readonly options: ReconnectOptions | null;
  readonly connection: SessionConnection;
  readonly news: SessionNews;
  say(event: SessionEvent): void;
  /** Ends what is left of the session; resolves when it has ended. Again and again is harmless. */
  drop(): Promise<void>;
  /** Begins a new session on what has been dropped. */
  begin(): void;
}

/** What is known of reconnecting, for statistics and the terminal. Times are monotonic milliseconds. */
export interface ReconnectFacts {
  readonly phase: ReconnectPhase;
  readonly autoReconnectCount: number;
  readonly singleUse: boolean;
  readonly ticketValidUntilMs: number | null;
  /** Milliseconds until the ticket expires, by the wall clock; below 0 once it has. */
  readonly ticketRemainingMs: number | null;
}

/** All phases of a link on two addresses; an attempt that takes longer has failed. */
const attemptMsMax = 60_000;

export class SessionReconnect {
  readonly #parts: ReconnectParts;
  readonly #settle: (outcome: SessionOutcome) => void;
  readonly #identity = new ServerIdentity();
  #state = initialReconnect;
  #connection: SessionConnection;
  /** How the session that was up was lost; null while it is not. */
  #loss: SessionOutcome | null = null;
  /** Whoever dials looks whether it is still the newest to do so. */
  #turn = 0;
  #renewing = new AbortController();
  #cancelTimer: Cancel = () => undefined;
  #cancelWatch: Cancel = () => undefined;
  #over = false;
  /** Settles when the session is over for good, by itself. */
  readonly ended: Promise<SessionOutcome>;

  constructor(parts: ReconnectParts) {
    this.#parts = parts;
    this.#connection = parts.connection;
    let settle: (outcome: SessionOutcome) => void = () => undefined;
    this.ended = new Promise((resolve) => (settle = resolve));
    this.#settle = settle;
  }

  /** What the present session dials. */
  get connection(): SessionConnection {
    return this.#connection;
  }

  get facts(): ReconnectFacts {
    const { singleUse, ticketValidUntilMs } = this.#connection.target;
    const { phase, autoReconnectCount } = this.#state;
    const ticketRemainingMs = ticketValidUntilMs === null ? null : ticketValidUntilMs - this.#parts.host.clock.wallMs();
    return { phase, autoReconnectCount, singleUse, ticketValidUntilMs, ticketRemainingMs };
  }

  /** The session that is held, as it would be told if it ended now; null when it is not held. */
  get held(): SessionOutcome | null {
    const { phase } = this.#state;
    return phase.kind === 'held' ? { kind: 'held', variant: phase.variant, cause: this.#loss } : null;
  }

  /** Why a reconnect by hand is not possible, for people; null when it is. */
  get refusal(): string | null {
    const why = this.#over ? null : forbidden(this.#state, this.#rules, this.#parts.host.clock.wallMs());
    return why === null ? null : heldCopy(why).body;
  }

  /** The session begins to be: from now on its ticket's end is watched. */
  started(): void {
    this.#step({ kind: 'tick' });
  }

  /** Main said something: perhaps that the server is another than before. */
  heard(event: ChannelEvent): void {
    const change = this.#identity.learn(event);
    if (change !== null) this.#notify({ severity: 'Warn', source: 'Connection', message: change, visibility: null });
  }

  /** The session is up. */
  connected(): void {
    this.#cancelWatch();
    this.#loss = null;
    this.#step({ kind: 'connected' });
  }

  /** The session is lost, or what was to become one failed. */
  lost(outcome: SessionOutcome): void {
    if (this.#over) return;
    this.#parts.news.note({ kind: 'sessionLost', outcome });
    // The tree itself has ended: there is nothing left to begin a session in.
    const isFatal = outcome.kind === 'gaveUp' && outcome.escalation.supervisor === 'root';
    if (isFatal || this.#parts.options === null) {
      const what = this.#state.up ? 'Connection ended' : 'Connection attempt failed';
      this.#parts.news.remember({ severity: 'Error', source: 'Connection', message: `${what}: ${lossClause(outcome)}`, visibility: null });
      return this.#end(outcome);
    }
    this.#loss ??= outcome;
    this.#failed(lossClause(outcome));
  }

  /** Somebody wants a new session now. @returns whether one is begun */
  byHand(): boolean {
    if (this.#over || this.refusal !== null) return false;
    this.#step({ kind: 'manualRequested' });
    return true;
  }

  /** The session is told to end: nothing is dialled any more. */
  stop(): void {
    this.#over = true;
    this.#turn += 1;
    this.#renewing.abort();
    this.#cancelTimer();
    this.#cancelWatch();
  }

  get #rules(): ReconnectRules {
    const { options } = this.#parts;
    const { label, singleUse, ticketValidUntilMs } = this.#connection.target;
    return {
      target: label, singleUse, ticketValidUntilMs,
      freshTickets: options?.freshTickets ?? false, retryInitial: options?.retryInitial ?? false, jitter: options?.jitter ?? 0,
    };
  }

  #failed(error: string): void {
    this.#turn += 1;
    this.#renewing.abort();
    this.#cancelWatch();
    this.#step({ kind: 'lost', error });
    // What is left of it must not go on beside its successor.
    if (!this.#over) void this.#parts.drop();
  }

  #step(input: ReconnectInput): void {
    if (this.#over) return;
    const { clock, random } = this.#parts.host;
    const before = this.#state.phase;
    const [byte = 0] = random.bytes(1);
    const step = stepReconnect(this.#state, input, { nowMs: clock.monotonicMs(), wallMs: clock.wallMs(), random: byte / 255 }, this.#rules);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    this.#tellPhase(before);
  }

  #perform(effect: ReconnectEffect): void {
    switch (effect.kind) {
      case 'notify': {
        const { severity, source, message } = effect;
        const notice: Notice = { severity, source, message, visibility: null };
        // That the session is connected is told with its own line.
        if (this.#state.up && severity === 'Info') this.#parts.news.remember(notice);
        else this.#notify(notice);
        return;
      }
      case 'logWarning':
        return this.#parts.say({ kind: 'noted', wallMs: this.#parts.host.clock.wallMs(), severity: 'warning', source: 'connection', text: effect.message });
      case 'dial':
        void this.#dial(effect.attempt);
        return;
      case 'hold':
        return this.#hold(effect.variant);
      case 'setTimer':
        this.#cancelTimer();
        if (effect.ms !== null && !this.#over) this.#cancelTimer = this.#parts.host.timers.after(effect.ms, () => this.#step({ kind: 'tick' }));
    }
  }

  async #dial(attempt: number | null): Promise<void> {
    const turn = ++this.#turn;
    this.#renewing.abort();
    const renewing = new AbortController();
    this.#renewing = renewing;
    this.#cancelWatch();
    this.#cancelWatch = this.#parts.host.timers.after(attemptMsMax, () => this.#failed(`no session within ${attemptMsMax / 1_000} s`));
    await this.#parts.drop();
    if (turn !== this.#turn) return;
    const { renew } = this.#parts.options ?? { renew: null };
    const renewed = renew === null ? null : await renew({ attempt, target: this.#connection.target, signal: renewing.signal });
    if (turn !== this.#turn) return;
    if (renewed?.ok === false) return this.#failed(renewed.problem.message);
    if (renewed !== null) this.#connection = renewed.value;
    this.#parts.begin();
  }

  #hold(variant: HeldVariant): void {
    const held: SessionOutcome = { kind: 'held', variant, cause: this.#loss };
    this.#parts.news.note({ kind: 'sessionLost', outcome: held });
    // A session that never was is nothing to hold: its failure is the answer to whoever asked for it.
    if (!this.#state.ticketUsed) this.#end(this.#loss ?? held);
    else if (this.#parts.options?.holds !== true) this.#end(held);
  }

  #end(outcome: SessionOutcome): void {
    this.stop();
    this.#settle(outcome);
  }

  #tellPhase(before: ReconnectPhase): void {
    const { phase } = this.#state;
    if (phase === before || this.#over) return;
    const wallMs = this.#parts.host.clock.wallMs();
    if (phase.kind === 'pending') this.#parts.say({ kind: 'sessionStateChanged', wallMs, state: 'reconnecting', detail: pendingWords(phase.attempt) });
    if (phase.kind === 'held') this.#parts.say({ kind: 'sessionStateChanged', wallMs, state: 'held', detail: heldCopy(phase.variant).title });
  }

  #notify(notice: Notice): void {
    this.#parts.news.tell({ kind: 'connectionNews', notice });
  }
}

/** The status while an attempt waits or is under way. */
export const pendingWords = (attempt: number): string => `Reconnecting… (${attempt}/${reconnectAttemptsMax})`;
