// The shares of the traffic rings, against the ancestor's numbers.
import { ringBytesOf } from '#app/capture/ring-budget.js';
import { expect, test } from 'vitest';

const MIB = 1024 * 1024;

test('the floor of 50 MiB is 32/4/4/4/4/2, and 200 MiB is four times that', () => {
  const shares = (totalMib?: number): number[] =>
    ['display/0', 'main/0', 'cursor/0', 'playback/0', 'usbredir/0', 'inputs/0'].map((channel) => ringBytesOf(channel, totalMib) / MIB);
  expect(shares()).toEqual([32, 4, 4, 4, 4, 2]);
  expect(shares(200)).toEqual([128, 16, 16, 16, 16, 8]);
  expect(shares(1)).toEqual(shares());
});

test('channels that the ancestor left out get a share too', () => {
  expect(['record/0', 'webdav/0', 'port/0', 'channel7/0'].map((channel) => ringBytesOf(channel) / MIB)).toEqual([4, 4, 2, 2]);
});
