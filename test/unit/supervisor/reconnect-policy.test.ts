import { expect, test } from 'vitest';
import { heldCopy, heldNotice, unixText, type HeldVariant } from '#app/supervisor/held-copy.js';
import {
  clusterWindowMs, expiryWarningMs, healthySessionMs, initialReconnect, reconnectAttemptsMax, reconnectWaitsMs, stepReconnect,
  type ReconnectEffect, type ReconnectInput, type ReconnectPhase, type ReconnectRules, type ReconnectState,
} from '#app/supervisor/reconnect-policy.js';

const rules: ReconnectRules = { target: 'vm', singleUse: false, ticketValidUntilMs: null, freshTickets: false, retryInitial: false, jitter: 0 };
const wallMs = Date.UTC(2026, 0, 1, 12, 0, 0);
const up: ReconnectState = { ...initialReconnect, up: true, ticketUsed: true };
const pending = (attempt: number, nextAtMs = 0): ReconnectState => ({ ...up, up: false, phase: { kind: 'pending', attempt, nextAtMs, latestError: 'gone' } });
const awaiting = (attempt: number): ReconnectState => ({ ...pending(attempt), awaiting: true });
const held = (variant: HeldVariant): ReconnectState => ({ ...up, up: false, phase: { kind: 'held', variant }, lastHeldAtMs: 0 });
const generic: HeldVariant = { kind: 'generic', attempts: 3, latestError: 'refused' };

const lost: ReconnectInput = { kind: 'lost', error: 'refused' };
const connected: ReconnectInput = { kind: 'connected' };
const manual: ReconnectInput = { kind: 'manualRequested' };
const tick: ReconnectInput = { kind: 'tick' };

/** One step at a monotonic time, the wall clock as far along. */
const step = (state: ReconnectState, input: ReconnectInput, nowMs = 0, part: Partial<ReconnectRules> = {}, random = 0.5) =>
  stepReconnect(state, input, { nowMs, wallMs: wallMs + nowMs, random }, { ...rules, ...part });

/** `Warn text`, `dial 1`, `hold generic`: what is done, without the timer. */
const words = (effects: readonly ReconnectEffect[]): string[] =>
  effects.flatMap((effect) => {
    switch (effect.kind) {
      case 'notify':
        return [`${effect.severity}${effect.source === 'Connection' ? '' : ` ${effect.source}`} ${effect.message}`];
      case 'logWarning':
        return [`log ${effect.message}`];
      case 'dial':
        return [`dial ${effect.attempt ?? 'by hand'}`];
      case 'hold':
        return [`hold ${effect.variant.kind}`];
      case 'setTimer':
        return [];
    }
  });
const timer = (effects: readonly ReconnectEffect[]): number | null => {
  const last = effects.at(-1);
  if (last?.kind !== 'setTimer') throw new Error('every step ends with its timer');
  return last.ms;
};

test('the numbers are the ancestor’s', () => {
  expect({ reconnectAttemptsMax, reconnectWaitsMs, clusterWindowMs, expiryWarningMs, healthySessionMs }).toEqual({
    reconnectAttemptsMax: 3, reconnectWaitsMs: [1_000, 4_000, 16_000], clusterWindowMs: 300_000, expiryWarningMs: 30_000, healthySessionMs: 5_000,
  });
});

const expired = { ticketValidUntilMs: wallMs };
const table: readonly [string, ReconnectState, ReconnectInput, Partial<ReconnectRules>, ReconnectPhase, readonly string[]][] = [
  // 3.3, the rule that wins over all others
  ['a single-use ticket is never tried again', up, lost, { singleUse: true }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, ['Error Connection ended — single-use ticket consumed', 'hold oneShotConsumed']],
  ['an expired ticket is never tried again', up, lost, expired, { kind: 'held', variant: { kind: 'ticketExpired', expiredAtMs: wallMs } }, ['Error Connection ended — ticket expired', 'hold ticketExpired']],
  ['single-use is said before expired', up, lost, { singleUse: true, ...expired }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, ['Error Connection ended — single-use ticket consumed', 'hold oneShotConsumed']],
  ['a ticket that expired during an attempt ends the attempts', awaiting(1), lost, expired, { kind: 'held', variant: { kind: 'ticketExpired', expiredAtMs: wallMs } }, ['Warn Reconnect attempt 1 failed: refused', 'Error Connection ended — ticket expired', 'hold ticketExpired']],
  ['a hold for another reason gives way to the ticket’s', held(generic), lost, { singleUse: true }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, ['Error Connection ended — single-use ticket consumed', 'hold oneShotConsumed']],
  ['the same hold is no news', held({ kind: 'oneShotConsumed' }), lost, { singleUse: true }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, []],
  ['the same expiry is no news', held({ kind: 'ticketExpired', expiredAtMs: wallMs }), lost, expired, { kind: 'held', variant: { kind: 'ticketExpired', expiredAtMs: wallMs } }, []],
  ['with fresh tickets a single-use one forbids nothing', up, lost, { singleUse: true, freshTickets: true }, { kind: 'pending', attempt: 1, nextAtMs: 1_000, latestError: 'refused' }, ['Warn Connection lost — reconnecting…']],
  ['with fresh tickets an expired one forbids nothing', up, lost, { ...expired, freshTickets: true }, { kind: 'pending', attempt: 1, nextAtMs: 1_000, latestError: 'refused' }, ['Warn Connection lost — reconnecting…']],
  // 3.3, an attempt is under way
  ['attempt 1 fails: 4 s', awaiting(1), lost, {}, { kind: 'pending', attempt: 2, nextAtMs: 4_000, latestError: 'refused' }, ['Warn Reconnect attempt 1 failed: refused']],
  ['attempt 2 fails: 16 s', awaiting(2), lost, {}, { kind: 'pending', attempt: 3, nextAtMs: 16_000, latestError: 'refused' }, ['Warn Reconnect attempt 2 failed: refused']],
  ['attempt 3 fails: held', awaiting(3), lost, {}, { kind: 'held', variant: generic }, ['Warn Reconnect attempt 3 failed: refused', 'Error Auto-reconnect failed after 3 attempts', 'hold generic']],
  ['an attempt that nobody waits for is held', { ...up, up: false, awaiting: true }, lost, {}, { kind: 'held', variant: { ...generic, attempts: 1 } }, ['Error Auto-reconnect failed after 1 attempt', 'hold generic']],
  ['an attempt under way while held is held', { ...held(generic), awaiting: true }, lost, {}, { kind: 'held', variant: { ...generic, attempts: 1 } }, ['Error Auto-reconnect failed after 1 attempt', 'hold generic']],
  // 3.3, no attempt is under way
  ['a session is lost: 1 s', up, lost, {}, { kind: 'pending', attempt: 1, nextAtMs: 1_000, latestError: 'refused' }, ['Warn Connection lost — reconnecting…']],
  ['a storm while waiting is ignored', pending(2, 9_000), lost, {}, { kind: 'pending', attempt: 2, nextAtMs: 9_000, latestError: 'gone' }, []],
  ['a storm while held is ignored', held(generic), lost, {}, { kind: 'held', variant: generic }, []],
  ['lost again within five minutes of a hold: held', { ...up, lastHeldAtMs: -299_999 }, lost, {}, { kind: 'held', variant: { ...generic, attempts: 0 } }, ['Error Auto-reconnect was not tried: it failed less than 5 minutes ago', 'hold generic']],
  ['lost again five minutes after a hold: 1 s', { ...up, lastHeldAtMs: -300_000 }, lost, {}, { kind: 'pending', attempt: 1, nextAtMs: 1_000, latestError: 'refused' }, ['Warn Connection lost — reconnecting…']],
  // 3.4
  ['the time of an attempt has come', pending(2, 0), tick, {}, { kind: 'pending', attempt: 2, nextAtMs: 0, latestError: 'gone' }, ['Info Reconnect attempt 2/3…', 'dial 2']],
  ['its time has not come', pending(2, 1), tick, {}, { kind: 'pending', attempt: 2, nextAtMs: 1, latestError: 'gone' }, []],
  ['a ticket that expires while waiting is not dialled with', pending(3, 1), tick, expired, { kind: 'held', variant: { kind: 'ticketExpired', expiredAtMs: wallMs } }, ['Error Connection ended — ticket expired', 'hold ticketExpired']],
  ['a late tick during an attempt does nothing', awaiting(1), tick, {}, { kind: 'pending', attempt: 1, nextAtMs: 0, latestError: 'gone' }, []],
  ['a late tick while held does nothing', held(generic), tick, expired, { kind: 'held', variant: generic }, []],
  ['a late tick while connected does nothing, expired or not', up, tick, expired, { kind: 'idle' }, []],
  ['an attempt brings a session', awaiting(3), connected, {}, { kind: 'idle' }, ['Info Connected to vm']],
  ['the first session', initialReconnect, connected, {}, { kind: 'idle' }, ['Info Connected to vm']],
  ['a session that is up is not news twice', up, connected, {}, { kind: 'idle' }, []],
  // 3.5
  ['the first connect fails: not retried', initialReconnect, lost, {}, { kind: 'held', variant: { kind: 'connectFailed', target: 'vm', error: 'refused' } }, ['Error Connection attempt failed: refused', 'Error Connection attempt failed', 'hold connectFailed']],
  ['the first connect fails with a ticket that nobody used: its own reason', initialReconnect, lost, { singleUse: true }, { kind: 'held', variant: { kind: 'connectFailed', target: 'vm', error: 'refused' } }, ['Error Connection attempt failed: refused', 'Error Connection attempt failed', 'hold connectFailed']],
  ['the first connect fails and is to be retried', initialReconnect, lost, { retryInitial: true }, { kind: 'pending', attempt: 1, nextAtMs: 1_000, latestError: 'refused' }, ['Warn Connection attempt failed: refused']],
  ['by hand, from a hold', held(generic), manual, {}, { kind: 'idle' }, ['Info Reconnecting (manual)…', 'dial by hand']],
  ['by hand, instead of waiting', pending(2, 9_000), manual, {}, { kind: 'idle' }, ['Info Reconnecting (manual)…', 'dial by hand']],
  ['by hand, instead of the attempt under way', awaiting(2), manual, {}, { kind: 'idle' }, ['Info Reconnecting (manual)…', 'dial by hand']],
  ['by hand, while connected', up, manual, {}, { kind: 'idle' }, ['Info Reconnecting (manual)…', 'dial by hand']],
  ['by hand, with a used ticket', held(generic), manual, { singleUse: true }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, ['Error Connection ended — single-use ticket consumed', 'hold oneShotConsumed']],
  ['by hand, while connected with a used ticket: the session stays', up, manual, { singleUse: true }, { kind: 'idle' }, []],
  ['by hand, held for that: no news', held({ kind: 'oneShotConsumed' }), manual, { singleUse: true }, { kind: 'held', variant: { kind: 'oneShotConsumed' } }, []],
];

test.each(table)('%s', (_name, before, input, part, phase, done) => {
  const { state, effects } = step(before, input, 0, part);
  expect(state.phase).toEqual(phase);
  expect(words(effects)).toEqual(done);
  expect(state.awaiting).toBe(effects.some((effect) => effect.kind === 'dial' && effect.attempt !== null) || (before.awaiting && input === tick));
});

/** Runs inputs at their times, with every tick that was asked for in between, and returns what was done. */
function run(inputs: readonly [number, ReconnectInput][], part: Partial<ReconnectRules> = {}, until = 1e6): string[] {
  let state = initialReconnect;
  const log: string[] = [];
  let due: number | null = null;
  const feed = (input: ReconnectInput, atMs: number): void => {
    const { state: next, effects } = step(state, input, atMs, part);
    state = next;
    const wait = timer(effects);
    due = wait === null ? null : atMs + wait;
    for (const word of words(effects)) log.push(`${atMs} ${word}`);
  };
  const ticksUntil = (atMs: number): void => {
    while (due !== null && due <= atMs) feed(tick, due);
  };
  for (const [atMs, input] of inputs) {
    ticksUntil(atMs);
    feed(input, atMs);
  }
  ticksUntil(until);
  return log;
}

test('a server that dies and never returns: one loss, three attempts, three failures, one error, in this order and at these times', () => {
  expect(run([[0, connected], [60_000, lost], [60_010, lost], [61_100, lost], [65_200, lost], [81_300, lost]])).toEqual([
    '0 Info Connected to vm',
    '60000 Warn Connection lost — reconnecting…',
    '61000 Info Reconnect attempt 1/3…', '61000 dial 1',
    '61100 Warn Reconnect attempt 1 failed: refused',
    '65100 Info Reconnect attempt 2/3…', '65100 dial 2',
    '65200 Warn Reconnect attempt 2 failed: refused',
    '81200 Info Reconnect attempt 3/3…', '81200 dial 3',
    '81300 Warn Reconnect attempt 3 failed: refused',
    '81300 Error Auto-reconnect failed after 3 attempts', '81300 hold generic',
  ]);
});

test('by hand the budget is fresh, and the five minutes are forgotten', () => {
  const exhausted: [number, ReconnectInput][] = [[0, connected], [60_000, lost], [61_100, lost], [65_200, lost], [81_300, lost]];
  expect(run([...exhausted, [90_000, manual], [90_100, connected], [100_000, lost], [101_100, connected]]).slice(11)).toEqual([
    '81300 Error Auto-reconnect failed after 3 attempts', '81300 hold generic',
    '90000 Info Reconnecting (manual)…', '90000 dial by hand', '90100 Info Connected to vm',
    '100000 Warn Connection lost — reconnecting…', '101000 Info Reconnect attempt 1/3…', '101000 dial 1', '101100 Info Connected to vm',
  ]);
  expect(run([...exhausted, [90_000, manual], [90_100, lost]]).slice(-3)).toEqual([
    '90100 Error Connection attempt failed: refused', '90100 Error Connection attempt failed', '90100 hold connectFailed',
  ]);
});

test('a session of less than five seconds has recovered nothing: the attempts go on where they were', () => {
  const inputs: [number, ReconnectInput][] = [[0, connected], [60_000, lost], [61_000, connected], [65_999, lost], [70_000, connected], [71_000, lost], [87_000, connected], [88_000, lost]];
  expect(run(inputs).filter((line) => /dial|hold|failed/.test(line))).toEqual([
    '61000 dial 1', '65999 Warn Reconnect attempt 1 failed: refused', '69999 dial 2', '71000 Warn Reconnect attempt 2 failed: refused',
    '87000 dial 3', '88000 Warn Reconnect attempt 3 failed: refused', '88000 Error Auto-reconnect failed after 3 attempts', '88000 hold generic',
  ]);
});

test('a session of five seconds has: the next loss begins with one second again', () => {
  expect(run([[0, connected], [60_000, lost], [61_000, connected], [66_000, lost]]).filter((line) => /dial|hold|failed/.test(line))).toEqual(['61000 dial 1', '67000 dial 1']);
});

test('people are warned once, 30 s before the ticket expires, and nothing happens when it does', () => {
  expect(run([[0, connected]], { ticketValidUntilMs: wallMs + 90_000 })).toEqual(['0 Info Connected to vm', '60000 Warn BugReport Session ticket expires in 30 seconds.']);
  expect(run([[0, connected], [95_000, lost]], { ticketValidUntilMs: wallMs + 90_000 }).slice(2)).toEqual(['95000 Error Connection ended — ticket expired', '95000 hold ticketExpired']);
});

test('a ticket that has less left is warned of with what it has, and one that has nothing left is not', () => {
  expect(run([[0, connected]], { ticketValidUntilMs: wallMs + 12_400 })).toEqual(['0 Info Connected to vm', '0 Warn BugReport Session ticket expires in 13 seconds.']);
  expect(run([[0, connected]], { ticketValidUntilMs: wallMs + 700 })[1]).toBe('0 Warn BugReport Session ticket expires in 1 second.');
  expect(run([[0, connected]], { ticketValidUntilMs: wallMs })).toEqual(['0 Info Connected to vm']);
});

test('a fresh ticket has a warning of its own', () => {
  const first = step(up, tick, 0, { ticketValidUntilMs: wallMs + 30_000, freshTickets: true });
  const same = step(first.state, tick, 5_000, { ticketValidUntilMs: wallMs + 30_000, freshTickets: true });
  const fresh = step(same.state, tick, 6_000, { ticketValidUntilMs: wallMs + 20_000, freshTickets: true });
  expect([first, same, fresh].map(({ effects }) => words(effects))).toEqual([
    ['Warn BugReport Session ticket expires in 30 seconds.'], [], ['Warn BugReport Session ticket expires in 14 seconds.'],
  ]);
});

test('while a reconnect waits, its ticket is looked at every second', () => {
  const log = run([[0, connected], [60_000, lost], [61_100, lost]], { ticketValidUntilMs: wallMs + 63_500 });
  expect(log.slice(-2)).toEqual(['64100 Error Connection ended — ticket expired', '64100 hold ticketExpired']);
  expect(log.filter((line) => line.includes('dial'))).toEqual(['61000 dial 1']);
});

test('attempts that fail with a ticket that should still be good are said to be odd, in the log', () => {
  const log = run([[0, connected], [60_000, lost], [61_100, lost], [65_200, lost], [81_300, lost]], { ticketValidUntilMs: wallMs + 86_400_000 });
  expect(log.slice(-3)).toEqual([
    '81300 Error Auto-reconnect failed after 3 attempts',
    '81300 log 3 reconnect attempts failed but ticket-valid-until is still in the future (2026-01-02T12:00:00.000Z); possible clock skew or server-side issue independent of ticket expiry',
    '81300 hold generic',
  ]);
});

test('a ticket’s deadline is looked at again within a minute, because the wall clock may be set', () => {
  expect(timer(step(up, tick, 0, { ticketValidUntilMs: wallMs + 86_400_000 }).effects)).toBe(60_000);
  expect(timer(step(up, tick, 0, { ticketValidUntilMs: wallMs + 50_000 }).effects)).toBe(20_000);
  expect(timer(step(up, tick, 0).effects)).toBeNull();
});

test('waits with jitter differ by at most that part', () => {
  const waits = [0, 0.5, 1].map((random) => step(awaiting(1), lost, 0, { jitter: 0.1 }, random).state.phase);
  expect(waits.map((phase) => (phase.kind === 'pending' ? Math.round(phase.nextAtMs) : null))).toEqual([3_600, 4_000, 4_400]);
});

test.each<[HeldVariant, string, string, readonly string[]]>([
  [generic, 'Connection lost', 'Three automatic reconnect attempts failed: refused', ['reconnect', 'close']],
  [{ ...generic, attempts: 1 }, 'Connection lost', 'One automatic reconnect attempt failed: refused', ['reconnect', 'close']],
  [{ ...generic, attempts: 0 }, 'Connection lost', 'No automatic reconnect was attempted, because the last one failed less than 5 minutes ago: refused', ['reconnect', 'close']],
  [{ kind: 'oneShotConsumed' }, 'Session ended — cannot reconnect', 'This connection used a single-use ticket. Request a new connection from the system that issued the original link.', ['close']],
  [{ kind: 'ticketExpired', expiredAtMs: wallMs }, 'Session ended — ticket expired', 'The ticket for this session expired at 12:00:00 UTC. Request a new connection.', ['close']],
  [{ kind: 'connectFailed', target: 'vm', error: 'refused' }, 'Could not connect', 'Could not connect to vm.\n\nrefused', ['reconnect', 'close']],
])('what is read of a hold: %o', (variant, title, body, actions) => {
  expect(heldCopy(variant)).toEqual({ title, body, actions });
  expect(heldNotice(variant)).not.toBe('');
});

test('an expiry that is no date is not a crash', () => {
  expect(unixText(1e20)).toBe('+275760-09-13T00:00:00.000Z');
  expect(words(step(awaiting(3), lost, 0, { ticketValidUntilMs: 1e20 }).effects)[2]).toContain('in the future (+275760-09-13T00:00:00.000Z)');
});
