import { describe, expect, test } from 'vitest';
import { checkLiveness, keepaliveIdleMs, mainSilenceMsMax, type LivenessReading } from '#app/protocol/liveness.js';

const rules = { idleMs: 10_000, silenceMsMax: 90_000 };
const reading = (part: Partial<LivenessReading>): LivenessReading => {
  const nowMs = part.nowMs ?? 0;
  return { nowMs, dueMs: nowMs, receivedMs: 0, sentMs: 0, countFromMs: 0, ...part };
};

test('the constants are the documents\': 10 s of idle time, and 90 s without a byte on main', () => {
  expect([keepaliveIdleMs, mainSilenceMsMax]).toEqual([10_000, 90_000]);
});

describe('a sign of life', () => {
  test('is due 10 s after the last bytes in either direction, not before', () => {
    expect(checkLiveness(rules, reading({ nowMs: 9_999 }))).toMatchObject({ kind: 'rest', nextMs: 10_000 });
    expect(checkLiveness(rules, reading({ nowMs: 10_000 }))).toMatchObject({ kind: 'keepalive', nextMs: 20_000 });
    expect(checkLiveness(rules, reading({ nowMs: 10_000, receivedMs: 4_000 }))).toMatchObject({ kind: 'rest', nextMs: 14_000 });
    expect(checkLiveness(rules, reading({ nowMs: 10_000, sentMs: 7_000 }))).toMatchObject({ kind: 'rest', nextMs: 17_000 });
  });

  test('is never due without an idle time, and a connection without rules is not looked at again', () => {
    expect(checkLiveness({ idleMs: null, silenceMsMax: null }, reading({ nowMs: 1e9 }))).toMatchObject({ kind: 'rest', nextMs: null });
  });
});

describe('a connection is given up', () => {
  test('90 s after its last byte came, whatever was sent meanwhile', () => {
    expect(checkLiveness(rules, reading({ nowMs: 89_999, receivedMs: 0, sentMs: 89_000 }))).toMatchObject({ kind: 'rest', nextMs: 90_000 });
    expect(checkLiveness(rules, reading({ nowMs: 90_000, receivedMs: 0, sentMs: 89_000 }))).toMatchObject({ kind: 'lost' });
  });

  test('not for the time in which nothing ran: after a late look the peer has 10 s', () => {
    const late = checkLiveness(rules, reading({ nowMs: 500_000, dueMs: 10_000 }));
    expect(late).toMatchObject({ kind: 'keepalive', countFromMs: 420_000, nextMs: 510_000 });
    expect(checkLiveness(rules, reading({ nowMs: 510_000, sentMs: 500_000, countFromMs: late.countFromMs }))).toMatchObject({ kind: 'lost' });
    expect(checkLiveness(rules, reading({ nowMs: 510_000, receivedMs: 500_001, countFromMs: late.countFromMs })).kind).not.toBe('lost');
  });
});
