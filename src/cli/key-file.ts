/**
 * Reads GLib's key file format, in which connection files are written: groups, keys, comments, escapes. It is not an INI reader: `;` and `#` inside a value
 * belong to it, which passwords and certificate subjects need. Every complaint has a line. Where GLib 2.74 was found to differ, a comment says so.
 */

/** The largest file that is read, in bytes. Real ones stay under 10 KiB, most of it the CA. */
export const KEY_FILE_BYTES_MAX = 1024 * 1024;

/** The most lines that are read. Real ones have under 40. */
export const KEY_FILE_LINES_MAX = 10_000;

export interface KeyFileValue {
  /** As written, escapes untouched. */
  readonly raw: string;
  /** 1-based. */
  readonly line: number;
  /** The line of an earlier value of the same key, which this one replaced; null = there was none. */
  readonly replacedLine: number | null;
}

/** `title[de]=…`: the value of a key for one language. Not a value of the key. */
export interface KeyFileTranslation {
  readonly group: string;
  readonly key: string;
  readonly locale: string;
  readonly line: number;
}

export interface KeyFile {
  readonly groups: ReadonlyMap<string, KeyFileGroup>;
  readonly translations: readonly KeyFileTranslation[];
}

export type KeyFileGroup = ReadonlyMap<string, KeyFileValue>;

export interface KeyFileError {
  /** 1-based; 0 when it is about the file as a whole. */
  readonly line: number;
  readonly message: string;
}

export type KeyFileResult = ({ readonly kind: 'groups' } & KeyFile) | ({ readonly kind: 'malformed' } & KeyFileError);

export type KeyFileText = { readonly kind: 'text'; readonly text: string } | ({ readonly kind: 'malformed' } & KeyFileError);

// GLib's white space, which is ASCII only: a password may begin with any other.
const LEADING_SPACE = /^[ \t\f\r]+/;
// eslint-disable-next-line no-control-regex -- GLib refuses control characters in group names
const GROUP_LINE = /^\[([^[\]\u0000-\u001f\u007f]+)\][ \t]*$/;
/** A key and, in brackets, the language that it is for. */
const KEY = /^([^[\]]*[^[\] ])(?:\[([\p{L}\p{N}_.@-]*)\])?$/u;

/** Groups that occur twice are one group, of a key that occurs twice the last value counts: as GLib does. */
export function parseKeyFile(bytes: Uint8Array): KeyFileResult {
  if (bytes.byteLength > KEY_FILE_BYTES_MAX) return malformed(0, `larger than ${KEY_FILE_BYTES_MAX} bytes`);
  const text = decodeUtf8(bytes);
  if (typeof text !== 'string') return text;
  // One more than is allowed, so that too many are told apart from just enough.
  const lines = text.split('\n', KEY_FILE_LINES_MAX + 1);
  if (lines.length > KEY_FILE_LINES_MAX) return malformed(KEY_FILE_LINES_MAX + 1, `more than ${KEY_FILE_LINES_MAX} lines`);
  const groups = new Map<string, Map<string, KeyFileValue>>();
  const translations: KeyFileTranslation[] = [];
  let group: { readonly name: string; readonly values: Map<string, KeyFileValue> } | null = null;
  for (const [index, rawLine] of lines.entries()) {
    const number = index + 1;
    const line = rawLine.replace(/\r$/, '').replace(LEADING_SPACE, '');
    if (line === '' || line.startsWith('#')) continue;
    const name = GROUP_LINE.exec(line)?.[1];
    if (name !== undefined) {
      const values = groups.get(name) ?? new Map<string, KeyFileValue>();
      groups.set(name, values);
      group = { name, values };
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) return malformed(number, line.startsWith('[') ? 'a group must be written [name], alone on its line' : `expected [group], key=value or # comment${line.startsWith(';') ? '; a comment starts with #, not with ;' : ''}`);
    const written = withoutTrailingSpace(line.slice(0, equals));
    if (written === '') return malformed(number, 'a key must stand before "="');
    const [, key, locale] = KEY.exec(written) ?? [];
    if (key === undefined) return malformed(number, `"${shownKey(written)}" is not a key: brackets hold a language, as in title[de]`);
    if (group === null) return malformed(number, `the key "${shownKey(written)}" stands before any [group]`);
    if (locale === undefined) group.values.set(key, { raw: line.slice(equals + 1).replace(LEADING_SPACE, ''), line: number, replacedLine: group.values.get(key)?.line ?? null });
    else translations.push({ group: group.name, key, locale, line: number });
  }
  return { kind: 'groups', groups, translations };
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

/** A loop, because a regular expression tries each space of a long run against the end. */
function withoutTrailingSpace(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\f\r'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function decodeUtf8(bytes: Uint8Array): string | ({ readonly kind: 'malformed' } & KeyFileError) {
  try {
    // A byte order mark, which Windows editors write, is dropped by the decoder; GLib refuses it.
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

/** The name of a key, up to where it stops looking like one: in `password: hun=ter2`, the key is `password: hun`. */
export function shownKey(key: string): string {
  const word = /^;?[\w.-]{0,40}/.exec(key)?.[0] ?? '';
  return word === key ? key : `${word}…`;
}

/** The file's words among ours: nothing in them may act on a terminal or reverse the text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
}

/** Untrusted text in a message: short, and nothing that a terminal would act upon. */
export function shown(text: string, charsMax = 40): string {
  return JSON.stringify(text.slice(0, charsMax)).slice(1, -1).replace(/[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function malformed(line: number, message: string): { readonly kind: 'malformed' } & KeyFileError {
  return { kind: 'malformed', line, message };
}
