// Notifications: what happened to the session, kept for people who look later. Pure: the newest 500, and what is said again within
// 30 s is counted where it stands. Names and numbers are the ancestor's, so its readers understand what is written from here.

export type NotificationSeverity = 'Info' | 'Warn' | 'Error';
export type NotificationVisibility = 'Low' | 'Medium' | 'High';

/** Serialised as it is. `Spice` = the server's NOTIFY on that channel with its number. */
export type NotificationSource =
  | 'Gap'
  | 'BugReport'
  | 'Internal'
  | 'Connection'
  | { readonly Spice: { readonly channel: string; readonly what: number } };

/** What a producer says. */
export interface Notice {
  readonly severity: NotificationSeverity;
  readonly source: NotificationSource;
  readonly message: string;
  readonly visibility: NotificationVisibility | null;
}

export interface Notification extends Notice {
  /** From 1, never used twice. */
  readonly id: number;
  /** When it was said last: unix milliseconds, and monotonic ones for the fold. */
  readonly wallMs: number;
  readonly atMs: number;
  /** How often it was said. */
  readonly count: number;
  readonly read: boolean;
}

export interface NotificationStore {
  /** Oldest first. */
  readonly entries: readonly Notification[];
  readonly nextId: number;
  /** Entries that gave way to newer ones. */
  readonly dropped: number;
}

export const notificationsMax = 500;
export const foldMs = 30_000;
/** A longer message is cut: servers write some of them. */
export const messageCharsMax = 2_000;

export const noNotifications: NotificationStore = { entries: [], nextId: 1, dropped: 0 };

/** Adds it, or counts it where it stands when the same was said within 30 s before. */
export function addNotification(store: NotificationStore, given: Notice, moment: { readonly nowMs: number; readonly wallMs: number }): NotificationStore {
  const notice = { ...given, message: given.message.slice(0, messageCharsMax) };
  const same = store.entries.findLast((entry) => moment.nowMs - entry.atMs < foldMs && isSame(entry, notice));
  const said = { wallMs: moment.wallMs, atMs: moment.nowMs, read: false };
  if (same !== undefined) {
    return { ...store, entries: store.entries.map((entry) => (entry === same ? { ...entry, ...said, count: entry.count + 1 } : entry)) };
  }
  const entries = [...store.entries, { ...notice, ...said, id: store.nextId, count: 1 }];
  const tooMany = Math.max(0, entries.length - notificationsMax);
  return { entries: entries.slice(tooMany), nextId: store.nextId + 1, dropped: store.dropped + tooMany };
}

/** What was said last; one that was folded is not the last of the list. */
export function newestNotification({ entries }: NotificationStore): Notification | undefined {
  return entries.reduce<Notification | undefined>((newest, entry) => (newest === undefined || entry.atMs >= newest.atMs ? entry : newest), undefined);
}

/** People have looked. */
export function markAllRead(store: NotificationStore): NotificationStore {
  return { ...store, entries: store.entries.map((entry) => (entry.read ? entry : { ...entry, read: true })) };
}

/** One entry as the ancestor's readers expect it. */
export interface SerializedNotification {
  readonly id: number;
  readonly when: { readonly secs_since_epoch: number; readonly nanos_since_epoch: number };
  readonly severity: NotificationSeverity;
  readonly source: NotificationSource;
  readonly message: string;
  readonly visibility: NotificationVisibility | null;
  readonly count: number;
  readonly read: boolean;
}

export function serializeNotification({ id, wallMs, severity, source, message, visibility, count, read }: Notification): SerializedNotification {
  const secs = Math.floor(wallMs / 1_000);
  const when = { secs_since_epoch: secs, nanos_since_epoch: Math.floor((wallMs - secs * 1_000) * 1_000_000) };
  return { id, when, severity, source, message, visibility, count, read };
}

function isSame(a: Notice, b: Notice): boolean {
  return a.severity === b.severity && a.message === b.message && a.visibility === b.visibility && sourceKey(a.source) === sourceKey(b.source);
}

const sourceKey = (source: NotificationSource): string => (typeof source === 'string' ? source : `${source.Spice.channel} ${source.Spice.what}`);
