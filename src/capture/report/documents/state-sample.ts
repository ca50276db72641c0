// State sample: what a session and its channels were at one moment, as plain data: all that the state documents of a report are made of. A report about
// something that happened earlier is made of the sample that was taken then.

import type { Observed } from './observed.ts';

/** Counters by name, as the channel's thread wrote them. */
export type Counts = Readonly<Record<string, number>>;

export interface ChannelStateSample {
  /** `display/0`. */
  readonly id: string;
  /** `display`. */
  readonly kind: string;
  readonly counters: Counts;
  /** The observable state as the channel's actor published it last; empty before the first time. */
  readonly state: Observed;
  /** Of the player of a playback channel; null where nothing is played. */
  readonly sound: Counts | null;
  /** Messages that are missing in the capture, or in the traffic ring and the capture. */
  readonly writerDroppedCount: number;
  /** How far back the traffic ring reaches, in seconds; null = it holds nothing. */
  readonly trafficRetentionSecs: number | null;
  readonly standing: ChannelStanding;
}

/** How its actor stands. */
export interface ChannelStanding {
  readonly phase: string;
  readonly generation: number;
  readonly restarts: number;
  readonly mailboxDepth: number;
  readonly mailboxHighWater: number;
  readonly mailboxDropped: number;
  /** What took the channel last; null = nothing did. `atSecs` since the session began. */
  readonly lastLoss: { readonly kind: string; readonly detail: string; readonly atSecs: number } | null;
}

export interface SurfaceSample {
  readonly channel: string;
  readonly surfaceId: number;
  readonly width: number;
  readonly height: number;
}

/** Of several measured times, in microseconds; all 0 when there are none. */
export interface Spread {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** What the main thread has seen of the session over time (`cli/session-history.ts`). */
export interface HistorySample {
  readonly fps: number;
  /** Bytes received in each of the last whole seconds, oldest first. */
  readonly bandwidth: readonly number[];
  readonly imageReadyLagUs: Spread;
  readonly displayMarkLagUs: Spread;
}

export interface SessionStateSample {
  readonly connected: boolean;
  readonly autoReconnectCount: number;
  readonly surfaces: readonly SurfaceSample[];
  readonly history: HistorySample;
  readonly videoDropCount: number;
  readonly autoSnapshotsSaved: number;
  readonly autoSnapshotsPruned: number;
  readonly volumePercent: number;
  readonly muted: boolean;
  /** Samples of one channel that were handed to the player program. */
  readonly deviceSamples: number;
}

export interface StateSample {
  /** Monotonic milliseconds, as channels stamp what they publish. */
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly session: SessionStateSample;
  readonly channels: readonly ChannelStateSample[];
}

/** What the fields of one channel's document are read from. */
export interface ChannelSource {
  readonly channel: ChannelStateSample;
  readonly sample: StateSample;
}

export const uptimeSecs = ({ atMs, startedAtMs }: StateSample): number => toSecs(atMs - startedAtMs);

/** Milliseconds as seconds with three decimals. */
export const toSecs = (ms: number): number => Math.round(ms) / 1000;

/** A moment of the monotonic clock as seconds since the session began. */
export const sinceStart = ({ startedAtMs }: StateSample, atMs: number): number => toSecs(atMs - startedAtMs);

export const countIn = (counts: Counts | null, name: string): number => counts?.[name] ?? 0;

/** Counters keep moments as milliseconds since the session began plus one, so that 0 means: never. */
export function momentIn(counts: Counts, name: string): number | null {
  const stored = countIn(counts, name);
  return stored === 0 ? null : toSecs(stored - 1);
}

/** The first channel of a kind; null when there never was one. */
export function channelOfKind({ channels }: StateSample, kind: string): ChannelStateSample | null {
  return channels.find((channel) => channel.kind === kind) ?? null;
}
