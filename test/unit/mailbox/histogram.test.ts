import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { histogramNames, histogramWriter, readHistogram } from '#app/mailbox/histogram.js';

const bounds = [100, 1_000, 10_000];

test('each duration is counted once, in the first bucket whose bound it does not pass, and added to the sum', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -1, max: 50, noNaN: true })), (durations) => {
    const memory = createCounters(['other', ...histogramNames('work', bounds)]);
    const note = histogramWriter(memory, 'work', bounds);
    for (const ms of durations) note(ms);
    const us = durations.map((ms) => Math.max(0, Math.round(ms * 1_000)));
    const below = (from: number, to: number): number => us.filter((each) => each > from && each <= to).length;
    expect(readHistogram(readCounters(memory), 'work', bounds)).toEqual({
      boundsUs: bounds, counts: [below(-1, 100), below(100, 1_000), below(1_000, 10_000), below(10_000, Infinity)], sumUs: us.reduce((sum, each) => sum + each, 0),
    });
  }));
});

test('a writer that comes after another goes on with what was counted', () => {
  const memory = createCounters(histogramNames('work', bounds));
  histogramWriter(memory, 'work', bounds)(0.05);
  histogramWriter(memory, 'work', bounds)(0.05);
  expect(readHistogram(readCounters(memory), 'work', bounds)).toMatchObject({ counts: [2, 0, 0, 0], sumUs: 100 });
});
