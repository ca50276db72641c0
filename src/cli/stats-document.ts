// The statistics document of `--stats-json`: one JSON object for the whole session, with one object per channel. Its field names
// are part of the command line's contract; docs/connecting.md lists them.

import type { SessionState } from '../protocol/session.ts';
import { serializeNotification, type NotificationStore, type SerializedNotification } from '../supervisor/notifications.ts';
import type { LatencySummary } from '../metrics/latency-summary.ts';
import type { SessionMemory } from './session-memory.ts';
import type { ReconnectFacts } from './session-reconnect.ts';
import type { ScreenLockFacts } from './screen-lock-watch.ts';
import { sampleActors, sampleChannel, type ActorSample, type ChannelSample, type SampledSession } from './session-sample.ts';
import type { SoundSample } from './session-sound.ts';
import type { VideoSample } from './session-video.ts';

export interface StatsDocument {
  readonly session_id: number | null;
  /** The session was up until it was told to end. */
  readonly connected: boolean;
  readonly server_name: string | null;
  readonly server_uuid: string | null;
  /** When the session began, in ISO 8601: moments in this document are seconds since then. */
  readonly started_at: string;
  readonly duration_secs: number;
  readonly ended: string;
  readonly version: string;
  /** MiB that the traffic rings share, as they were made. */
  readonly traffic_cap_mb: number;
  readonly sound: SoundSample;
  /** Null = the screen was not recorded. */
  readonly video: VideoSample | null;
  /** From presses to drawings. */
  readonly input_to_paint: LatencySummary;
  readonly reconnect: ReconnectSample;
  /** Null = nothing is known of a ticket's end, and it may be used again. */
  readonly ticket: { readonly single_use: boolean; readonly valid_until: number | null; readonly remaining_secs: number | null } | null;
  /** Oldest first, as the ancestor writes them. */
  readonly notifications: readonly SerializedNotification[];
  readonly notifications_dropped: number;
  /** Null = nothing tells whether the user's screen is locked. */
  readonly screen_lock: ScreenLockFacts | null;
  readonly channels: readonly ChannelSample[];
  /** Every other actor that was started. */
  readonly actors: readonly ActorSample[];
}

export interface StatsSource extends SampledSession {
  readonly session: SessionState;
  readonly sound: { sample(): SoundSample };
  readonly video: { sample(): VideoSample | null };
  readonly metrics: { latency(memory: SessionMemory): LatencySummary };
  readonly reconnect: { readonly facts: ReconnectFacts };
  readonly screenLock: { readonly facts: ScreenLockFacts | null };
  readonly news: { readonly notifications: NotificationStore };
}

/** In the ancestor's names. `next_at` in seconds since the session began. */
export interface ReconnectSample {
  readonly state: 'idle' | 'pending' | 'held';
  readonly attempt: number | null;
  readonly next_at: number | null;
  readonly variant: 'Generic' | 'OneShotConsumed' | 'TicketExpired' | 'ConnectFailed' | null;
  readonly auto_reconnect_count: number;
}

const variantNames = { generic: 'Generic', oneShotConsumed: 'OneShotConsumed', ticketExpired: 'TicketExpired', connectFailed: 'ConnectFailed' } as const;

/** `ended` = the name of the exit code. `nowMs` is the monotonic clock. */
export function statsDocument(run: StatsSource, ended: string, connected: boolean, version: string, nowMs: number): StatsDocument {
  const { sessionId, serverName, serverUuid } = run.session;
  return {
    session_id: sessionId,
    connected,
    server_name: serverName,
    server_uuid: serverUuid,
    started_at: new Date(run.memory.startedAtWallMs).toISOString(),
    duration_secs: Math.round(nowMs - run.memory.startedAtMs) / 1000,
    ended,
    version,
    traffic_cap_mb: run.memory.trafficTotalMib,
    sound: run.sound.sample(),
    video: run.video.sample(),
    input_to_paint: run.metrics.latency(run.memory),
    reconnect: reconnectSample(run.reconnect.facts, run.memory.startedAtMs),
    ticket: ticketSample(run.reconnect.facts),
    notifications: run.news.notifications.entries.map(serializeNotification),
    notifications_dropped: run.news.notifications.dropped,
    screen_lock: run.screenLock.facts,
    channels: run.memory.channels.map((memory) => sampleChannel(run, memory)),
    actors: sampleActors(run),
  };
}

function reconnectSample({ phase, autoReconnectCount }: ReconnectFacts, startedAtMs: number): ReconnectSample {
  const pending = phase.kind === 'pending' ? phase : null;
  return {
    state: phase.kind,
    attempt: pending?.attempt ?? null,
    next_at: pending === null ? null : Math.round(pending.nextAtMs - startedAtMs) / 1000,
    variant: phase.kind === 'held' ? variantNames[phase.variant.kind] : null,
    auto_reconnect_count: autoReconnectCount,
  };
}

function ticketSample({ singleUse, ticketValidUntilMs, ticketRemainingMs }: ReconnectFacts): StatsDocument['ticket'] {
  if (!singleUse && ticketValidUntilMs === null) return null;
  const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms) / 1000);
  return { single_use: singleUse, valid_until: seconds(ticketValidUntilMs), remaining_secs: seconds(ticketRemainingMs) };
}
