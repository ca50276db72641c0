// Session events: the events document of a running session: its record, and one look at what every channel, actor and mailbox publishes at this moment. It
// asks no actor anything, so a session with a frozen one has its document as well.

import { pingBestBase } from '../actors/channel-counters.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import { eventsDocument, type EventRecord, type EventsDocument, type Standing } from '../capture/report/events-document.ts';
import { backlogRows } from './session-backlogs.ts';
import type { ChannelMemory } from './session-memory.ts';
import { sampleChannel, type SampledSession } from './session-sample.ts';

export interface RecordedSession extends SampledSession {
  readonly news: { readonly record: EventRecord };
}

/** `nowMs` is the monotonic clock. */
export function sessionEvents(run: RecordedSession, nowMs: number): EventsDocument {
  return eventsDocument(run.news.record, standingOf(run, nowMs));
}

function standingOf(run: RecordedSession, nowMs: number): Standing {
  const running = run.actors.filter(({ exit }) => exit === null).map(({ handle }) => handle);
  return {
    ts_secs: Math.round(nowMs - run.memory.startedAtMs) / 1000,
    connected: run.connected,
    single_use_ticket: run.reconnect.facts.singleUse,
    channels: run.memory.channels.map((memory) => channelRow(run, memory)),
    actors: run.actors.map(({ id, handle, exit, comesBack, mailboxMax }) => (
      { actor: id, ...actorRow(handle), started_ts_secs: startedSecs(run, id), running: exit === null, comes_back: comesBack, end: exit?.reason.kind ?? null, mailbox_max: mailboxMax }
    )),
    mailboxes: backlogRows(running),
  };
}

/** Of the newest generation. */
function startedSecs(run: RecordedSession, id: string): number | null {
  const started = run.lives(id).at(-1)?.startedMs;
  return started === undefined ? null : Math.round(started - run.memory.startedAtMs) / 1000;
}

function channelRow(run: RecordedSession, memory: ChannelMemory): Readonly<Record<string, unknown>> {
  const counters = run.memory.counters(memory);
  const tap = run.memory.tapCounters(memory);
  const state = run.memory.facts(memory)?.state ?? {};
  const moment = (name: string): number | null => (counters[name] === undefined || counters[name] === 0 ? null : (counters[name] - 1) / 1000);
  return {
    ...sampleChannel(run, memory),
    last_ping_recv_ts_secs: moment('last_ping_recv_ms'),
    first_recv_ts_secs: moment('first_recv_ms'),
    ping_interval_secs: (counters['ping_interval_us'] ?? 0) / 1e6,
    ping_late_ms: (counters['ping_late_us'] ?? 0) / 1000,
    ping_late_max_ms: (counters['ping_late_max_us'] ?? 0) / 1000,
    ping_clock_ms: clockDifferenceMs(counters['ping_best_us'] ?? 0),
    socket_reads: counters['socket_reads'] ?? 0,
    events_dropped: counters['events_dropped'] ?? 0,
    flow: state['flow'] ?? null,
    send_timeout: state['sendTimeout'] ?? null,
    tap_appended: tap.appended,
    tap_delivered: tap.delivered,
  };
}

/** From the server's clock to this side's, at best; the same on all channels of one server, but for the way. Null = not enough PINGs. */
const clockDifferenceMs = (counted: number): number | null => (counted === 0 ? null : (counted - pingBestBase) / 1000);

function actorRow(handle: ChildHandle): Readonly<Record<string, unknown>> {
  const { generation, threadId } = handle;
  const { iterations, handler, blockedOn, blockedCalls, blockedTotalMs, blockedMaxMs, busyTotalMs, busyMaxMs, markAgeMs } = handle.progress.read();
  const { depth, highWater, dropped, oldestAgeMs, deadLetters } = handle.mailbox();
  return {
    generation, thread_id: threadId, iterations, handler, blocked_on: blockedOn, blocked_calls: blockedCalls, blocked_total_ms: blockedTotalMs, blocked_max_ms: blockedMaxMs,
    busy_total_ms: busyTotalMs, busy_max_ms: busyMaxMs,
    mark_age_ms: markAgeMs === null ? null : Math.round(markAgeMs), mailbox_depth: depth, mailbox_high_water: highWater, mailbox_oldest_age_ms: Math.round(oldestAgeMs), dropped, dead_letters: deadLetters,
  };
}
