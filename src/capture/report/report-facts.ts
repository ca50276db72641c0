// Report facts: what a report says, read from its members as tolerantly as can be: the members of this program, those of the ancestor, which have no events,
// and anything that somebody has edited. A member is a claim: what has not the type that it should have is taken for missing. Pure.

import { eventKinds, type EventFact, type EventKind, type MailboxBacklog, type ReportEvent } from './events-document.ts';

/** One channel when the report was made. Moments and ages are in seconds since the session began; null = never, or not told. */
export interface ChannelFacts {
  readonly id: string;
  readonly state: string | null;
  readonly generation: number | null;
  readonly bytesIn: number | null;
  readonly messagesIn: number | null;
  readonly socketReads: number | null;
  readonly pings: number | null;
  readonly pongs: number | null;
  readonly lastPingSecs: number | null;
  readonly pingIntervalSecs: number | null;
  readonly pingLateMaxMs: number | null;
  /** From the server's clock to this side's, by the earliest PING. */
  readonly pingClockMs: number | null;
  readonly lastRecvSecs: number | null;
  readonly lastSendSecs: number | null;
  readonly firstRecvSecs: number | null;
  readonly keepaliveTimeoutFired: boolean | null;
  readonly eventsDropped: number | null;
  readonly writerDropped: number | null;
  readonly draws: number | null;
  /** Of flow control: the window, and messages until the next ACK is owed. */
  readonly ackWindow: number | null;
  readonly ackLeft: number | null;
  /** Of the newest generation. */
  readonly startedSecs: number | null;
  readonly linkedSecs: number | null;
  /** The last send to another actor for which there was no room. */
  readonly sendTimeout: { readonly from: string; readonly to: string; readonly lane: string; readonly depth: number; readonly oldestAgeMs: number } | null;
}

export interface ActorFacts {
  readonly id: string;
  readonly generation: number | null;
  readonly running: boolean;
  readonly handler: string | null;
  readonly blockedOn: string | null;
  readonly blockedCalls: number;
  readonly blockedTotalMs: number;
  readonly blockedMaxMs: number;
  readonly markAgeMs: number | null;
  /** Of its newest generation. */
  readonly startedSecs: number | null;
  readonly busyTotalMs: number;
  readonly busyMaxMs: number;
}

export interface ThreadFacts {
  readonly name: string;
  readonly cpuPercent: number;
}

/** `disconnect-cause.json`. */
export interface DisconnectFacts {
  readonly channel: string;
  readonly message: string;
  readonly kind: string | null;
}

export interface ReportFacts {
  /** From `metadata.json`; null = there is none. `channel` is the channel that the report is about. */
  readonly type: string | null;
  readonly channel: string | null;
  /** Who made it of what and when, in its own words. */
  readonly about: { readonly version: string | null; readonly target: string | null; readonly description: string | null; readonly timestamp: string | null };
  /** When the report was made, in seconds since the session began. */
  readonly uptimeSecs: number | null;
  readonly connected: boolean | null;
  readonly singleUseTicket: boolean;
  /** Oldest first; none in a report of the ancestor's. */
  readonly events: readonly ReportEvent[];
  readonly hasEvents: boolean;
  readonly channels: ReadonlyMap<string, ChannelFacts>;
  readonly actors: readonly ActorFacts[];
  readonly mailboxes: readonly MailboxBacklog[];
  readonly threads: readonly ThreadFacts[];
  readonly disconnect: DisconnectFacts | null;
  /** Members that are there and cannot be read. */
  readonly unreadable: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** The ancestor's channels have no number: each was the only one of its kind. */
const ancestorChannels = ['main', 'display', 'inputs', 'cursor', 'playback', 'usbredir', 'webdav'] as const;

/** @param members the texts of the report's JSON members by name */
export function readReportFacts(members: ReadonlyMap<string, string>): ReportFacts {
  const unreadable: string[] = [];
  const read = (name: string): Json => {
    const text = members.get(name);
    if (text === undefined) return {};
    const value = parse(text);
    if (value === null) unreadable.push(name);
    return value ?? {};
  };
  const metadata = read('metadata.json');
  const session = read('session.json');
  const document = read('events.json');
  const cause = read('disconnect-cause.json');
  const metrics = read('runtime-metrics.json');
  const standing = objectOf(document['standing']);
  const channels = new Map<string, ChannelFacts>();
  for (const [name, row] of Object.entries(objectOf(cause['per_channel']))) if (isObject(row)) channels.set(channelId(name), channelOf(channelId(name), row));
  for (const row of listOf(standing['channels']).filter(isObject)) {
    const id = textOf(row['channel']);
    if (id !== null) channels.set(id, channelOf(id, row));
  }
  const main = channels.get('main/0');
  const fired = cause['keepalive_timeout_fired'];
  if (main !== undefined && main.keepaliveTimeoutFired === null && typeof fired === 'boolean') channels.set('main/0', { ...main, keepaliveTimeoutFired: fired });
  return {
    type: reportType(metadata['report_type']),
    channel: textOf(metadata['channel']),
    about: { version: textOf(metadata['ryll_version']), target: targetOf(metadata), description: textOf(metadata['description']), timestamp: textOf(metadata['timestamp']) },
    uptimeSecs: numberOf(standing['ts_secs']) ?? numberOf(cause['session_uptime_secs']) ?? numberOf(metadata['session_uptime_secs']) ?? numberOf(session['uptime_secs']),
    connected: flagOf(standing['connected']) ?? flagOf(session['connected']),
    singleUseTicket: standing['single_use_ticket'] === true,
    events: listOf(document['events']).flatMap(eventOf),
    hasEvents: members.has('events.json') && !unreadable.includes('events.json'),
    channels,
    actors: listOf(standing['actors']).filter(isObject).flatMap(actorOf),
    mailboxes: listOf(standing['mailboxes']).filter(isObject).flatMap(mailboxOf),
    threads: listOf(metrics['threads']).filter(isObject).flatMap(threadOf),
    disconnect: disconnectOf(cause),
    unreadable,
  };
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `"Display"`, or `{"Disconnect":{…}}`. */
function reportType(value: unknown): string | null {
  return typeof value === 'string' ? value : isObject(value) ? (Object.keys(value)[0] ?? null) : null;
}

/** Older builds of the ancestor write host and port by themselves. */
function targetOf(metadata: Json): string | null {
  const host = textOf(metadata['target_host']);
  return textOf(metadata['target']) ?? (host === null ? null : `${host}:${numberOf(metadata['target_port']) ?? '?'}`);
}

const channelId = (name: string): string => (ancestorChannels.some((known) => known === name) ? `${name}/0` : name);

function disconnectOf(cause: Json): DisconnectFacts | null {
  const channel = textOf(cause['channel']);
  return channel === null ? null : { channel: channelId(channel), message: textOf(cause['error_message']) ?? '', kind: textOf(cause['error_kind']) };
}

const knownKinds: ReadonlySet<string> = new Set(eventKinds);

function eventOf(value: unknown): ReportEvent[] {
  if (!isObject(value)) return [];
  const [kind, subject, at] = [textOf(value['kind']), textOf(value['subject']), numberOf(value['ts_secs'])];
  // A newer program may know kinds that this one does not.
  if (kind === null || !isKind(kind) || subject === null || at === null) return [];
  const facts = Object.fromEntries(Object.entries(objectOf(value['facts'])).filter((pair): pair is [string, EventFact] => isFact(pair[1])));
  return [{ kind, subject, ts_secs: at, generation: numberOf(value['generation']), count: numberOf(value['count']) ?? 1, last_ts_secs: numberOf(value['last_ts_secs']) ?? at, facts }];
}

const isKind = (kind: string): kind is EventKind => knownKinds.has(kind);

function isFact(value: unknown): value is EventFact {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || numberOf(value) !== null || (Array.isArray(value) && value.every((each) => typeof each === 'string'));
}

function channelOf(id: string, row: Json): ChannelFacts {
  const number = (name: string): number | null => numberOf(row[name]);
  const flow = objectOf(row['flow']);
  const newest = objectOf(listOf(row['lives']).at(-1));
  return {
    id,
    state: textOf(row['state']),
    generation: number('generation'),
    bytesIn: number('bytes_in'),
    messagesIn: number('messages_in'),
    socketReads: number('socket_reads'),
    pings: number('ping_recv_count'),
    pongs: number('pong_send_count'),
    lastPingSecs: number('last_ping_recv_ts_secs'),
    pingIntervalSecs: number('ping_interval_secs'),
    pingLateMaxMs: number('ping_late_max_ms'),
    pingClockMs: number('ping_clock_ms'),
    lastRecvSecs: number('last_recv_ts_secs'),
    lastSendSecs: number('last_send_ts_secs'),
    firstRecvSecs: number('first_recv_ts_secs'),
    keepaliveTimeoutFired: flagOf(row['keepalive_timeout_fired']),
    eventsDropped: number('events_dropped'),
    writerDropped: number('writer_dropped_count'),
    draws: number('draws'),
    ackWindow: numberOf(flow['ackWindow']),
    ackLeft: numberOf(flow['left']),
    startedSecs: numberOf(newest['started_ts_secs']),
    linkedSecs: numberOf(newest['linked_ts_secs']),
    sendTimeout: sendTimeoutOf(row['send_timeout']),
  };
}

function sendTimeoutOf(value: unknown): ChannelFacts['sendTimeout'] {
  if (!isObject(value)) return null;
  const [from, to, lane, depth, oldestAgeMs] = [textOf(value['from']), textOf(value['to']), textOf(value['lane']), numberOf(value['depth']), numberOf(value['oldestAgeMs'])];
  return from === null || to === null || lane === null || depth === null ? null : { from, to, lane, depth, oldestAgeMs: oldestAgeMs ?? 0 };
}

function actorOf(row: Json): ActorFacts[] {
  const id = textOf(row['actor']);
  if (id === null) return [];
  return [{
    id,
    generation: numberOf(row['generation']),
    running: row['running'] === true,
    handler: textOf(row['handler']),
    blockedOn: textOf(row['blocked_on']),
    blockedCalls: numberOf(row['blocked_calls']) ?? 0,
    blockedTotalMs: numberOf(row['blocked_total_ms']) ?? 0,
    blockedMaxMs: numberOf(row['blocked_max_ms']) ?? 0,
    markAgeMs: numberOf(row['mark_age_ms']),
    startedSecs: numberOf(row['started_ts_secs']),
    busyTotalMs: numberOf(row['busy_total_ms']) ?? 0,
    busyMaxMs: numberOf(row['busy_max_ms']) ?? 0,
  }];
}

function mailboxOf(row: Json): MailboxBacklog[] {
  const [receiver, sender, lane, depth, bound] = [textOf(row['receiver']), textOf(row['sender']), textOf(row['lane']), numberOf(row['depth']), numberOf(row['bound'])];
  if (receiver === null || sender === null || lane === null || depth === null || bound === null) return [];
  const number = (name: string): number => numberOf(row[name]) ?? 0;
  return [{
    receiver, sender, lane, depth, bound, receiver_generation: number('receiver_generation'), sender_generation: number('sender_generation'), oldest_age_ms: number('oldest_age_ms'),
    dropped: number('dropped'), doing: textOf(row['doing']) ?? 'unknown',
  }];
}

function threadOf(row: Json): ThreadFacts[] {
  const [name, cpuPercent] = [textOf(row['name']), numberOf(row['cpu_percent'])];
  return name === null || cpuPercent === null ? [] : [{ name, cpuPercent }];
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
