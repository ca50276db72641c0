// Histograms in shared memory: durations by how long they were, as counters of a counter set: one for each bound, one for what is longer, and the sum. One
// writer each; readers take whole numbers at any moment, and buckets only grow.

import { counterOf, type CounterMemory } from './counters.ts';

/** Upper bounds in microseconds, rising. */
export type HistogramBounds = readonly number[];

/** Durations of work inside this process. */
export const workBoundsUs: HistogramBounds = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/** Not cumulative: `counts` has one more than `boundsUs`, for what is above the last. */
export interface Histogram {
  readonly boundsUs: HistogramBounds;
  readonly counts: readonly number[];
  readonly sumUs: number;
}

const bucketName = (name: string, bound: number | null): string => `${name}_${bound === null ? 'more' : bound}`;
const sumName = (name: string): string => `${name}_sum_us`;

/** The counters that a histogram takes in a set. */
export function histogramNames(name: string, boundsUs: HistogramBounds): readonly string[] {
  return [...[...boundsUs, null].map((bound) => bucketName(name, bound)), sumName(name)];
}

/** The writer's side: takes durations in milliseconds. What is negative, by a clock of another thread, counts as 0. */
export function histogramWriter(memory: CounterMemory, name: string, boundsUs: HistogramBounds): (ms: number) => void {
  const buckets = [...boundsUs, null].map((bound) => counterOf(memory, bucketName(name, bound)));
  const sum = counterOf(memory, sumName(name));
  return (ms) => {
    const us = Math.max(0, Math.round(ms * 1_000));
    let bucket = 0;
    while (bucket < boundsUs.length && us > (boundsUs[bucket] ?? 0)) bucket += 1;
    buckets[bucket]?.add(1);
    sum.add(us);
  };
}

/** @param counters of the set, read at one moment */
export function readHistogram(counters: Readonly<Record<string, number>>, name: string, boundsUs: HistogramBounds): Histogram {
  return { boundsUs, counts: [...boundsUs, null].map((bound) => counters[bucketName(name, bound)] ?? 0), sumUs: counters[sumName(name)] ?? 0 };
}
