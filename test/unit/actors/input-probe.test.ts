import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChannelTimings, timingNames } from '#app/actors/channel-timings.js';
import { answerMsMax, answersAfter, createInputProbe, inputNoter, keptAnswers, paintNoter, readInputProbe } from '#app/actors/input-probe.js';
import { ThreadTotals } from '#app/actors/thread-totals.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';

const probe = () => {
  const memory = createInputProbe();
  const paint = paintNoter(memory);
  return { memory, press: inputNoter(memory), paint: (atMs: number) => paint(() => atMs) };
};

describe('the input probe', () => {
  test('measures from a press to the first drawing after it, and to no other', () => {
    const { memory, press, paint } = probe();
    expect(paint(50)).toBeNull();
    press(100);
    expect([paint(112.5), paint(130)]).toEqual([12.5, null]);
    expect(answersAfter(memory, 0)).toEqual([{ press: 1, lagMs: 12.5, atMs: 112.5 }]);
    expect(readInputProbe(memory)).toEqual({ presses: 1, answered: 1, unanswered: 0 });
  });

  test('of presses in a row the first is measured', () => {
    const { memory, press, paint } = probe();
    for (const atMs of [100, 110, 120]) press(atMs);
    expect(paint(150)).toBe(50);
    expect(readInputProbe(memory)).toEqual({ presses: 1, answered: 1, unanswered: 0 });
  });

  test('a drawing too late is no answer, and the press is given up with the next', () => {
    const { memory, press, paint } = probe();
    press(0);
    expect(paint(answerMsMax + 1)).toBeNull();
    press(5_000);
    expect(paint(5_010)).toBe(10);
    expect(readInputProbe(memory)).toEqual({ presses: 2, answered: 1, unanswered: 1 });
    expect(answersAfter(memory, 0).map((answer) => answer.press)).toEqual([2]);
  });

  test('of two displays that draw at once one takes the press', () => {
    const { memory, press } = probe();
    press(0);
    const first = paintNoter(memory);
    const second = paintNoter(memory);
    // The second looks while the first is at it.
    let lateAnswer: number | null = null;
    expect(first(() => {
      lateAnswer = second(() => 7);
      return 8;
    })).toBeNull();
    expect(lateAnswer).toBe(7);
    expect(readInputProbe(memory).answered).toBe(1);
  });

  test('who reads now and then misses none of the last thousand, and no count is ever wrong', () => {
    fc.assert(fc.property(fc.array(fc.record({ pause: fc.integer({ min: 1, max: 3_000 }), paints: fc.boolean() }), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (steps, every) => {
      const { memory, press, paint } = probe();
      let nowMs = 0;
      let read = 0;
      const seen: number[] = [];
      const answered: number[] = [];
      for (const [index, { pause, paints }] of steps.entries()) {
        nowMs += pause;
        press(nowMs);
        const lag = paints ? paint(nowMs + 0.5) : null;
        if (lag !== null) answered.push(lag);
        if (index % every !== 0) continue;
        for (const answer of answersAfter(memory, read)) {
          seen.push(answer.lagMs);
          read = answer.press;
        }
      }
      seen.push(...answersAfter(memory, read).map(({ lagMs }) => lagMs));
      expect(seen).toEqual(answered);
      const { presses, answered: count, unanswered } = readInputProbe(memory);
      expect(presses - count - unanswered).toBeGreaterThanOrEqual(0);
      expect(presses - count - unanswered).toBeLessThanOrEqual(1);
    }));
  });

  test('what is kept is bounded', () => {
    const { memory, press, paint } = probe();
    for (let at = 0; at < keptAnswers + 10; at++) {
      press(at * 10);
      paint(at * 10 + 1);
    }
    expect(answersAfter(memory, 0)).toHaveLength(keptAnswers);
    expect(answersAfter(memory, 0)[0]?.press).toBe(11);
  });
});

describe('PING jitter', () => {
  const jitterUs = (atUs: readonly number[]): number | undefined => {
    const memory = createCounters(timingNames);
    const timings = new ChannelTimings(memory);
    for (const each of atUs) timings.pinged(each);
    return readCounters(memory)['ping_jitter_us'];
  };

  test('is 0 for a server that keeps its pace, and grows by a sixteenth of each difference', () => {
    expect(jitterUs([0, 1_000, 2_000, 3_000])).toBe(0);
    expect(jitterUs([0, 1_000, 2_000, 4_600])).toBe(100);
    expect(jitterUs([0, 1_000])).toBe(0);
  });
});

describe('the processor time of an actor', () => {
  const thread = (tid: number, born: number, cpuMs: number) => ({ tid, name: 'x', born, cpuMs });

  test('adds up over its threads and never falls', () => {
    const totals = new ThreadTotals();
    expect(totals.of('a', null)).toBeNull();
    expect([totals.of('a', thread(1, 1, 10)), totals.of('a', thread(1, 1, 30)), totals.of('a', null), totals.of('a', thread(2, 9, 5)), totals.of('a', thread(2, 20, 1))]).toEqual([10, 30, 30, 35, 36]);
    expect(totals.of('b', thread(1, 1, 3))).toBe(3);
  });
});
