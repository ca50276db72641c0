// A test of the fuzzer: it finds what is planted, makes it small, counts what is allocated whatever way it is asked for, and the same
// seed makes the same inputs.
import { expect, test } from 'vitest';
import { Seeded } from '../simulation/seeded.ts';
import { AllocationMeter, AllocationRefused } from './allocation-meter.ts';
import { attempt, fuzz, inputOf, minimise, targets } from './fuzz.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

const seeds = [Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])];

function planted(run: (input: Uint8Array) => readonly string[]): FuzzTarget {
  return { name: 'planted', kind: 'message', bytesMax: 1_000, make: (random) => mutate(seeds[0]!, random, seeds), run };
}

test('a crash is found, and what is left of the input is what it takes', () => {
  const failure = fuzz(planted((input) => {
    if (input.includes(255)) throw new TypeError('cannot read what is not there');
    return [];
  }), 1, 0, 5_000);
  expect(failure?.what).toContain('cannot read what is not there');
  expect([...(failure?.input ?? [])]).toEqual([255]);
});

test('an allocation that a length of the input asks for is found before it happens', () => {
  const ask = (input: Uint8Array): readonly string[] => [String(new Float64Array((input[0] ?? 0) * 1_000_000).length)];
  expect(fuzz(planted(ask), 1, 0, 5_000)?.what).toContain('AllocationRefused');
});

test.each<[string, () => unknown]>([
  ['an array of a length', () => Array(1_000)],
  ['Array.from a length', () => Array.from({ length: 1_000 }, () => 0)],
  ['typed arrays', () => new Uint32Array(1_000)],
  ['a typed array from a length', () => Uint8Array.from({ length: 4_000 })],
  ['buffers', () => new ArrayBuffer(4_000)],
  ['shared buffers', () => new SharedArrayBuffer(4_000)],
])('the meter sees %s', (_name, body) => {
  const meter = new AllocationMeter();
  expect(() => meter.run(3_999, body)).toThrow(AllocationRefused);
  meter.run(100_000, body);
  expect(meter.bytes).toBeGreaterThanOrEqual(4_000);
  // What is made while it counts is what it would have been.
  expect(meter.run(100_000, () => new Uint8Array(3))).toBeInstanceOf(Uint8Array);
});

test('outside of a run nothing is counted and the globals are the host\'s own', () => {
  const before = [Array, Uint8Array, SharedArrayBuffer];
  expect(() => new AllocationMeter().run(10, () => new Uint8Array(11))).toThrow(AllocationRefused);
  expect([Array, Uint8Array, SharedArrayBuffer]).toEqual(before);
});

test('the code under test is metered as it ships', () => {
  const display = targets.find(({ name }) => name === 'channel-display');
  // SURFACE_CREATE of 1024 x 1024: 4 MiB and its header.
  const input = Uint8Array.from([0x3a, 1, 20, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0]);
  expect(attempt({ ...display!, bytesMax: 4 * 1024 * 1024 }, input).fault).toContain('AllocationRefused');
  expect(attempt(display!, input).fault).toBeNull();
});

test.each(targets.map((target) => [target.name, target] as const))('%s: an input is the same each time, and another under another seed', (_name, target) => {
  const series = (seed: number): string => Array.from({ length: 20 }, (_, index) => Buffer.from(inputOf(target, seed, index)).toString('hex')).join(' ');
  expect(series(3)).toBe(series(3));
  expect(series(4)).not.toBe(series(3));
});

test('making an input smaller keeps what it is kept for', () => {
  const random = new Seeded(9);
  const input = Uint8Array.from({ length: 500 }, () => random.between(0, 200));
  input.set([201, 202], 250);
  expect([...minimise(input, (candidate) => candidate.includes(201) && candidate.includes(202))]).toEqual([201, 202]);
});
