import { expect, test } from 'vitest';
import { createVolumeControl, gainPercent, readVolume, setMuted, setVolume } from '#app/audio/volume-control.js';

test('volume and mute are independent: who unmutes hears the old volume', () => {
  const control = createVolumeControl();
  expect(readVolume(control)).toEqual({ percent: 100, muted: false });
  setVolume(control, 37);
  setMuted(control, true);
  expect(readVolume(control)).toEqual({ percent: 37, muted: true });
  expect(gainPercent(readVolume(control))).toBe(0);
  setVolume(control, 0);
  setVolume(control, 52);
  setMuted(control, false);
  expect(readVolume(control)).toEqual({ percent: 52, muted: false });
  expect(gainPercent(readVolume(control))).toBe(52);
});

test('a change is seen by whoever holds the same memory', () => {
  const control = createVolumeControl({ percent: 0, muted: true });
  const elsewhere = { buffer: control.buffer };
  setVolume(control, 100);
  expect(readVolume(elsewhere)).toEqual({ percent: 100, muted: true });
});

test.each([-1, 101, 37.5, Number.NaN, Infinity])('%s is no volume, and changes nothing', (percent) => {
  const control = createVolumeControl({ percent: 37, muted: true });
  expect(() => setVolume(control, percent)).toThrow(RangeError);
  expect(readVolume(control)).toEqual({ percent: 37, muted: true });
});
