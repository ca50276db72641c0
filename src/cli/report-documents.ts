// Report documents: the JSON members of a report, made of what a session publishes at one moment. It asks no actor, so that a session with a frozen one has its report
// as well; what a document looks like is its builder's.

import type { StackReport } from '../actors/kernel/stack-probe.ts';
import { isInScope, shortName, type ReportKind, type ReportScope } from '../capture/report/report-kind.ts';
import type { MemberName } from '../capture/report/report-members.ts';
import { stacksDocument } from '../capture/report/stacks-document.ts';
import { serializeNotification, type NotificationStore } from '../supervisor/notifications.ts';
import { sessionEvents, type RecordedSession } from './session-events.ts';
import { sampleChannel } from './session-sample.ts';
import type { ReconnectFacts, SessionConnection } from './session-reconnect.ts';
import { sightActors, type SightedSession } from './session-stacks.ts';
import type { ShownSurface } from './shown-surfaces.ts';

/** What a report is made of. */
export interface ReportedSession extends RecordedSession {
  readonly news: RecordedSession['news'] & { readonly notifications: NotificationStore };
  readonly surfaces: readonly ShownSurface[];
  readonly reconnect: { readonly facts: ReconnectFacts; readonly connection: SessionConnection };
}

export type ReportDocuments = ReadonlyMap<MemberName, unknown>;

export interface DocumentOptions {
  readonly kind: ReportKind;
  readonly scope: ReportScope;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  readonly sighted: SightedSession;
  readonly stacks: ReadonlyMap<string, StackReport>;
}

export function reportDocuments(session: ReportedSession, { kind, scope, nowMs, sighted, stacks }: DocumentOptions): ReportDocuments {
  const documents = new Map<MemberName, unknown>([
    ['session.json', sessionDocument(session, nowMs)],
    ['channel-state.json', channelStateDocument(session, scope)],
    ['notifications.json', session.news.notifications.entries.map(serializeNotification)],
    ['stacks.json', stacksDocument(sightActors(sighted, nowMs, stacks))],
    ['events.json', sessionEvents(session, nowMs)],
  ]);
  if (kind.kind === 'disconnect') documents.set('disconnect-cause.json', disconnectCause(session, kind, nowMs));
  return documents;
}

function sessionDocument(session: ReportedSession, nowMs: number): unknown {
  return {
    surfaces: session.surfaces.map(({ surfaceId, width, height }) => ({ surface_id: surfaceId, width, height })),
    connected: session.connected,
    uptime_secs: uptimeSecs(session, nowMs),
    auto_reconnect_count: session.reconnect.facts.autoReconnectCount,
  };
}

function channelStateDocument(session: ReportedSession, scope: ReportScope): unknown {
  const states = session.memory.channels.filter(({ id }) => isInScope(scope, id)).map((memory) => [shortName(memory.id), { ...sampleChannel(session, memory), state: session.memory.facts(memory)?.state ?? null }] as const);
  return scope === 'all' ? Object.fromEntries(states) : (states[0]?.[1] ?? {});
}

function disconnectCause(session: ReportedSession, kind: Extract<ReportKind, { readonly kind: 'disconnect' }>, nowMs: number): unknown {
  const samples = session.memory.channels.map((memory) => sampleChannel(session, memory));
  return {
    channel: shortName(kind.channel),
    error_message: kind.error,
    error_kind: null,
    keepalive_timeout_fired: samples.some(({ keepalive_timeout_fired: fired }) => fired === true),
    session_uptime_secs: uptimeSecs(session, nowMs),
    per_channel: Object.fromEntries(samples.map((sample) => [shortName(sample.channel), {
      bytes_in: sample.bytes_in, bytes_out: sample.bytes_out, last_recv_ts_secs: sample.last_recv_ts_secs, last_send_ts_secs: sample.last_send_ts_secs,
      ping_recv_count: sample.ping_recv_count, pong_send_count: sample.pong_send_count,
      client_keepalive_send_count: sample.client_keepalive_send_count, last_client_keepalive_send_ts_secs: sample.last_client_keepalive_send_ts_secs,
    }])),
  };
}

const uptimeSecs = (session: ReportedSession, nowMs: number): number => Math.round(nowMs - session.memory.startedAtMs) / 1000;
