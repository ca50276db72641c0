// The reconnect policy against a model of it in other terms: a list of what happened, searched anew at each step. Storms of losses,
// late ticks, sessions that come and go, people who ask, and a wall clock that is set at will.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  forbidden, initialReconnect, reconnectAttemptsMax, reconnectWaitsMs, stepReconnect,
  type ReconnectEffect, type ReconnectInput, type ReconnectRules, type ReconnectState,
} from '#app/supervisor/reconnect-policy.js';

interface Happening {
  readonly input: ReconnectInput['kind'];
  readonly afterMs: number;
  /** What the wall clock is set by besides. */
  readonly wallJumpMs: number;
  /** How often it is told. */
  readonly times: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  input: fc.constantFrom('lost', 'lost', 'connected', 'connected', 'manualRequested', 'tick'),
  afterMs: fc.oneof(fc.constantFrom(0, 1, 999, 1_000, 3_999, 4_000, 4_999, 5_000, 16_000, 299_999, 300_000), fc.nat(30_000), fc.nat(600_000)),
  wallJumpMs: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: -7_200_000, max: 7_200_000 })),
  times: fc.constantFrom(1, 1, 2, 5),
});

const rulesOf: fc.Arbitrary<ReconnectRules> = fc.record({
  target: fc.constant('vm'),
  singleUse: fc.boolean(),
  ticketValidUntilMs: fc.option(fc.integer({ min: 0, max: 3_600_000 }), { nil: null }),
  freshTickets: fc.boolean(),
  retryInitial: fc.boolean(),
  jitter: fc.constantFrom(0, 0.1),
});

interface Step {
  readonly atMs: number;
  readonly wallMs: number;
  readonly before: ReconnectState;
  readonly input: ReconnectInput;
  readonly after: ReconnectState;
  readonly effects: readonly ReconnectEffect[];
}

/** Runs what happens, and every tick that is asked for at its time. */
function play(happenings: readonly Happening[], rules: ReconnectRules): Step[] {
  let state = initialReconnect;
  let [atMs, wallMs] = [0, 1_000_000];
  let dueMs: number | null = null;
  const steps: Step[] = [];
  const feed = (input: ReconnectInput): void => {
    const { state: after, effects } = stepReconnect(state, input, { nowMs: atMs, wallMs, random: (atMs % 101) / 100 }, rules);
    steps.push({ atMs, wallMs, before: state, input, after, effects });
    state = after;
    const last = effects.at(-1);
    dueMs = last?.kind === 'setTimer' && last.ms !== null ? atMs + last.ms : null;
  };
  const passTo = (untilMs: number): void => {
    for (let ticks = 0; dueMs !== null && dueMs <= untilMs; ticks++) {
      expect(ticks).toBeLessThan(5_000);
      const due: number = dueMs;
      wallMs += due - atMs;
      atMs = due;
      feed({ kind: 'tick' });
    }
    wallMs += untilMs - atMs;
    atMs = untilMs;
  };
  for (const { input, afterMs, wallJumpMs, times } of happenings) {
    passTo(atMs + afterMs);
    wallMs += wallJumpMs;
    for (let time = 0; time < times; time++) feed(input === 'lost' ? { kind: 'lost', error: 'gone' } : { kind: input });
  }
  return steps;
}

const messages = (steps: readonly Step[]): string[] => steps.flatMap(({ effects }) => effects.flatMap((effect) => (effect.kind === 'notify' ? [effect.message] : [])));
const playing = fc.tuple(fc.array(happening, { maxLength: 60 }), rulesOf);
/** The first thing that is against a claim, smallest play first; null when 600 plays keep it. */
function against(claim: (steps: Step[], rules: ReconnectRules) => readonly unknown[]): unknown {
  const outcome = fc.check(fc.property(playing, ([happenings, rules]) => claim(play(happenings, rules), rules).length === 0), { numRuns: 600 });
  if (outcome.counterexample === null) return null;
  const [[happenings, rules]] = outcome.counterexample;
  return { seed: outcome.seed, happenings, rules, broken: claim(play(happenings, rules), rules)[0] };
}

/** The model: of what is known only that which the past says. No phase is kept; it is found by looking back. */
function modelPhase(past: readonly Step[], rules: ReconnectRules): string {
  // What the policy is told, as it counts: a session, the end of it, an attempt, its end, a hold.
  let attempt = 0;
  let where: 'asked' | 'up' | 'waits' | 'dials' | 'held' = 'asked';
  let [wasUp, heldAtMs, upSinceMs, dueMs, broughtBy] = [false, -Infinity, 0, 0, 0];
  const is = (place: typeof where): boolean => where === place;
  const wait = (step: Step, next: number): void => {
    [where, attempt] = ['waits', next];
    const phase = step.after.phase;
    // How long is looked at elsewhere; when is not a part of the phase.
    dueMs = phase.kind === 'pending' ? phase.nextAtMs : Infinity;
  };
  const holdNow = (step: Step): void => {
    [where, heldAtMs, attempt, broughtBy] = ['held', step.atMs, 0, 0];
  };
  for (const step of past) {
    const { atMs, wallMs, input } = step;
    const doomed = !rules.freshTickets && ((rules.singleUse && wasUp) || (rules.ticketValidUntilMs !== null && wallMs >= rules.ticketValidUntilMs));
    if (input.kind === 'connected' && !is('up')) {
      broughtBy = is('dials') ? attempt : 0;
      [where, wasUp, upSinceMs] = ['up', true, atMs];
    } else if (input.kind === 'manualRequested') {
      if (!doomed) [where, heldAtMs, attempt, broughtBy] = ['asked', -Infinity, 0, 0];
      else if (!is('up')) {
        const again = is('held');
        if (!again || step.effects.some(({ kind }) => kind === 'hold')) holdNow(step);
      }
    } else if (input.kind === 'tick' && is('waits')) {
      if (doomed) holdNow(step);
      else if (atMs >= dueMs) where = 'dials';
    } else if (input.kind === 'lost') {
      if (is('asked')) {
        if (rules.retryInitial && !doomed) {
          if (atMs - heldAtMs < 300_000) holdNow(step);
          else wait(step, 1);
        } else holdNow(step);
      } else if (doomed) {
        if (!is('held') || step.effects.some(({ kind }) => kind === 'hold')) holdNow(step);
      } else if (is('dials') || (is('up') && broughtBy > 0 && atMs - upSinceMs < 5_000)) {
        const failed = is('dials') ? attempt : broughtBy;
        broughtBy = 0;
        if (failed >= 3) holdNow(step);
        else wait(step, failed + 1);
      } else if (is('up')) {
        broughtBy = 0;
        if (atMs - heldAtMs < 300_000) holdNow(step);
        else wait(step, 1);
      }
    }
  }
  return is('waits') || is('dials') ? `${where} ${attempt}` : where;
}

const phaseOf = ({ phase, awaiting, up }: ReconnectState): string => {
  switch (phase.kind) {
    case 'idle':
      return up ? 'up' : 'asked';
    case 'pending':
      return `${awaiting ? 'dials' : 'waits'} ${phase.attempt}`;
    case 'held':
      return 'held';
  }
};

test('after any storm under any clock the phase is what the past says', () => {
  const found = against((steps, rules) =>
    steps.flatMap(({ after }, index) => {
      // Looking back costs more the longer the past is: a dozen looks are enough for one play.
      if (index % Math.max(1, Math.floor(steps.length / 12)) !== 0) return [];
      const [is, should] = [phaseOf(after), modelPhase(steps.slice(0, index + 1), rules)];
      return is === should ? [] : [{ index, is, should }];
    }),
  );
  expect(found).toBeNull();
});

test('a loss that is told many times counts once', () => {
  const found = against((steps) =>
    steps.filter(({ atMs, wallMs, input, after }, index) => {
      const next = steps[index + 1];
      const isTold = input.kind === 'lost' && next?.input.kind === 'lost' && next.atMs === atMs && next.wallMs === wallMs;
      return isTold && JSON.stringify(next.after) !== JSON.stringify(after);
    }),
  );
  expect(found).toBeNull();
});

test('nothing is dialled with a ticket that cannot work, and by itself never before its wait is over', () => {
  const found = against((steps, rules) => {
    let waitsSinceMs = 0;
    return steps.filter(({ atMs, wallMs, before, after, effects }) => {
      const [from, to] = [before.phase, after.phase];
      if (to.kind === 'pending' && (from.kind !== 'pending' || from.attempt !== to.attempt)) waitsSinceMs = atMs;
      const dial = effects.find((effect) => effect.kind === 'dial');
      if (dial === undefined) return false;
      const leastMs = dial.attempt === null ? 0 : (reconnectWaitsMs[dial.attempt - 1] ?? Infinity) * (1 - rules.jitter) - 1e-6;
      return forbidden(before, rules, wallMs) !== null || atMs - waitsSinceMs < leastMs;
    });
  });
  expect(found).toBeNull();
});

test('never more than three attempts without a session of five seconds or somebody who asks', () => {
  const found = against((steps) => {
    let attempts = 0;
    let upSinceMs = 0;
    return steps.filter(({ atMs, input, before, after, effects }) => {
      if ((before.up && atMs - upSinceMs >= 5_000) || input.kind === 'manualRequested') attempts = 0;
      if (!before.up && after.up) {
        upSinceMs = atMs;
        // A session that came although nobody waited for it owes nothing.
        if (after.probation === null) attempts = 0;
      }
      attempts += effects.filter((effect) => effect.kind === 'dial' && effect.attempt !== null).length;
      return attempts > reconnectAttemptsMax;
    });
  });
  expect(found).toBeNull();
});

test('while something waits there is a timer, and what is held, or idle without a deadline, has none', () => {
  const found = against((steps, rules) =>
    steps.filter(({ after, effects }) => {
      const last = effects.at(-1);
      if (last?.kind !== 'setTimer') return true;
      const { phase } = after;
      if (phase.kind === 'pending' && !after.awaiting) return last.ms === null;
      return last.ms !== null && (phase.kind === 'held' || rules.ticketValidUntilMs === null);
    }),
  );
  expect(found).toBeNull();
});

test('every attempt and every hold is told exactly once, and one ticket’s end at most once', () => {
  const found = against((steps) => {
    const told = messages(steps);
    const dials = steps.flatMap(({ effects }) => effects.flatMap((effect) => (effect.kind === 'dial' ? [effect.attempt] : [])));
    const holds = steps.flatMap(({ effects }) => effects.filter(({ kind }) => kind === 'hold')).length;
    const automatic = dials.filter((attempt) => attempt !== null).length;
    const count = (pattern: RegExp): number => told.filter((message) => pattern.test(message)).length;
    const kept = {
      attempts: count(/^Reconnect attempt \d\/3…$/) === automatic && (steps.at(-1)?.after.autoReconnectCount ?? 0) === automatic,
      byHand: count(/^Reconnecting \(manual\)…$/) === dials.length - automatic,
      warnings: count(/^Session ticket expires/) <= 1,
      holds: count(/^(Auto-reconnect |Connection ended|Connection attempt failed$)/) === holds,
    };
    return Object.entries(kept).filter(([, isKept]) => !isKept);
  });
  expect(found).toBeNull();
});
