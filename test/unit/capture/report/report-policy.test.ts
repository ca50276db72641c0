// Which happenings become reports: cooldowns for each subject, caps on gaps, what is said of losses that come together.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cooldownMs, foremost, initialPolicy, judge, pedanticMax, type AutomaticKind, type ReportPolicy } from '#app/capture/report/report-policy.js';

const loss = (channel: string): AutomaticKind => ({ kind: 'disconnect', channel, error: 'eof' });
const gap = (gapKey: string): AutomaticKind => ({ kind: 'pedantic', gapKey });

/** Which of these fire. */
function fired(happenings: readonly (readonly [AutomaticKind, number])[]): boolean[] {
  let policy: ReportPolicy = initialPolicy;
  return happenings.map(([kind, atMs]) => {
    const judged = judge(policy, kind, atMs);
    policy = judged.policy;
    return judged.fires;
  });
}

test('a channel has one report in a minute, and a noisy one never hides another', () => {
  expect(fired([[loss('cursor/0'), 0], [loss('cursor/0'), 1], [loss('main/0'), 2], [loss('cursor/0'), cooldownMs - 1], [loss('cursor/0'), cooldownMs]])).toEqual([true, false, true, false, true]);
});

test('kinds do not share a cooldown', () => {
  expect(fired([[loss('display/0'), 0], [{ kind: 'frozenActor', actor: 'display/0', detail: '' }, 1], [{ kind: 'failedActor', actor: 'display/0', error: '' }, 2]])).toEqual([true, true, true]);
});

test('each kind of gap is reported once, and at most fifty', () => {
  const keys = Array.from({ length: pedanticMax + 5 }, (_, index) => gap(`display:message:${index}`));
  const outcomes = fired([...keys, ...keys].map((kind, index) => [kind, index]));
  expect(outcomes.filter(Boolean)).toHaveLength(50);
  expect(outcomes.slice(0, 50).every(Boolean)).toBe(true);
});

test('whatever happens, two reports of one subject are a minute apart, and the memory holds what is hot only', () => {
  const happening = fc.tuple(fc.constantFrom('main/0', 'display/0', 'display/1', 'inputs/0'), fc.nat(30_000));
  fc.assert(fc.property(fc.array(happening, { maxLength: 200 }), (steps) => {
    let policy: ReportPolicy = initialPolicy;
    let nowMs = 0;
    const last = new Map<string, number>();
    for (const [channel, waitMs] of steps) {
      nowMs += waitMs;
      const judged = judge(policy, loss(channel), nowMs);
      policy = judged.policy;
      const before = last.get(channel);
      expect(judged.fires).toBe(before === undefined || nowMs - before >= cooldownMs);
      if (judged.fires) last.set(channel, nowMs);
      expect(policy.firedMs.size).toBeLessThanOrEqual(4);
    }
    expect(policy.heldBack).toBe(steps.length - countFired(steps));
  }));
});

function countFired(steps: readonly (readonly [string, number])[]): number {
  let nowMs = 0;
  return fired(steps.map(([channel, waitMs]) => [loss(channel), (nowMs += waitMs)])).filter(Boolean).length;
}

describe('of losses that come together', () => {
  test.each([
    [['cursor/0', 'display/0', 'main/0'], 'main/0'],
    [['playback/0', 'cursor/0'], 'cursor/0'],
    [['webdav/0', 'playback/0'], 'webdav/0'],
    [['inputs/0', 'display/1'], 'display/1'],
    [['main/0', 'connect'], 'connect'],
  ])('%j: %s is the one that is missed most', (channels, first) => {
    expect(foremost(channels.map((channel) => ({ channel })))).toEqual({ channel: first });
  });
});
