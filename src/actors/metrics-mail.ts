// What the consumers of figures are started with and what the metrics actor is told: plain data and shared memory, which every side may
// import.

import type { MailboxStats } from '../mailbox/address.ts';
import type { CounterMemory } from '../mailbox/counters.ts';
import type { TapCounters } from '../mailbox/tap-ring.ts';
import type { InputProbeMemory } from './input-probe.ts';

/** Where metrics are served: a unix socket, or a port of this machine. */
export type MetricsAddress = { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'tcp'; readonly host: '127.0.0.1' | '::1'; readonly port: number };

export interface MetricsArgs {
  readonly address: MetricsAddress;
  /** `clockTicksPerSecond` of the main thread, which has loaded the addon by asking. */
  readonly clockTicks: number;
}

export interface ChannelSource {
  readonly id: string;
  readonly counters: CounterMemory;
  readonly timings: CounterMemory;
  readonly tap: TapCounters;
  /** As in the statistics document: `linked`, `waiting`, `closed`, … */
  readonly state: string;
  readonly restarts: number;
  /** How often each kind of loss took it. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface ActorSource {
  readonly id: string;
  readonly isRunning: boolean;
  readonly restarts: number;
  /** The system's number of its thread; null on the main thread, and where it is not known. */
  readonly osThreadId: number | null;
  /** `dropped` and the other counts are of all generations. */
  readonly mailbox: MailboxStats;
}

/** The session's sources of figures at one moment. Each replaces the one before. */
export interface MetricSources {
  readonly connected: boolean;
  readonly reconnects: number;
  readonly channels: readonly ChannelSource[];
  readonly actors: readonly ActorSource[];
  readonly consumers: readonly { readonly id: string; readonly dropped: number }[];
  readonly inputs: InputProbeMemory;
  readonly mainLoop: CounterMemory;
}

/** What the latency file's actor is started with. */
export interface LatencyArgs {
  readonly path: string;
  readonly main: CounterMemory;
  readonly inputs: InputProbeMemory;
  readonly sessionStartMs: number;
  readonly counters: CounterMemory;
}

/** `rows_lost`: found no room while the file could not be written. */
export const latencyCounterNames = ['rows', 'rows_lost', 'failures'] as const;

/** The histogram of `MetricSources.mainLoop`. */
export const mainLoopLag = 'main_loop_lag';
