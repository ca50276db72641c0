// How late PINGs are read, told from the server's clock in them, in whatever unit that counts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialLateness, stepLateness } from '#app/protocol/ping-lateness.js';

/** Lateness of each PING; the server sends them at `sentMs` by its own clock and they are read `lateMs` after that. */
function lateness(unitPerUs: number, pings: readonly { readonly sentMs: number; readonly lateMs: number }[], skewUs = 123_456_789): (number | null)[] {
  let state = initialLateness;
  return pings.map(({ sentMs, lateMs }) => {
    const step = stepLateness(state, { timestamp: BigInt(sentMs * 1000 * unitPerUs), atUs: (sentMs + lateMs) * 1000 + skewUs });
    state = step.state;
    return step.lateUs;
  });
}

const every = (ms: number, lates: readonly number[]): { sentMs: number; lateMs: number }[] => lates.map((lateMs, at) => ({ sentMs: (at + 1) * ms, lateMs }));

describe('how late a PING was read', () => {
  test.each([['microseconds', 1], ['nanoseconds', 1_000]])('is told from a clock in %s', (_, unit) => {
    expect(lateness(unit, every(1_000, [5, 5, 305, 5]))).toEqual([null, 0, 300_000, 0]);
  });

  test('does not show when it is always the same', () => {
    expect(lateness(1_000, every(15_000, [300, 300, 300]))).toEqual([null, 0, 0]);
  });

  test('is counted from the earliest, which may come later', () => {
    expect(lateness(1, every(2_000, [200, 150, 200]))).toEqual([null, 0, 50_000]);
  });

  test('grows for a reader that takes 100 ms for each PING of 20 ms', () => {
    const late = lateness(1_000, every(20, Array.from({ length: 50 }, (_, at) => at * 80)));
    expect(late.at(-1)).toBe(49 * 80_000);
  });

  test('is not told by PINGs that come together and are read apart: their distance says nothing about the unit', () => {
    const together = [{ sentMs: 1_000, lateMs: 1 }, { sentMs: 1_000.02, lateMs: 2.5 }];
    expect(lateness(1_000, [...together, { sentMs: 16_000, lateMs: 1 }, { sentMs: 31_000, lateMs: 5 }])).toEqual([null, null, 0, 4_000]);
  });

  test('of main begins anew where its PINGs go over from microseconds to nanoseconds', () => {
    let state = initialLateness;
    const seen = [[22_409_000_000n, 0], [22_409_000_900n, 1_000], [22_424_000_000_000n, 15_000_000], [22_439_000_000_000n, 30_000_000], [22_454_000_000_000n, 45_200_000]].map(([timestamp, atUs]) => {
      const step = stepLateness(state, { timestamp: BigInt(timestamp ?? 0), atUs: Number(atUs) });
      state = step.state;
      return step.lateUs;
    });
    expect(seen).toEqual([null, null, null, 0, 200_000]);
    expect(state.bestUs).toBe(15_000_000 - 22_424_000_000);
  });

  test('begins anew with a clock that is another, and is never told for the first PING', () => {
    let state = initialLateness;
    const seen = [1n, 1_000_001n, 5n, 1_000_005n].map((timestamp, at) => {
      const step = stepLateness(state, { timestamp, atUs: at * 1_000_000 });
      state = step.state;
      return step.lateUs;
    });
    expect(seen).toEqual([null, 0, null, 0]);
  });

  test('is a number that is not negative, or nothing, for any PINGs', () => {
    fc.assert(fc.property(fc.array(fc.record({ timestamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), step: fc.nat(10_000_000) }), { maxLength: 40 }), (pings) => {
      let state = initialLateness;
      let atUs = 0;
      for (const { timestamp, step } of pings) {
        atUs += step;
        const next = stepLateness(state, { timestamp, atUs });
        state = next.state;
        expect(next.lateUs === null || (Number.isSafeInteger(next.lateUs) && next.lateUs >= 0)).toBe(true);
      }
    }));
  });
});
