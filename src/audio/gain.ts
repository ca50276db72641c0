// Gain: multiplies samples by a percentage. Whole numbers only, so the same samples at the same volume are the same bytes everywhere.

import { sampleBytes } from './sound-format.ts';

/**
 * One sample at `percent` (0 to 100), rounded to the nearest, halves away from zero. It never overflows, because nothing grows;
 * a sample and its negative stay each other's negative, so no offset creeps in.
 */
export function scaleSample(sample: number, percent: number): number {
  const level = Math.trunc((Math.abs(sample) * percent + 50) / 100);
  return sample < 0 && level > 0 ? -level : level;
}

/** Scales S16 little-endian samples where they are. 0 makes exact zeros, 100 changes nothing. */
export function applyGain(pcm: DataView, percent: number): void {
  if (percent === 100) return;
  for (let at = 0; at + sampleBytes <= pcm.byteLength; at += sampleBytes) pcm.setInt16(at, scaleSample(pcm.getInt16(at, true), percent), true);
}
