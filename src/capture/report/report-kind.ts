// Report kind: why there is a report, and what follows from that: its name, its folder, what it says of itself, whose traffic and state are in it. One place for
// all kinds, in the ancestor's names, so that its readers find what they look for. Pure.

/** Of a report that a person asks for. Stable words: they are in files and on the command line. */
export const manualTypes = ['Display', 'Input', 'Cursor', 'Connection', 'Usb', 'Audio'] as const;
export type ManualType = (typeof manualTypes)[number];

/** `AtFire`: with what was known when it was said. `PostEventOnly`: that has expired, so with what is known now. */
export type SnapshotState = 'AtFire' | 'PostEventOnly';

export type ReportKind =
  | { readonly kind: 'manual'; readonly type: ManualType; readonly description: string }
  | { readonly kind: 'pedantic'; readonly gapKey: string }
  /** `channel`: `display/0`, or `connect` when there never was a session. */
  | { readonly kind: 'disconnect'; readonly channel: string; readonly error: string; /** A kind of loss (protocol/loss-kind.ts). */ readonly loss?: string }
  | { readonly kind: 'notification'; readonly id: number; readonly state: SnapshotState; readonly severity: string; readonly message: string }
  | { readonly kind: 'autoSnapshot' }
  /** An actor that made no progress, or whose mailbox nobody reads. */
  | { readonly kind: 'frozenActor'; readonly actor: string; readonly detail: string }
  /** An actor that failed and is no channel: of a channel it is a disconnect. */
  | { readonly kind: 'failedActor'; readonly actor: string; readonly error: string };

/** Whose traffic and state are in a report: one kind of channel, or all. */
export type ReportScope = 'main' | 'display' | 'inputs' | 'cursor' | 'playback' | 'record' | 'usbredir' | 'webdav' | 'port' | 'smartcard' | 'all';

const manualScopes: Readonly<Record<ManualType, ReportScope>> = { Display: 'display', Input: 'inputs', Cursor: 'cursor', Connection: 'main', Usb: 'usbredir', Audio: 'playback' };
const channelScopes: ReadonlySet<string> = new Set(['main', 'display', 'inputs', 'cursor', 'playback', 'record', 'usbredir', 'webdav', 'port', 'smartcard'] satisfies ReportScope[]);
const isScope = (name: string): name is ReportScope => channelScopes.has(name);

/** Whose state is at the top of channel-state.json, and `channel` of the metadata. */
export function stateScopeOf(kind: ReportKind): ReportScope {
  switch (kind.kind) {
    case 'manual':
      return manualScopes[kind.type];
    case 'pedantic': {
      const [first = ''] = kind.gapKey.split(':');
      return isScope(first) ? first : 'display';
    }
    case 'disconnect': {
      const [name = ''] = kind.channel.split('/');
      return isScope(name) ? name : 'main';
    }
    case 'notification':
      return 'main';
    case 'frozenActor':
    case 'failedActor': {
      const [name = ''] = kind.actor.split('/');
      return isScope(name) ? name : 'all';
    }
    case 'autoSnapshot':
      return 'all';
  }
}

/** Whose traffic is in traffic.pcap. What took a channel is often seen on another, so reports of losses have all. */
export function trafficScopeOf(kind: ReportKind): ReportScope {
  return kind.kind === 'manual' || kind.kind === 'pedantic' ? stateScopeOf(kind) : 'all';
}

/** `display/0` of `display`; everything of `all`. */
export function isInScope(scope: ReportScope, channel: string): boolean {
  return scope === 'all' || channel.split('/', 1)[0] === scope;
}

/** As the ancestor's serializer writes it: a word, or an object with one. */
export function reportTypeOf(kind: ReportKind): string | Readonly<Record<string, unknown>> {
  switch (kind.kind) {
    case 'manual':
      return kind.type;
    case 'pedantic':
      return { Pedantic: { gap_key: kind.gapKey } };
    case 'disconnect':
      return { Disconnect: { channel: shortName(kind.channel) } };
    case 'notification':
      return { Notification: { notification_id: kind.id, snapshot_state: kind.state } };
    case 'autoSnapshot':
      return 'AutoSnapshot';
    case 'frozenActor':
      return { FrozenActor: { actor: kind.actor } };
    case 'failedActor':
      return { FailedActor: { actor: kind.actor } };
  }
}

export function descriptionOf(kind: ReportKind, uptimeSecs: number): string {
  switch (kind.kind) {
    case 'manual':
      return kind.description;
    case 'pedantic':
      return `pedantic: ${kind.gapKey}`;
    case 'disconnect':
      return `auto: connection lost on ${shortName(kind.channel)} (${kind.error})`;
    case 'notification':
      return `notification: [${kind.severity.toLowerCase()}] ${kind.message}`;
    case 'autoSnapshot':
      return `auto-snapshot T+${uptimeSecs.toFixed(1)}s`;
    case 'frozenActor':
      return `auto: ${kind.actor} is frozen (${kind.detail})`;
    case 'failedActor':
      return `auto: ${kind.actor} failed (${kind.error})`;
  }
}

/** The ancestor knows one channel of a kind and calls it by the kind: `display/0` is `display`, `display/1` stays. */
export function shortName(channel: string): string {
  return channel.endsWith('/0') ? channel.slice(0, -2) : channel;
}

/** For a file's name: `:`, `/`, `\` and space become `-`, anything else that is unusual `_`. */
export function safeName(text: string): string {
  return text.replace(/[:/\\ ]/g, '-').replace(/[^A-Za-z0-9_.-]/gu, '_').slice(0, safeCharsMax);
}
const safeCharsMax = 120;

/** `2026-05-18T20-37-42Z`. */
function fileStamp(wallMs: number): string {
  return isoSeconds(wallMs).replaceAll(':', '-');
}

/** `2026-05-18T20:37:42Z`. */
export function isoSeconds(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** Without a folder. Two of a second have the same: whoever writes it adds `-2`. */
export function fileNameOf(kind: ReportKind, wallMs: number, uptimeSecs: number): string {
  const stamp = fileStamp(wallMs);
  switch (kind.kind) {
    case 'manual':
      return `ryll-bugreport-${stamp}.zip`;
    case 'pedantic':
      return `ryll-pedantic-${safeName(kind.gapKey)}-${stamp}.zip`;
    case 'disconnect':
      return `ryll-disconnect-${safeName(shortName(kind.channel))}-${stamp}.zip`;
    case 'notification':
      return `ryll-notification-${kind.id}-${kind.state === 'AtFire' ? 'atfire' : 'postevent'}-${stamp}.zip`;
    case 'autoSnapshot':
      return `ryll-auto-snapshot-${stamp}-T+${uptimeSecs.toFixed(1)}s.zip`;
    case 'frozenActor':
      return `ryll-frozen-actor-${safeName(shortName(kind.actor))}-${stamp}.zip`;
    case 'failedActor':
      return `ryll-failed-actor-${safeName(shortName(kind.actor))}-${stamp}.zip`;
  }
}

/** Where reports go: what the command line says. */
export interface ReportFolders {
  readonly bugReportDir: string | null;
  readonly pedanticDir: string | null;
  readonly captureFolder: string | null;
}

export function folderOf(kind: ReportKind['kind'], { bugReportDir, pedanticDir, captureFolder }: ReportFolders): string {
  if (kind === 'pedantic') return pedanticDir ?? bugReportDir ?? 'ryll-pedantic-reports';
  const base = bugReportDir ?? (captureFolder === null ? '.' : `${captureFolder}/bug-reports`);
  return kind === 'autoSnapshot' ? `${base}/auto-snapshots` : base;
}
