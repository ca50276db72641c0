// Events document: what happened in a session, as data for `events.json` of a report: who, when, what kind, and the cause in fields that a program can
// decide by. Bounded: the newest events, and for ever the first of those that a reader needs to understand the rest. Pure; it words nothing.

/** What can be in a record. Stable: readers of reports decide by these words. */
export const eventKinds = [
  /** A phase of a channel's link; `linked` is the last. */
  'linkPhase', 'linkFailed', 'connectionLost', 'linksAgain', 'channelUnavailable', 'channelSilent', 'channelHeardAgain',
  'sessionInitialised', 'channelsListed', 'serverDisconnecting', 'serverNotice', 'sessionLost', 'connection',
  'gap', 'screenBlank', 'screenMade', 'screenMarked', 'agent', 'mouseMode', 'playback', 'portOpened', 'eventsDropped',
  'captureWriteFailed', 'captureWriteRecovered', 'captureFellBehind', 'audio', 'video',
  'frozen', 'health', 'clockJumped', 'mainThreadFroze', 'mailboxStuck', 'actorEnded', 'actorFailed', 'actorNotStarted', 'actorStartsAgain', 'screenLock',
] as const;
export type EventKind = (typeof eventKinds)[number];

export type EventFact = string | number | boolean | null | readonly string[];

/** One thing that happened. `facts` depend on the kind; docs/diagnosis.md lists them. */
export interface ReportEvent {
  /** Seconds since the session began. */
  readonly ts_secs: number;
  readonly kind: EventKind;
  /** `display/0`, `writer`, `session`, `main thread`. */
  readonly subject: string;
  /** Of the actor; null where none is meant or known. */
  readonly generation: number | null;
  /** How often it was seen in a row; `last_ts_secs` is when last. */
  readonly count: number;
  readonly last_ts_secs: number;
  readonly facts: Readonly<Record<string, EventFact>>;
}

/** What a producer says. */
export type NewEvent = Pick<ReportEvent, 'kind' | 'subject' | 'generation' | 'facts'>;

export interface EventRecord {
  /** Kept whatever comes after, oldest first: the start of the session, the first link and the first loss of each channel, the first failure of each actor. */
  readonly pinned: readonly ReportEvent[];
  /** Oldest first. */
  readonly newest: readonly ReportEvent[];
  readonly total: number;
  readonly dropped: number;
}

export const newestMax = 500;
export const pinnedMax = 160;
const textCharsMax = 400;
const listMax = 64;

export const emptyEventRecord: EventRecord = { pinned: [], newest: [], total: 0, dropped: 0 };

/** Adds it, or counts it where it stands when the last event was the same. */
export function addEvent(record: EventRecord, given: NewEvent, tsSecs: number): EventRecord {
  const { newest, pinned } = record;
  const ts = Math.round(tsSecs * 1000) / 1000;
  const event: ReportEvent = { ts_secs: ts, kind: given.kind, subject: given.subject, generation: given.generation, count: 1, last_ts_secs: ts, facts: bounded(given.facts) };
  const last = newest.at(-1);
  if (last !== undefined && isSame(last, event)) {
    return { ...record, total: record.total + 1, newest: [...newest.slice(0, -1), { ...last, count: last.count + 1, last_ts_secs: ts }] };
  }
  if (isFirst(event) && pinned.length < pinnedMax && !pinned.some((each) => pinKey(each) === pinKey(event))) {
    return { ...record, total: record.total + 1, pinned: [...pinned, event] };
  }
  const tooMany = Math.max(0, newest.length + 1 - newestMax);
  return { pinned, total: record.total + 1, dropped: record.dropped + tooMany, newest: [...newest.slice(tooMany), event] };
}

/** Every event that is kept, oldest first. */
export function eventsOf({ pinned, newest }: EventRecord): readonly ReportEvent[] {
  return [...pinned, ...newest].toSorted((a, b) => a.ts_secs - b.ts_secs);
}

/** One direction of one mailbox that holds messages. */
export interface MailboxBacklog {
  readonly receiver: string;
  readonly receiver_generation: number;
  readonly sender: string;
  readonly sender_generation: number;
  readonly lane: string;
  /** Messages that wait, and how many there may be. */
  readonly depth: number;
  readonly bound: number;
  readonly oldest_age_ms: number;
  /** Refused since the link was made. */
  readonly dropped: number;
  /** What the receiver is in the middle of, in a word or two. */
  readonly doing: string;
}

/** What is known at the moment of the report beside what happened before: one row for each channel and actor, in the names of the statistics document. */
export interface Standing {
  readonly ts_secs: number;
  readonly connected: boolean;
  readonly single_use_ticket: boolean;
  readonly channels: readonly Readonly<Record<string, unknown>>[];
  readonly actors: readonly Readonly<Record<string, unknown>>[];
  readonly mailboxes: readonly MailboxBacklog[];
}

export interface EventsDocument {
  readonly format: 1;
  readonly events_total: number;
  readonly events_dropped: number;
  readonly events: readonly ReportEvent[];
  readonly standing: Standing;
}

export function eventsDocument(record: EventRecord, standing: Standing): EventsDocument {
  return { format: 1, events_total: record.total, events_dropped: record.dropped, events: eventsOf(record), standing };
}

const pinnedKinds: ReadonlySet<EventKind> = new Set<EventKind>(['sessionInitialised', 'connectionLost', 'linkFailed', 'frozen', 'actorFailed', 'actorStartsAgain', 'mailboxStuck', 'sessionLost', 'captureWriteFailed']);

function isFirst({ kind, facts }: ReportEvent): boolean {
  return pinnedKinds.has(kind) || (kind === 'linkPhase' && facts['phase'] === 'linked');
}

const pinKey = ({ kind, subject }: ReportEvent): string => `${kind} ${subject}`;

function isSame(a: ReportEvent, b: ReportEvent): boolean {
  return a.kind === b.kind && a.subject === b.subject && a.generation === b.generation && JSON.stringify(a.facts) === JSON.stringify(b.facts);
}

/** Peers and errors write long texts. */
function bounded(facts: NewEvent['facts']): NewEvent['facts'] {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'string' ? cut(fact) : isList(fact) ? fact.slice(0, listMax).map(cut) : fact]));
}

const isList = (fact: EventFact): fact is readonly string[] => Array.isArray(fact);
const cut = (text: string): string => text.slice(0, textCharsMax);
