// What reaches the hub and what leaves it: the conversation between the channels, the session and the consumers. Types only, so
// that every side may import them.

import type { Observer } from 'rxjs';
import type { SessionEvent } from '../ui-terminal/session-event.ts';
import type { StatsSnapshot } from '../ui-terminal/view-model.ts';
import type { WriterEvent } from '../capture/writer-message.ts';
import type { Answer, Params } from '../control/request.ts';
import type { SessionCommand } from '../control/session-command.ts';
import type { AudioReport } from './audio-mail.ts';
import type { ChannelReport } from './channel-args.ts';
import type { SharedFacts } from './control-mail.ts';
import type { VideoReport } from './video-mail.ts';
import type { MetricSources } from './metrics-mail.ts';

/** The kinds of news that a consumer for people subscribes to. */
export const newsKinds = ['event', 'stats', 'surface'] as const;
/** The kinds of news that there are. `facts`, `metrics` and `notification` are for consumers that are programs. */
export type NewsKind = (typeof newsKinds)[number] | 'facts' | 'metrics' | 'notification';

/** News for a consumer. `sequence` grows by one with every event offered to this consumer, so that it can see what it missed. */
export type HubNews =
  | { readonly kind: 'event'; readonly sequence: number; readonly event: SessionEvent }
  | { readonly kind: 'stats'; readonly snapshot: StatsSnapshot }
  | { readonly kind: 'surface'; readonly buffer: SharedArrayBuffer | null }
  /** The newest state, told when it may have changed and with every sample: who missed one has the next. */
  | { readonly kind: 'facts'; readonly facts: SharedFacts }
  /** One was said, or said again: as the ancestor serialises it. */
  | { readonly kind: 'notification'; readonly notification: Params }
  /** Where figures are, with every sample. */
  | { readonly kind: 'metrics'; readonly sources: MetricSources };

/** What a consumer that asks hears besides. */
export interface RequestAnswered {
  readonly kind: 'requestAnswered';
  readonly token: number;
  readonly answer: Answer;
}

/** What the session itself hears through the hub, at once and on its own thread. */
export type SessionReport = ChannelReport | WriterEvent | AudioReport | VideoReport | SessionRequest;

/** A consumer's wish for the session as a whole, to be answered with `RequestAnswered`. */
export interface SessionRequest {
  readonly kind: 'sessionRequest';
  readonly from: string;
  readonly token: number;
  readonly command: SessionCommand;
}

export type HubMail =
  | SessionReport
  /** The session has something for people: told to every subscriber of events. */
  | { readonly kind: 'tell'; readonly event: SessionEvent }
  | { readonly kind: 'notify'; readonly notification: Params }
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
  facts(): SharedFacts;
  /** Absent where nobody may ask for metrics. */
  readonly metrics?: HubMetrics;
  /** Milliseconds between two samples, where the hub's own pace is not wanted: days of simulated time need few. */
  readonly sampleEveryMs?: number;
}

export interface HubMetrics {
  sources(subscriptions: readonly SubscriptionCount[]): MetricSources;
  /** A sample was taken so much later than it was due: something held the main thread. */
  late(ms: number): void;
}
