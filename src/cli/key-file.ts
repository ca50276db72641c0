/**
 * Reads GLib's key file format, in which connection files are written: groups, keys, comments, escapes. It is not an INI reader: `;` and `#` inside a value
 * belong to it, which passwords and certificate subjects need. Every complaint has a line.
 */

/** The largest file that is read, in bytes. Real ones stay under 10 KiB, most of it the CA. */
export const KEY_FILE_BYTES_MAX = 1024 * 1024;

export interface KeyFileValue {
  /** As written, escapes untouched. */
  readonly raw: string;
  readonly line: number;
}

export type KeyFileGroup = ReadonlyMap<string, KeyFileValue>;

export interface KeyFileError {
  /** 1-based; 0 when it is about the file as a whole. */
  readonly line: number;
  readonly message: string;
}

export type KeyFileResult = { readonly kind: 'groups'; readonly groups: ReadonlyMap<string, KeyFileGroup> } | ({ readonly kind: 'malformed' } & KeyFileError);

export type KeyFileText = { readonly kind: 'text'; readonly text: string } | ({ readonly kind: 'malformed' } & KeyFileError);

/** Groups that occur twice are one group, of a key that occurs twice the last value counts: as GLib does. */
export function parseKeyFile(bytes: Uint8Array): KeyFileResult {
  if (bytes.byteLength > KEY_FILE_BYTES_MAX) return malformed(0, `larger than ${KEY_FILE_BYTES_MAX} bytes`);
  const text = decodeUtf8(bytes);
  if (typeof text !== 'string') return text;
  const groups = new Map<string, Map<string, KeyFileValue>>();
  let group: Map<string, KeyFileValue> | null = null;
  for (const [index, rawLine] of text.split('\n').entries()) {
    const number = index + 1;
    const line = rawLine.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) {
      // eslint-disable-next-line no-control-regex -- GLib refuses control characters in group names
      const name = /^\[([^[\]\u0000-\u001f\u007f]+)\]\s*$/.exec(line)?.[1];
      if (name === undefined) return malformed(number, 'a group must be written [name], alone on its line');
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) return malformed(number, 'expected [group], key=value or # comment');
    const key = line.slice(0, equals).trimEnd();
    if (key === '') return malformed(number, 'a key must stand before "="');
    if (group === null) return malformed(number, `the key "${shown(key)}" stands before any [group]`);
    group.set(key, { raw: line.slice(equals + 1).trimStart(), line: number });
  }
  return { kind: 'groups', groups };
}

/** Undoes the escapes of a string: `\s` space, `\n`, `\t`, `\r`, `\\`. */
export function readString(value: KeyFileValue): KeyFileText {
  const parts = unescape(value, false);
  return Array.isArray(parts) ? { kind: 'text', text: parts.join('') } : parts;
}

/** Reads a list: items end with `;`, one inside an item is written `\;`. The last `;` may be missing. */
export function readList(value: KeyFileValue): { readonly kind: 'items'; readonly items: readonly string[] } | ({ readonly kind: 'malformed' } & KeyFileError) {
  const parts = unescape(value, true);
  return Array.isArray(parts) ? { kind: 'items', items: parts } : parts;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['s', ' '],
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
]);

function unescape(value: KeyFileValue, asList: boolean): string[] | ({ readonly kind: 'malformed' } & KeyFileError) {
  const items: string[] = [];
  let item = '';
  const { raw, line } = value;
  for (let at = 0; at < raw.length; at += 1) {
    if (raw[at] === '\\') {
      at += 1;
      const escaped = raw[at];
      if (escaped === undefined) return malformed(line, 'the value ends in a lone backslash; a backslash is written \\\\');
      const meant = asList && escaped === ';' ? ';' : ESCAPES.get(escaped);
      if (meant === undefined) return malformed(line, `\\${shown(escaped)} is not an escape; a backslash is written \\\\`);
      item += meant;
    } else if (asList && raw[at] === ';') {
      items.push(item);
      item = '';
    } else item += raw[at];
  }
  if (item !== '' || !asList) items.push(item);
  return items;
}

function decodeUtf8(bytes: Uint8Array): string | ({ readonly kind: 'malformed' } & KeyFileError) {
  try {
    // A byte order mark is dropped by the decoder.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return malformed(lineOfBadUtf8(bytes), 'not UTF-8 text');
  }
}

/** A broken sequence never contains a line feed, so the first line that cannot be decoded alone is the one. */
function lineOfBadUtf8(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start <= bytes.byteLength; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.byteLength : feed;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return 0;
}

/** Untrusted text in a message: short, and nothing that a terminal would act upon. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40)).slice(1, -1);
}

function malformed(line: number, message: string): { readonly kind: 'malformed' } & KeyFileError {
  return { kind: 'malformed', line, message };
}
