// The shares of the traffic rings, against the ancestor's numbers.
import { ringBytesOf, trafficTotal } from '#app/capture/ring-budget.js';
import { describe, expect, test } from 'vitest';

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

describe('the total', () => {
  const GIB = 1024 * MIB;

  test.each([[0.5, 50], [8, 50], [16, 64], [32, 128], [64, 200], [1024, 200]])('of a system with %d GiB is %i MiB when nobody asked', (gib, mib) => {
    expect([trafficTotal(undefined, gib * GIB), trafficTotal(' ', gib * GIB)]).toEqual([{ mib, warning: null }, { mib, warning: null }]);
  });

  test('is what the user asked for', () => {
    expect([trafficTotal('200', GIB), trafficTotal(' 50 ', 64 * GIB), trafficTotal('512', GIB)].map(({ mib, warning }) => [mib, warning])).toEqual([[200, null], [50, null], [512, null]]);
  });

  test('stays within its bounds, and says so', () => {
    expect(trafficTotal('10', GIB)).toEqual({ mib: 50, warning: 'RYLL_TRAFFIC_CAP_MB can be from 50 to 512: the traffic rings have 50 MiB' });
    expect(trafficTotal('100000', GIB).mib).toBe(512);
  });

  test.each(['lots', '-1', '1e3', '64.5', '0x40'])('of a variable that says %s is that of nobody asking, with a warning', (text) => {
    expect(trafficTotal(text, 16 * GIB)).toEqual({ mib: 64, warning: 'RYLL_TRAFFIC_CAP_MB is not a whole number of MiB from 50 to 512: the traffic rings have 64 MiB, as without it' });
  });
});
