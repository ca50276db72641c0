// Reconnect policy: what follows the loss of a whole session, as a reducer: wait and dial, or hold and let a person decide. Both clocks
// are arguments: waits run by the monotonic one, tickets by the wall's. It dials nothing, keeps no timer and knows no channel; a loss
// that is told many times (every channel has its own view of it) counts once.

import { heldNotice, unixText, type HeldVariant } from './held-copy.ts';

export const reconnectAttemptsMax = 3;
/** Milliseconds before attempts 1, 2 and 3, each from the failure before it. */
export const reconnectWaitsMs: readonly number[] = [1_000, 4_000, 16_000];
/** After a hold, a loss within this time is held again at once, unless a person has asked for the connection. */
export const clusterWindowMs = 300_000;
/** How long before a ticket expires people are warned, once for each ticket. */
export const expiryWarningMs = 30_000;
/** A session that was shorter than this has recovered nothing: its loss is the failure of the attempt that brought it. */
export const healthySessionMs = 5_000;
/** The wall clock may be set, so a deadline of its is looked at again after at most this long: while a reconnect waits, and else. */
const pendingLookMs = 1_000;
const idleLookMs = 60_000;

export type ReconnectPhase =
  /** Connected, or connecting because somebody asked for it. */
  | { readonly kind: 'idle' }
  /** `nextAtMs` is monotonic; past once the attempt is under way. */
  | { readonly kind: 'pending'; readonly attempt: number; readonly nextAtMs: number; readonly latestError: string }
  | { readonly kind: 'held'; readonly variant: HeldVariant };

export interface ReconnectState {
  readonly phase: ReconnectPhase;
  /** An automatic attempt is under way. */
  readonly awaiting: boolean;
  /** The session was up and has not been lost since. */
  readonly up: boolean;
  /** The session was up at some time: a ticket that works once has done its work. */
  readonly ticketUsed: boolean;
  readonly lastHeldAtMs: number | null;
  /** The attempt that brought the present session, and when: its success is not certain before `healthySessionMs`. */
  readonly probation: { readonly attempt: number; readonly sinceMs: number } | null;
  /** Automatic attempts of the whole run. */
  readonly autoReconnectCount: number;
  /** The expiry that people have been warned of, in unix milliseconds. */
  readonly warnedOfMs: number | null;
}

/** What holds for the connection now. A fresh ticket changes it. */
export interface ReconnectRules {
  /** For people. */
  readonly target: string;
  /** The ticket works once. */
  readonly singleUse: boolean;
  /** Unix milliseconds; null = it does not expire, as far as is known. */
  readonly ticketValidUntilMs: number | null;
  /** A fresh ticket can be had before each attempt, so a used or expired one forbids nothing. */
  readonly freshTickets: boolean;
  /** A connect that somebody asked for is retried like a lost session. */
  readonly retryInitial: boolean;
  /** Waits differ by up to this part of themselves either way; 0 = exact. */
  readonly jitter: number;
}

/** `random` from 0 to 1. */
export interface ReconnectMoment {
  readonly nowMs: number;
  readonly wallMs: number;
  readonly random: number;
}

export type ReconnectInput =
  /** The session was lost, or an attempt to have one failed. */
  | { readonly kind: 'lost'; readonly error: string }
  | { readonly kind: 'connected' }
  /** A person wants a connection now, whatever was tried before. */
  | { readonly kind: 'manualRequested' }
  | { readonly kind: 'tick' };

export type NoticeSource = 'Connection' | 'BugReport';
export type NoticeSeverity = 'Info' | 'Warn' | 'Error';

export type ReconnectEffect =
  | { readonly kind: 'notify'; readonly severity: NoticeSeverity; readonly source: NoticeSource; readonly message: string }
  /** For the log alone. */
  | { readonly kind: 'logWarning'; readonly message: string }
  /** End what there is of a session and begin a new one. `attempt` null = by hand. */
  | { readonly kind: 'dial'; readonly attempt: number | null }
  | { readonly kind: 'hold'; readonly variant: HeldVariant }
  /** A `tick` is wanted after so many milliseconds; null = none. Replaces the one before it; the last effect of every step. */
  | { readonly kind: 'setTimer'; readonly ms: number | null };

export interface ReconnectStep {
  readonly state: ReconnectState;
  readonly effects: readonly ReconnectEffect[];
}

export const initialReconnect: ReconnectState = {
  phase: { kind: 'idle' }, awaiting: false, up: false, ticketUsed: false, lastHeldAtMs: null, probation: null, autoReconnectCount: 0,
  warnedOfMs: null,
};

export function stepReconnect(state: ReconnectState, input: ReconnectInput, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const { state: next, effects } = apply(state, input, moment, rules);
  const warned = warnOfExpiry(next, moment, rules);
  return { state: warned.state, effects: [...effects, ...warned.effects, { kind: 'setTimer', ms: nextLookMs(warned.state, moment, rules) }] };
}

/** Why no attempt may be made with the ticket that there is; null = one may. */
export function forbidden(state: Pick<ReconnectState, 'ticketUsed'>, rules: ReconnectRules, wallMs: number): HeldVariant | null {
  if (rules.freshTickets) return null;
  if (rules.singleUse && state.ticketUsed) return { kind: 'oneShotConsumed' };
  const { ticketValidUntilMs } = rules;
  return ticketValidUntilMs !== null && wallMs >= ticketValidUntilMs ? { kind: 'ticketExpired', expiredAtMs: ticketValidUntilMs } : null;
}

function apply(state: ReconnectState, input: ReconnectInput, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  switch (input.kind) {
    case 'connected': {
      if (state.up) return { state, effects: [] };
      const { phase } = state;
      const attempt = phase.kind === 'pending' && state.awaiting ? phase.attempt : null;
      const probation = attempt === null ? null : { attempt, sinceMs: moment.nowMs };
      return { state: { ...state, phase: IDLE, awaiting: false, up: true, ticketUsed: true, probation }, effects: [notify('Info', `Connected to ${rules.target}`)] };
    }
    case 'manualRequested': {
      const why = forbidden(state, rules, moment.wallMs);
      // A session that is up is not given away for one that cannot be had.
      if (why !== null) return state.up ? { state, effects: [] } : holdOnce(state, why, moment, rules);
      const fresh: ReconnectState = { ...state, phase: IDLE, awaiting: false, up: false, lastHeldAtMs: null, probation: null };
      return { state: fresh, effects: [notify('Info', 'Reconnecting (manual)…'), { kind: 'dial', attempt: null }] };
    }
    case 'lost':
      return lost(state, input.error, moment, rules);
    case 'tick':
      return tick(state, moment, rules);
  }
}

function lost(state: ReconnectState, error: string, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const { phase, awaiting, probation } = state;
  const wasAskedFor = !state.up && !awaiting && phase.kind === 'idle';
  const down: ReconnectState = { ...state, up: false, awaiting: false, probation: null };
  if (wasAskedFor && !rules.retryInitial) {
    const failed = hold(down, { kind: 'connectFailed', target: rules.target, error }, moment, rules);
    return withBefore([notify('Error', `Connection attempt failed: ${error}`)], failed);
  }
  if (phase.kind === 'held' && phase.variant.kind === 'connectFailed') return { state, effects: [] };
  const why = forbidden(state, rules, moment.wallMs);
  if (why !== null) {
    const failed = awaiting && phase.kind === 'pending' ? [attemptFailed(phase.attempt, error)] : [];
    return withBefore(failed, holdOnce(down, why, moment, rules));
  }
  if (awaiting) {
    if (phase.kind === 'pending') return nextAttempt(down, phase.attempt, error, moment, rules);
    // Cannot be: an attempt is under way that nobody waits for.
    return hold(down, { kind: 'generic', attempts: 1, latestError: error }, moment, rules);
  }
  if (phase.kind !== 'idle') return { state, effects: [] };
  if (probation !== null && moment.nowMs - probation.sinceMs < healthySessionMs) return nextAttempt(down, probation.attempt, error, moment, rules);
  if (state.lastHeldAtMs !== null && moment.nowMs - state.lastHeldAtMs < clusterWindowMs) {
    return hold(down, { kind: 'generic', attempts: 0, latestError: error }, moment, rules);
  }
  const told = wasAskedFor ? `Connection attempt failed: ${error}` : 'Connection lost — reconnecting…';
  return { state: pending(down, 1, error, moment, rules), effects: [notify('Warn', told)] };
}

/** Attempt `failed` has failed: the next one, or none is left. */
function nextAttempt(state: ReconnectState, failed: number, error: string, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const told = [attemptFailed(failed, error)];
  if (failed < reconnectAttemptsMax) return { state: pending(state, failed + 1, error, moment, rules), effects: told };
  return withBefore(told, hold(state, { kind: 'generic', attempts: failed, latestError: error }, moment, rules));
}

function pending(state: ReconnectState, attempt: number, latestError: string, { nowMs, random }: ReconnectMoment, { jitter }: ReconnectRules): ReconnectState {
  const waitMs = (reconnectWaitsMs[attempt - 1] ?? 0) * (1 + jitter * (2 * random - 1));
  return { ...state, phase: { kind: 'pending', attempt, nextAtMs: nowMs + waitMs, latestError } };
}

function tick(state: ReconnectState, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const { phase } = state;
  if (state.awaiting || phase.kind !== 'pending') return { state, effects: [] };
  const why = forbidden(state, rules, moment.wallMs);
  if (why !== null) return hold(state, why, moment, rules);
  if (moment.nowMs < phase.nextAtMs) return { state, effects: [] };
  const { attempt } = phase;
  return {
    state: { ...state, awaiting: true, autoReconnectCount: state.autoReconnectCount + 1 },
    effects: [notify('Info', `Reconnect attempt ${attempt}/${reconnectAttemptsMax}…`), { kind: 'dial', attempt }],
  };
}

/** The same hold a second time is no news. */
function holdOnce(state: ReconnectState, variant: HeldVariant, moment: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const isHeldSo = state.phase.kind === 'held' && state.phase.variant.kind === variant.kind;
  return isHeldSo ? { state, effects: [] } : hold(state, variant, moment, rules);
}

function hold(state: ReconnectState, variant: HeldVariant, { nowMs, wallMs }: ReconnectMoment, rules: ReconnectRules): ReconnectStep {
  const effects: ReconnectEffect[] = [notify('Error', heldNotice(variant))];
  const { ticketValidUntilMs } = rules;
  // Not shown as an expired ticket, as was once planned for the ancestor: by this clock it is a good one.
  if (variant.kind === 'generic' && variant.attempts > 0 && ticketValidUntilMs !== null && wallMs < ticketValidUntilMs) {
    effects.push({
      kind: 'logWarning',
      message: `${variant.attempts} reconnect attempts failed but ticket-valid-until is still in the future (${unixText(ticketValidUntilMs)}); possible clock skew or server-side issue independent of ticket expiry`,
    });
  }
  effects.push({ kind: 'hold', variant });
  return { state: { ...state, phase: { kind: 'held', variant }, awaiting: false, lastHeldAtMs: nowMs }, effects };
}

/** Not while held: then the hold says what there is to say. */
function warnOfExpiry(state: ReconnectState, { wallMs }: ReconnectMoment, { ticketValidUntilMs }: ReconnectRules): ReconnectStep {
  if (ticketValidUntilMs === null || state.warnedOfMs === ticketValidUntilMs || state.phase.kind === 'held') return { state, effects: [] };
  const remainingMs = ticketValidUntilMs - wallMs;
  if (remainingMs <= 0 || remainingMs > expiryWarningMs) return { state, effects: [] };
  const seconds = Math.ceil(remainingMs / 1_000);
  const message = `Session ticket expires in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
  return { state: { ...state, warnedOfMs: ticketValidUntilMs }, effects: [{ kind: 'notify', severity: 'Warn', source: 'BugReport', message }] };
}

/** When there is something to look at again, in milliseconds from now. */
function nextLookMs(state: ReconnectState, { nowMs, wallMs }: ReconnectMoment, { ticketValidUntilMs }: ReconnectRules): number | null {
  const { phase, awaiting } = state;
  if (phase.kind === 'held') return null;
  const looks: number[] = [];
  const waits = phase.kind === 'pending' && !awaiting;
  if (waits) looks.push(Math.max(0, phase.nextAtMs - nowMs));
  if (ticketValidUntilMs !== null && wallMs < ticketValidUntilMs) {
    if (waits) looks.push(pendingLookMs);
    if (state.warnedOfMs !== ticketValidUntilMs) looks.push(Math.min(idleLookMs, Math.max(0, ticketValidUntilMs - expiryWarningMs - wallMs)));
  }
  return looks.length === 0 ? null : Math.min(...looks);
}

const IDLE: ReconnectPhase = { kind: 'idle' };

const notify = (severity: NoticeSeverity, message: string): ReconnectEffect => ({ kind: 'notify', severity, source: 'Connection', message });
const attemptFailed = (attempt: number, error: string): ReconnectEffect => notify('Warn', `Reconnect attempt ${attempt} failed: ${error}`);
const withBefore = (before: readonly ReconnectEffect[], step: ReconnectStep): ReconnectStep => ({ state: step.state, effects: [...before, ...step.effects] });
