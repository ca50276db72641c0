// Report event: a happening as data for the event record of a report: the fields by which a cause can be told from another. The sentences about
// the same happenings are happening.ts's. No ticket, no key and no clipboard is in any happening, so none can come into the record. Pure.

import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import type { StackReport } from '../actors/kernel/stack-probe.ts';
import { placeOf, stackLines } from '../actors/kernel/stack-text.ts';
import type { EventFact, NewEvent } from '../capture/report/events-document.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import { channelName } from '../protocol/constants.ts';
import type { ChannelEvent, ConnectionLoss } from '../protocol/events.ts';
import { lossOfConnection, lossOfLink } from '../protocol/loss-kind.ts';
import type { Health } from '../supervisor/health.ts';
import type { WatchdogEvent } from '../supervisor/watchdog.ts';
import type { Happening } from './happening.ts';
import type { SessionOutcome } from './session-outcome.ts';

type Facts = Readonly<Record<string, EventFact>>;

const firstBytesMax = 16;
const stackLinesMax = 12;

/** How a channel's connection stood: since its last byte either way, in milliseconds (null = there was none), and of flow control, with messages of all generations. */
export interface ChannelTraffic {
  readonly receivedMsAgo: number | null;
  readonly sentMsAgo: number | null;
  readonly messagesIn: number;
  readonly ackWindow: number | null;
  readonly ackLeft: number | null;
}

/** What a happening does not say itself, of the moment at which it is noted. */
export interface EventSurroundings {
  /** Of the actor as it is now; null when there is none. */
  readonly generationOf: (id: string) => number | null;
  /** Null for what is no channel. */
  readonly trafficOf: (channel: string) => ChannelTraffic | null;
}

/** Null for what no cause follows from. */
export function reportEventOf(happening: Happening, { generationOf, trafficOf }: EventSurroundings): NewEvent | null {
  const about = (subject: string, kind: NewEvent['kind'], facts: Facts, generation: number | null = generationOf(subject)): NewEvent => ({ kind, subject, generation, facts });
  switch (happening.kind) {
    case 'connectionNews':
      return about('session', 'connection', { severity: happening.notice.severity, text: happening.notice.message });
    case 'channelEvent': {
      const { channel, event } = happening;
      const said = ofChannel(event);
      if (said === null) return null;
      const [kind, facts] = said;
      if (kind !== 'connectionLost') return about(channel, kind, facts);
      const { receivedMsAgo = null, sentMsAgo = null, messagesIn = null, ackWindow = null, ackLeft = null } = trafficOf(channel) ?? {};
      return about(channel, kind, { ...facts, received_ms_ago: receivedMsAgo, sent_ms_ago: sentMsAgo, messages_in: messagesIn, ack_window: ackWindow, ack_left: ackLeft });
    }
    case 'channelLinksAgain':
      return about(happening.channel, 'linksAgain', { wait_ms: Math.round(happening.waitMs) });
    case 'channelUnavailable':
      return about(happening.channel, 'channelUnavailable', linkFacts(happening.failure));
    case 'channelSilent':
      return about(happening.channel, 'channelSilent', { silent_ms: Math.round(happening.silentMs), usual_ms: Math.round(happening.usualMs) });
    case 'channelHeardAgain':
      return about(happening.channel, 'channelHeardAgain', {});
    case 'screenBlank':
      return about('display', 'screenBlank', { blank_ms: Math.round(happening.blankMs) });
    case 'eventsDropped':
      return about('session', 'eventsDropped', {});
    case 'captureNews': {
      const { kind, ...facts } = happening.news;
      return about('writer', kind, facts);
    }
    case 'audioNews':
      return about('audio', 'audio', { what: happening.news.kind });
    case 'videoNews':
      return about('video', 'video', { what: happening.news.kind });
    case 'watchdogNews':
      return ofWatchdog(happening.news);
    case 'mainThreadFroze': {
      const { silentMs, place } = happening.freeze;
      return about('main thread', 'mainThreadFroze', { silent_ms: Math.round(silentMs), place });
    }
    case 'mailboxStuck': {
      const { receiver, receiverGeneration, sender, senderGeneration, lane, depth, bound, oldestAgeMs, dropped, doing } = happening.mailbox;
      return about(receiver, 'mailboxStuck', { sender, sender_generation: senderGeneration, lane, depth, bound, oldest_age_ms: Math.round(oldestAgeMs), dropped, doing }, receiverGeneration);
    }
    case 'actorEnded': {
      const { id, generation, reason, abandoned } = happening.exit;
      if (isOrdinaryEnd(reason) && !abandoned) return null;
      return about(id, 'actorEnded', { ...reasonFacts(reason), abandoned }, generation);
    }
    case 'actorStartsAgain': {
      const { restart, generation } = happening;
      return about(restart.id, 'actorStartsAgain', { ...reasonFacts(restart.reason), wait_ms: Math.round(restart.waitMs), budget: restart.budget }, generation);
    }
    case 'actorFailed':
      return about(happening.id, 'actorFailed', { message: happening.message }, happening.generation);
    case 'actorNotStarted':
      return about(happening.id, 'actorNotStarted', { message: happening.message });
    case 'sessionLost':
      return about('session', 'sessionLost', outcomeFacts(happening.outcome));
    case 'screenLockChanged':
      return about('screen lock', 'screenLock', { locked: happening.locked });
    // The first is followed by the link itself, the second by the surface, the others by nothing.
    case 'channelLinkedAgain':
    case 'resolutionChanged':
    case 'screenLockLost':
    case 'reportNews':
      return null;
  }
}

function ofChannel(event: ChannelEvent): [NewEvent['kind'], Facts] | null {
  switch (event.kind) {
    case 'linkPhaseChanged':
      return ['linkPhase', { phase: event.phase, secure: event.secure }];
    case 'linkFailed':
      return ['linkFailed', linkFacts(event.failure)];
    case 'connectionLost':
      return ['connectionLost', lossFacts(event.cause)];
    case 'sessionInitialised':
      return ['sessionInitialised', { session_id: event.sessionId }];
    case 'channelsListed':
      return ['channelsListed', { channels: event.channels.map(({ type, id }) => `${channelName(type)}/${id}`) }];
    case 'serverDisconnecting':
      return ['serverDisconnecting', { reason: event.reason }];
    case 'notified':
      return ['serverNotice', { severity: event.severity, what: event.what, text: event.text }];
    case 'gapSeen':
      return ['gap', { key: event.gap.key, detail: event.gap.detail }];
    case 'surfaceCreated':
      return ['screenMade', { surface: event.surfaceId, width: event.width, height: event.height }];
    case 'surfaceMarked':
      return ['screenMarked', {}];
    case 'agentChanged':
      return ['agent', { connected: event.connected }];
    case 'mouseModeChanged':
      return ['mouseMode', { mode: event.current }];
    case 'playbackChanged':
      return ['playback', { playing: event.playing }];
    case 'portOpened':
      return ['portOpened', { name: event.name, opened: event.opened }];
    case 'peerCertified':
    case 'serverNamed':
    case 'serverIdentified':
    case 'surfaceDestroyed':
    case 'headsConfigured':
    case 'serialReached':
      return null;
  }
}

const blocked: ReadonlySet<Health> = new Set<Health>(['blockedOnDisk', 'blockedOnOutput']);

function ofWatchdog(news: WatchdogEvent): NewEvent | null {
  switch (news.kind) {
    case 'frozen': {
      const { id, generation, silentMs, progress, mailbox, stack, outcome } = news.evidence;
      return {
        kind: 'frozen', subject: id, generation,
        facts: {
          silent_ms: Math.round(silentMs), handler: progress.handler, blocked_on: progress.blockedOn, mailbox_depth: mailbox.depth, oldest_age_ms: Math.round(mailbox.oldestAgeMs), outcome,
          ...stackFacts(stack),
        },
      };
    }
    case 'healthChanged': {
      const { verdict, before } = news;
      // From work to rest and back is every actor's life.
      if (!blocked.has(verdict.health) && !blocked.has(before)) return null;
      return { kind: 'health', subject: verdict.id, generation: verdict.generation, facts: { health: verdict.health, before, silent_ms: Math.round(verdict.silentMs) } };
    }
    case 'clockJumped':
      return { kind: 'clockJumped', subject: 'watchdog', generation: null, facts: { by_ms: Math.round(news.byMs) } };
  }
}

function stackFacts(stack: StackReport): Facts {
  const { state = null, systemCall = null } = stack.kind === 'native' || stack.kind === 'stack' ? (stack.osThread ?? {}) : {};
  return { stack_kind: stack.kind, place: placeOf(stack), stack: stackLines(stack).slice(0, stackLinesMax), thread_state: state, system_call: systemCall };
}

function lossFacts(cause: ConnectionLoss): Facts {
  return { loss: lossOfConnection(cause).kind, socket: cause.kind, message: cause.message, code: cause.code };
}

function linkFacts(failure: LinkFailure): Facts {
  const { kind: loss, detail } = lossOfLink(failure);
  const common = { loss, failure: failure.kind, message: detail };
  switch (failure.kind) {
    case 'connection':
      return { ...common, phase: failure.phase, secure: failure.secure, socket: failure.cause.kind, code: failure.cause.code, partial_bytes: failure.partialBytes ?? 0 };
    case 'deadline':
      return { ...common, phase: failure.phase, secure: failure.secure, waited_ms: failure.waitedMs };
    case 'noEndpoint':
      return { ...common, wanted: failure.wanted };
    case 'handshake': {
      const { error } = failure;
      const handshake = { ...common, phase: failure.phase, secure: failure.secure, error: error.kind };
      switch (error.kind) {
        case 'refused':
          return { ...handshake, refusal: error.name, code: error.code };
        case 'notSpice':
          return { ...handshake, first_bytes: printable(error.firstBytes) };
        case 'version':
          return { ...handshake, version: `${error.major}.${error.minor}` };
        case 'malformed':
        case 'saslOnly':
        case 'closedEarly':
          return handshake;
      }
    }
  }
}

/** What answered, as far as it is text. */
function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, firstBytesMax).map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)));
}

function reasonFacts(reason: ExitReason): Facts {
  switch (reason.kind) {
    case 'failed':
      return { end: 'failed', error: reason.error.name, message: reason.error.message, code: reason.error.code, stack: reason.error.stack.split('\n').slice(0, stackLinesMax) };
    case 'downstreamClosed':
      return { end: 'downstreamClosed', message: reason.detail };
    case 'normal':
    case 'shutdown':
    case 'killed':
    case 'frozen':
      return { end: reason.kind };
  }
}

function outcomeFacts(outcome: SessionOutcome): Facts {
  switch (outcome.kind) {
    case 'connectFailed':
      return { outcome: outcome.kind, channel: 'main/0', ...linkFacts(outcome.failure) };
    case 'mainLost':
      return { outcome: outcome.kind, channel: 'main/0', ...lossFacts(outcome.cause), server_reason: outcome.serverReason };
    case 'mainCrashed':
      return { outcome: outcome.kind, channel: 'main/0', ...reasonFacts(outcome.reason) };
    case 'relinkRefused':
      return { outcome: outcome.kind, channel: outcome.channel, ...linkFacts(outcome.failure) };
    case 'gaveUp':
      return { outcome: outcome.kind, channel: outcome.escalation.child, supervisor: outcome.escalation.supervisor, spent: outcome.escalation.spent, ...reasonFacts(outcome.escalation.reason) };
    case 'held':
      return { outcome: outcome.kind, variant: outcome.variant.kind, ...(outcome.cause === null ? {} : { cause: outcome.cause.kind }) };
  }
}

/** An end that says nothing: it was asked for, or what it followed from has an event of its own. */
function isOrdinaryEnd(reason: ExitReason): boolean {
  return reason.kind === 'normal' || reason.kind === 'shutdown' || reason.kind === 'downstreamClosed';
}
