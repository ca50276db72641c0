// What the log sink is started with and what it is told; types only, where its senders may import them.

import type { OutputTarget } from './dashboard-message.ts';
import type { SessionEvent } from './session-event.ts';
import type { StatsSnapshot } from './view-model.ts';

/** Structured-cloneable; the child spec's `args`. A path is appended to, and made when it is not there. */
export interface LogSinkArgs { readonly output: OutputTarget; readonly summaries: boolean }

/**
 * `sequence` grows by one with every event that the sender offers, refused ones included, all on one lane: from a jump the sink
 * sees how many were lost, and says so where they are missing. `stats` is a latest value.
 */
export type LogSinkMessage =
  | { readonly kind: 'event'; readonly sequence: number; readonly event: SessionEvent }
  | { readonly kind: 'stats'; readonly snapshot: StatsSnapshot };
