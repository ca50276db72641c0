import { describe, expect, it } from 'vitest';
import type { ChannelReport } from '#app/actors/channel-args.js';
import { describeHistory, emptyHistory, stepHistory, type History, type HistoryInput } from '#app/cli/session-history.js';

const after = (inputs: readonly HistoryInput[], from: History = emptyHistory) => describeHistory(inputs.reduce(stepHistory, from));
const looked = (atMs: number, bytes: number): HistoryInput => ({ kind: 'looked', atMs, bytes });
const marked = (atMs: number, channel = 'display/0'): ChannelReport => ({ kind: 'channelEvent', channel, atMs, event: { kind: 'surfaceMarked' } });
const heard = (report: ChannelReport, lateMs = 0): HistoryInput => ({ kind: 'heard', report, atMs: report.atMs + lateMs });

describe('bandwidth', () => {
  it('has one sample for each second, however often it is looked', () => {
    expect(after([0, 250, 500, 750, 1000, 1250, 2000].map((atMs) => looked(atMs, atMs * 3))).bandwidth).toEqual([3000, 3000]);
  });

  it('spreads what came while nobody looked over the seconds that were missed', () => {
    expect(after([looked(0, 0), looked(4000, 4000)]).bandwidth).toEqual([1000, 1000, 1000, 1000]);
  });

  it('keeps the last minute', () => {
    const { bandwidth } = after(Array.from({ length: 100 }, (_, second) => looked(second * 1000, second * second)));
    expect([bandwidth.length, bandwidth.at(-1)]).toEqual([60, 99 ** 2 - 98 ** 2]);
  });
});

describe('pictures a second', () => {
  it('are counted over the last 120 MARKs', () => {
    expect(after([heard(marked(0)), ...Array.from({ length: 200 }, (_, index) => heard(marked(50_000 + index * 20)))]).fps).toBeCloseTo(50);
  });

  it('are none with fewer than two', () => {
    expect(after([heard(marked(5))]).fps).toBe(0);
  });
});

describe('lags', () => {
  it('are from the report until it is heard, of the last 32, for MARKs and for changed pictures apart', () => {
    const changed = (atMs: number): ChannelReport => ({ kind: 'cellChanged', channel: 'display/0', atMs });
    const many = Array.from({ length: 40 }, (_, index) => heard(changed(index), index < 8 ? 900 : index % 2 === 0 ? 1 : 3));
    expect(after([...many, heard(marked(7), 250)])).toMatchObject({ imageReadyLagUs: { min: 1000, max: 3000, mean: 2000 }, displayMarkLagUs: { min: 250_000, max: 250_000, mean: 250_000 } });
  });

  it('of other channels are none of pictures', () => {
    expect(after([heard({ kind: 'cellChanged', channel: 'inputs/0', atMs: 1 }, 80)])).toMatchObject({ imageReadyLagUs: { min: 0, max: 0, mean: 0 } });
  });
});
