/**
 * A certificate's subject as a list of entries: read from the `host-subject` text of a connection file, read from what Node prints of a peer's
 * certificate, and compared. Pure text; the comparison replaces the host-name check and is made by node-tls.ts.
 */

/** One attribute of a subject, e.g. `{ name: 'CN', value: 'vm.example' }`. The name is OpenSSL's short name, or a dotted object id. */
export interface SubjectEntry {
  readonly name: string;
  readonly value: string;
}

export type HostSubjectResult =
  | { readonly kind: 'subject'; readonly entries: readonly SubjectEntry[] }
  | { readonly kind: 'malformed'; /** 1-based, in characters. */ readonly column: number; readonly message: string };

/** The longest subject text that is read, in characters. Certificates in use stay under 500. */
export const HOST_SUBJECT_CHARS_MAX = 4096;

// Both forms occur in the wild and OpenSSL accepts both; certificates are printed with the short one.
const SHORT_NAME: ReadonlyMap<string, string> = new Map([
  ['commonName', 'CN'],
  ['countryName', 'C'],
  ['localityName', 'L'],
  ['stateOrProvinceName', 'ST'],
  ['organizationName', 'O'],
  ['organizationalUnitName', 'OU'],
  ['domainComponent', 'DC'],
  ['userId', 'UID'],
  ['surname', 'SN'],
  ['givenName', 'GN'],
]);

/**
 * Reads `NAME=value` pairs separated by commas, as in `O=Example\, Inc,CN=vm.example`. A backslash makes the next character part of the text;
 * only characters that could mean something else may follow it. Spaces before a name are skipped, values are kept as they are.
 */
export function parseHostSubject(text: string): HostSubjectResult {
  if (text.length > HOST_SUBJECT_CHARS_MAX) return malformed(HOST_SUBJECT_CHARS_MAX + 1, `longer than ${HOST_SUBJECT_CHARS_MAX} characters`);
  const entries: SubjectEntry[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ') at += 1;
    const nameStart = at;
    const name = takeUntil(text, at, '=');
    if (name.kind === 'malformed') return name;
    if (name.end === text.length) return malformed(nameStart + 1, 'expected NAME=value');
    if (name.taken === '') return malformed(nameStart + 1, 'a name must stand before "="');
    if (name.taken.includes(',')) return malformed(nameStart + 1, `"${name.taken}" has no "=": write a comma inside a value as \\,`);
    const value = takeUntil(text, name.end + 1, ',');
    if (value.kind === 'malformed') return value;
    if (value.taken === '') return malformed(name.end + 2, `${name.taken} has no value`);
    entries.push({ name: SHORT_NAME.get(name.taken) ?? name.taken, value: value.taken });
    if (value.end === text.length) return { kind: 'subject', entries };
    at = value.end + 1;
  }
}

/**
 * Reads `X509Certificate.subject`: one line per entry in the certificate's own order, values escaped as in RFC 2253, entries that share one line (a
 * multi-valued name) joined by ` + `. The object form of the same subject loses the order, therefore this one.
 */
export function parseCertificateSubject(printed: string): SubjectEntry[] {
  const entries: SubjectEntry[] = [];
  for (const line of printed.split('\n')) {
    // A plus sign inside a value is always escaped, so a bare one joins.
    for (const pair of line.split(' + ')) {
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const name = pair.slice(0, equals);
      entries.push({ name: SHORT_NAME.get(name) ?? name, value: unescapePrinted(pair.slice(equals + 1)) });
    }
  }
  return entries;
}

/** The same entries, in the same order, and as many: letter case and spaces count. */
export function sameSubject(a: readonly SubjectEntry[], b: readonly SubjectEntry[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry.name === b[index]?.name && entry.value === b[index].value);
}

/** Writes entries the way `parseHostSubject` reads them, for messages and for copying into a connection file. */
export function formatSubject(entries: readonly SubjectEntry[]): string {
  return entries.map(({ name, value }) => `${name}=${value.replace(/[\\,]/g, '\\$&')}`).join(',');
}

type Taken = { readonly kind: 'taken'; readonly taken: string; readonly end: number } | Extract<HostSubjectResult, { kind: 'malformed' }>;

const ESCAPABLE = ',\\=+"<>;# ';

function takeUntil(text: string, start: number, stop: string): Taken {
  let taken = '';
  let at = start;
  for (; at < text.length && text[at] !== stop; at += 1) {
    if (text[at] === '\\') {
      at += 1;
      const escaped = text[at];
      if (escaped === undefined) return malformed(at, 'a backslash at the end escapes nothing');
      if (!ESCAPABLE.includes(escaped)) return malformed(at, `\\${escaped} is not an escape; a backslash itself is written \\\\`);
      taken += escaped;
    } else taken += text[at];
  }
  return { kind: 'taken', taken, end: at };
}

function malformed(column: number, message: string): Extract<HostSubjectResult, { kind: 'malformed' }> {
  return { kind: 'malformed', column, message };
}

function unescapePrinted(text: string): string {
  return text.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_, escaped: string) => (escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped));
}
