import { describe, expect, test } from 'vitest';
import { applyGain, scaleSample } from '#app/audio/gain.js';

const view = (...samples: number[]): DataView => {
  const made = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, i) => made.setInt16(i * 2, sample, true));
  return made;
};
const samplesOf = (pcm: DataView): number[] => Array.from({ length: pcm.byteLength / 2 }, (_, i) => pcm.getInt16(i * 2, true));
const scaled = (percent: number, ...samples: number[]): number[] => {
  const pcm = view(...samples);
  applyGain(pcm, percent);
  return samplesOf(pcm);
};

describe('samples at a volume', () => {
  test('at 37 % are 37 hundredths, rounded to the nearest, halves away from zero', () => {
    expect(scaled(37, 10_000, -10_000, 100, 1, 2, -2, 0)).toEqual([3_700, -3_700, 37, 0, 1, -1, 0]);
    expect(scaled(50, 1, -1, 3, -3)).toEqual([1, -1, 2, -2]);
    expect(scaled(37, 32_767, -32_768)).toEqual([12_124, -12_124]);
  });

  test('at 100 % are what they were, at 0 % exact zeros', () => {
    expect(scaled(100, 32_767, -32_768, 1, 0)).toEqual([32_767, -32_768, 1, 0]);
    expect(scaled(0, 32_767, -32_768, 1, -1)).toEqual([0, 0, 0, 0]);
    expect(Object.is(scaleSample(-1, 0), 0)).toBe(true);
  });

  test('are little-endian, wherever they lie, and a byte that is no whole sample is left alone', () => {
    const bytes = new Uint8Array([9, 0xe8, 0x03, 0x18, 0xfc, 7]);
    applyGain(new DataView(bytes.buffer, 1), 50);
    expect([...bytes]).toEqual([9, 0xf4, 0x01, 0x0c, 0xfe, 7]);
  });
});
