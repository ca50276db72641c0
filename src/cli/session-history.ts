// Session history: what a session was like over its last seconds and minutes, seen from the main thread: bandwidth, MARKs, and how late news of pictures is
// heard. It has no timer: it looks when the hub samples, and listens to what channels report anyway.

import type { ChannelReport } from '../actors/channel-args.ts';
import type { HistorySample, Spread } from '../capture/report/documents/state-sample.ts';

/** One-second samples that are kept. */
const bandwidthMax = 60;
/** MARKs that the rate of pictures is taken from. */
const marksMax = 120;
const lagsMax = 32;

export interface History {
  /** Monotonic milliseconds and bytes of the last one-second sample; null before the first look. */
  readonly last: { readonly atMs: number; readonly bytes: number } | null;
  /** Bytes a second, oldest first. */
  readonly bandwidth: readonly number[];
  /** Of every display, monotonic milliseconds by their own threads, oldest first. */
  readonly marksMs: readonly number[];
  readonly imageReadyLagsUs: readonly number[];
  readonly displayMarkLagsUs: readonly number[];
}

export const emptyHistory: History = { last: null, bandwidth: [], marksMs: [], imageReadyLagsUs: [], displayMarkLagsUs: [] };

export type HistoryInput =
  /** `bytes` = received until now, by all channels together. */
  | { readonly kind: 'looked'; readonly atMs: number; readonly bytes: number }
  | { readonly kind: 'heard'; readonly atMs: number; readonly report: ChannelReport };

export function stepHistory(history: History, input: HistoryInput): History {
  return input.kind === 'looked' ? looked(history, input) : heard(history, input.report, input.atMs);
}

/** Looks come as often as they like; a sample is taken after a second. A look that comes later than that stands for each second that it missed. */
function looked(history: History, { atMs, bytes }: { readonly atMs: number; readonly bytes: number }): History {
  const { last, bandwidth } = history;
  if (last === null) return { ...history, last: { atMs, bytes } };
  const elapsedMs = atMs - last.atMs;
  if (elapsedMs < 1000) return history;
  const perSecond = Math.max(0, Math.round(((bytes - last.bytes) / elapsedMs) * 1000));
  const seconds = Math.min(bandwidthMax, Math.floor(elapsedMs / 1000));
  return { ...history, last: { atMs, bytes }, bandwidth: newest([...bandwidth, ...Array.from({ length: seconds }, () => perSecond)], bandwidthMax) };
}

function heard(history: History, report: ChannelReport, atMs: number): History {
  if (!report.channel.startsWith('display/')) return history;
  const lagUs = Math.max(0, Math.round((atMs - report.atMs) * 1000));
  if (report.kind === 'cellChanged') return { ...history, imageReadyLagsUs: newest([...history.imageReadyLagsUs, lagUs], lagsMax) };
  if (report.event.kind !== 'surfaceMarked') return history;
  return { ...history, marksMs: newest([...history.marksMs, report.atMs], marksMax), displayMarkLagsUs: newest([...history.displayMarkLagsUs, lagUs], lagsMax) };
}

const newest = <T>(all: readonly T[], count: number): readonly T[] => all.slice(-count);

export function describeHistory({ bandwidth, marksMs, imageReadyLagsUs, displayMarkLagsUs }: History): HistorySample {
  const spanMs = (marksMs.at(-1) ?? 0) - (marksMs[0] ?? 0);
  return {
    fps: spanMs <= 0 ? 0 : ((marksMs.length - 1) / spanMs) * 1000,
    bandwidth,
    imageReadyLagUs: spreadOf(imageReadyLagsUs),
    displayMarkLagUs: spreadOf(displayMarkLagsUs),
  };
}

function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { min: 0, max: 0, mean: 0 };
  return { min: Math.min(...values), max: Math.max(...values), mean: Math.round(values.reduce((sum, value) => sum + value, 0) / values.length) };
}

/** The history of a session at work. */
export class SessionHistory {
  #history: History = emptyHistory;

  looked(atMs: number, bytes: number): void {
    this.#history = stepHistory(this.#history, { kind: 'looked', atMs, bytes });
  }

  heard(report: ChannelReport, atMs: number): void {
    this.#history = stepHistory(this.#history, { kind: 'heard', report, atMs });
  }

  get sample(): HistorySample {
    return describeHistory(this.#history);
  }
}
