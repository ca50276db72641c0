// What reaches the hub and what leaves it: the conversation between the channels, the session and the consumers. Types only, so
// that every side may import them.

import type { Observer } from 'rxjs';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { StatsSnapshot } from '../ui-terminal/view-model.ts';
import type { WriterEvent } from '../capture/writer-message.ts';
import type { ChannelReport } from './channel-args.ts';

/** The kinds of news that a consumer may subscribe to. */
export const newsKinds = ['event', 'stats', 'surface'] as const;
export type NewsKind = (typeof newsKinds)[number];

/** News for a consumer. `sequence` grows by one with every event offered to this consumer, so that it can see what it missed. */
export type HubNews =
  | { readonly kind: 'event'; readonly sequence: number; readonly event: SessionEvent }
  | { readonly kind: 'stats'; readonly snapshot: StatsSnapshot }
  | { readonly kind: 'surface'; readonly buffer: SharedArrayBuffer | null };

/** What the session itself hears through the hub, at once and on its own thread. */
export type SessionReport = ChannelReport | WriterEvent;

export type HubMail =
  | SessionReport
  /** The session has something for people: told to every subscriber of events. */
  | { readonly kind: 'tell'; readonly event: SessionEvent }
  | { readonly kind: 'show'; readonly buffer: SharedArrayBuffer | null }
  | { readonly kind: 'subscribe'; readonly consumer: string; readonly news: readonly NewsKind[] }
  | { readonly kind: 'unsubscribe'; readonly consumer: string };

/** What one subscriber got and lost, for the statistics. */
export interface SubscriptionCount {
  readonly consumer: string;
  readonly delivered: number;
  readonly dropped: number;
}

/**
 * The hub lives on the main thread by design, so its arguments are objects of that thread: the session's ear, which hears every
 * channel report at once, and the sampler that the hub calls a few times a second.
 */
export interface HubArgs {
  readonly reports: Observer<SessionReport>;
  sample(subscriptions: readonly SubscriptionCount[]): StatsSnapshot;
}
