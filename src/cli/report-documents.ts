// Report documents: the JSON members of a report, made of what a session publishes at one moment. It asks no actor, so that a session with a frozen one has its report
// as well; what a document looks like is its builder's.

import type { StackReport } from '../actors/kernel/stack-probe.ts';
import { allChannelStates, channelStateDocument } from '../capture/report/documents/channel-state-document.ts';
import { disconnectCause } from '../capture/report/documents/disconnect-cause.ts';
import { sessionDocument } from '../capture/report/documents/session-document.ts';
import { isInScope, shortName, type ReportKind, type ReportScope } from '../capture/report/report-kind.ts';
import type { MemberName } from '../capture/report/report-members.ts';
import { stacksDocument } from '../capture/report/stacks-document.ts';
import { serializeNotification, type NotificationStore } from '../supervisor/notifications.ts';
import { sessionEvents, type RecordedSession } from './session-events.ts';
import { sampleState, type StateSource, type WrittenFiles } from './session-state.ts';
import type { ReconnectFacts, SessionConnection } from './session-reconnect.ts';
import { sightActors, type SightedSession } from './session-stacks.ts';
import type { ShownSurface } from './shown-surfaces.ts';

/** What a report is made of. */
export interface ReportedSession extends RecordedSession, StateSource {
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
  readonly written: WrittenFiles;
}

export function reportDocuments(session: ReportedSession, { kind, scope, nowMs, sighted, stacks, written }: DocumentOptions): ReportDocuments {
  const state = sampleState(session, written, nowMs);
  const documents = new Map<MemberName, unknown>([
    ['session.json', sessionDocument(state)],
    ['channel-state.json', scope === 'all' ? allChannelStates(state) : channelStateDocument(state, kind.kind === 'disconnect' && isInScope(scope, kind.channel) ? kind.channel : scope)],
    ['notifications.json', session.news.notifications.entries.map(serializeNotification)],
    ['stacks.json', stacksDocument(sightActors(sighted, nowMs, stacks))],
    ['events.json', sessionEvents(session, nowMs)],
  ]);
  if (kind.kind === 'disconnect') documents.set('disconnect-cause.json', disconnectCause(state, { channel: shortName(kind.channel), message: kind.error, kind: kind.loss ?? null }));
  return documents;
}
