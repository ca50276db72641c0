/**
 * A connection file (`.vv`, group `[virt-viewer]`) as a connection target and as findings about each key: what was honoured, passed over, unknown, malformed.
 * Bytes in, value out, whatever the bytes are. Reading and deleting the file is connection-source.ts, the forms of values are vv-forms.ts.
 */
import { hostNameProblem, ipv6Problem } from './direct-address.ts';
import { connectionTarget } from './connection-target.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { parseKeyFile, printable, shown, shownKey } from './key-file.ts';
import type { KeyFile, KeyFileError, KeyFileGroup, KeyFileValue } from './key-file.ts';
import { nearestWord } from './nearest-word.ts';
import { VV_FORMS } from './vv-forms.ts';
import type { Form, Reading, ValueOf } from './vv-forms.ts';
import { VV_GROUP, VV_GROUPS, VV_KEYS } from './vv-keys.ts';
import type { VvKey } from './vv-keys.ts';
import { isNewerThanKnown, newerViewerNote } from './vv-versions.ts';

/** The longest value that a finding shows, in characters. */
const SHOWN_CHARS_MAX = 80;

export interface KeyFinding {
  readonly group: string;
  readonly key: string;
  readonly line: number;
  /** `extension` = begins with `x-`, which virt-viewer reserves for producers. */
  readonly use: 'honoured' | 'ignored' | 'extension' | 'unknown';
  /** What the key does here, or why nothing. */
  readonly here: string;
  /** The value, escaped and short; null when it must not be shown. */
  readonly shown: string | null;
}

export interface VvFindings {
  /** In the order of the file. */
  readonly keys: readonly KeyFinding[];
  readonly warnings: readonly KeyFileError[];
}

export type VvFileResult =
  | ({ readonly kind: 'usable'; readonly target: ConnectionTarget } & VvFindings)
  /** At least one fault, first of the file first; those about what is missing have line 0 and stand behind. */
  | ({ readonly kind: 'unusable'; readonly faults: readonly [KeyFileError, ...KeyFileError[]] } & VvFindings);

type Entry = (typeof VV_KEYS)[number];
type VvValues = { readonly [E in Entry as E['name']]: ValueOf<E['form']> };

/** @param nowMs unix milliseconds: a ticket that is over already is not believed. */
export function parseVvFile(bytes: Uint8Array, nowMs: number): VvFileResult {
  const file = parseKeyFile(bytes);
  if (file.kind === 'malformed') return { kind: 'unusable', faults: [{ line: file.line, message: file.message }], keys: [], warnings: [] };
  const group = file.groups.get(VV_GROUP);
  if (group === undefined) return { kind: 'unusable', faults: [{ line: 0, message: missingGroup(file) }], keys: [], warnings: [] };
  const read = readGroup(VV_GROUP, group, VV_KEYS, nowMs);
  // An entry for each key of the table, and of its form's type: that is what readGroup makes.
  const values = Object.fromEntries(read.values) as VvValues;
  const others = [...file.groups].filter(([name]) => name !== VV_GROUP).map(([name, other]) => readGroup(name, other, VV_GROUPS.get(name) ?? null, nowMs));
  // Behind a proxy the host may be a ticket.
  const hostKey = group.has('proxy') ? read.keys.find(({ key }) => key === 'host') : undefined;
  // What is wrong with one value would be wrong again here, in other words.
  const faults = read.faults.length > 0 ? read.faults : faultsTogether(values, group);
  const findings = {
    keys: [read, ...others].flatMap(({ keys }) => keys).map((one) => (one === hostKey ? { ...one, shown: null } : one)).toSorted((a, b) => a.line - b.line),
    warnings: [read, ...others].flatMap(({ warnings }) => warnings).concat(translationWarnings(file), versionWarnings(values, group)).toSorted((a, b) => a.line - b.line),
  };
  const [first, ...rest] = faults.toSorted((a, b) => lastIfNone(a.line) - lastIfNone(b.line));
  return first === undefined ? { kind: 'usable', target: targetOf(values), ...findings } : { kind: 'unusable', faults: [first, ...rest], ...findings };
}

const lastIfNone = (line: number): number => (line === 0 ? Number.POSITIVE_INFINITY : line);

function targetOf(values: VvValues): ConnectionTarget {
  const closed = [...(values['enable-smartcard'] === false ? ['smartcard'] : []), ...(values['enable-usbredir'] === false ? ['usbredir'] : [])];
  return connectionTarget({
    host: values.host,
    port: values.port,
    tlsPort: values['tls-port'],
    unixPath: values['unix-path'],
    password: values.password,
    caPem: values.ca,
    hostSubject: values['host-subject'],
    secureChannels: values['secure-channels'],
    disableChannels: [...new Set([...values['disable-channels'], ...closed])],
    title: values.title,
    singleUse: values['delete-this-file'] === true,
    ticketValidUntilMs: values['ticket-valid-until'],
    proxy: values.proxy,
  });
}

/** What is wrong with values that are right one by one. */
function faultsTogether(values: VvValues, group: KeyFileGroup): KeyFileError[] {
  const faults: KeyFileError[] = [];
  const fault = (key: keyof VvValues, message: string): void => void faults.push({ line: group.get(key)?.line ?? 0, message: `${key}: ${printable(message)}` });
  const missing = (key: keyof VvValues, message: string): void => void faults.push({ line: 0, message: `[${VV_GROUP}] has no ${key}: ${message}` });
  const { host, port, proxy } = values;
  const tlsPort = values['tls-port'];
  if (values.type === null) missing('type', 'it must say type=spice');
  if (values['unix-path'] !== null) {
    if ([host, port, tlsPort, proxy].some((one) => one !== null)) fault('unix-path', 'it excludes host, port, tls-port and proxy');
  } else if (host === null) missing('host', 'neither host nor unix-path is given');
  else {
    // Behind a proxy it is for the proxy to understand: Proxmox writes a ticket there.
    const hostProblem = proxy !== null ? null : host.includes(':') ? ipv6Problem(host) : hostNameProblem(host);
    if (hostProblem !== null) fault('host', hostProblem);
    if (port === null && tlsPort === null) missing('port', 'neither port nor tls-port is given');
  }
  if (values['secure-channels'].length > 0 && tlsPort === null) fault('secure-channels', 'TLS is asked for and there is no tls-port');
  return faults;
}

function versionWarnings(values: VvValues, group: KeyFileGroup): KeyFileError[] {
  const note = newerViewerNote(values.version, values.versions, values['newer-version-url']);
  if (note === null) return [];
  const key = values.version !== null && isNewerThanKnown(values.version) ? 'version' : 'versions';
  return [{ line: group.get(key)?.line ?? 0, message: `${key}: ${note}` }];
}

function translationWarnings({ translations }: KeyFile): KeyFileError[] {
  return translations
    .filter(({ group }) => VV_GROUPS.has(group))
    .map(({ key, locale, line }) => ({ line, message: `${shownKey(key)}[${shown(locale)}]: a translation, and keys of a connection file have none; it is passed over` }));
}

function missingGroup(file: KeyFile): string {
  const nearest = [...file.groups.keys()].find((name) => nearestWord(name, [VV_GROUP]) !== null);
  return `no [${VV_GROUP}] group: not a connection file${nearest === undefined ? '' : `; is [${shown(nearest)}] meant to be it?`}`;
}

interface GroupReading {
  /** One for each key of the table. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly keys: KeyFinding[];
  readonly warnings: KeyFileError[];
  readonly faults: KeyFileError[];
}

/** @param table null = nobody knows the group: its keys are named, and nothing is said of each. */
function readGroup(name: string, group: KeyFileGroup, table: readonly VvKey[] | null, nowMs: number): GroupReading {
  const reading = { values: new Map<string, unknown>(), keys: [] as KeyFinding[], warnings: [] as KeyFileError[], faults: [] as KeyFileError[] };
  for (const entry of table ?? []) {
    const form: Form<unknown> = VV_FORMS[entry.form];
    reading.values.set(entry.name, form.absent);
    const written = group.get(entry.name);
    if (written === undefined) continue;
    const { line, replacedLine } = written;
    const say = (to: KeyFileError[], message: string): void => void to.push({ line, message: `${entry.name}: ${printable(message)}` });
    if (replacedLine !== null) say(reading.warnings, `given in line ${replacedLine}, too; this one, the last, counts`);
    const read = form.read(written, nowMs);
    if (read.ok) {
      reading.values.set(entry.name, read.value);
      if (read.note !== undefined) say(reading.warnings, read.note);
    } else if (form.malformed === 'refused') say(reading.faults, read.wrong);
    else say(reading.warnings, `${read.wrong}; it counts as not given`);
    reading.keys.push({ group: name, key: entry.name, line, use: entry.use, here: entry.here, shown: shownValue(entry, written, read) });
  }
  for (const [key, { line }] of group) {
    if (reading.values.has(key)) continue;
    const { use, here } = strangeKey(key, table);
    reading.keys.push({ group: name, key: shownKey(key), line, use, here, shown: null });
    if (use === 'unknown' && table !== null) reading.warnings.push({ line, message: `"${shownKey(key)}": ${here}` });
  }
  return reading;
}

function strangeKey(key: string, table: readonly VvKey[] | null): Pick<KeyFinding, 'use' | 'here'> {
  if (key.startsWith('x-')) return { use: 'extension', here: 'an extension of whoever wrote the file; passed over' };
  if (table === null) return { use: 'unknown', here: 'its group is none of a connection file; passed over' };
  const word = key.replace(/^[;\s]+/, '');
  const nearest = nearestWord(word, table.map((entry) => entry.name));
  if (key.startsWith(';')) return { use: 'unknown', here: 'passed over; a comment starts with #, not with ;' };
  return { use: 'unknown', here: `no key of a connection file${nearest === null ? '' : `; did you mean ${nearest}?`}` };
}

/** What a person may see of a value: never what opens something. */
function shownValue(entry: VvKey, written: KeyFileValue, read: Reading<unknown>): string | null {
  if (entry.secret === true) return null;
  if (entry.form === 'ca') return read.ok ? '(PEM)' : null;
  return shown(written.raw, SHOWN_CHARS_MAX);
}
