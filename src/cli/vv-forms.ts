/**
 * The forms that values in a connection file have: how each is read, and whether a malformed one refuses the file or is only passed over. Refused is what
 * would else connect elsewhere, or less securely, than was asked for. One value at a time; what keys mean together is vv-file.ts.
 */
import { X509Certificate } from 'node:crypto';
import { parseHostSubject } from '../actors/kernel/host-subject.ts';
import { ChannelType } from '../protocol/constants.ts';
import { printable, readList, readString, shown } from './key-file.ts';
import type { KeyFileValue } from './key-file.ts';
import { nearestWord } from './nearest-word.ts';
import { parseProxyUri } from './proxy-setting.ts';
import type { ProxySetting } from './proxy-setting.ts';
import { isVersion, parseSystemVersion } from './vv-versions.ts';
import type { SystemVersion } from './vv-versions.ts';

/** The longest ticket that servers take, in bytes of UTF-8 (protocol.md 2.4). */
const PASSWORD_BYTES_MAX = 60;

/** Longest texts that are kept, in characters. */
const TEXT_CHARS_MAX = 4096;
const TITLE_CHARS_MAX = 1024;

/** The last moment that a calendar has here (ECMAScript's time values), in unix milliseconds. */
const MOMENT_MS_MAX = 8.64e15;

/** A value, maybe with something to say about it, or what is wrong. */
export type Reading<T> = { readonly ok: true; readonly value: T; readonly note?: string } | { readonly ok: false; readonly wrong: string };

export interface Form<T> {
  /** What a malformed value does: refuse the file, or count as absent with a warning. */
  readonly malformed: 'refused' | 'ignored';
  /** What the key has when it is not there. */
  readonly absent: T;
  read(value: KeyFileValue, nowMs: number): Reading<T>;
}

const value = <T>(of: T, note?: string): Reading<T> => (note === undefined ? { ok: true, value: of } : { ok: true, value: of, note });
const wrong = (message: string): Reading<never> => ({ ok: false, wrong: message });

/** A form of text. Empty values and `None` count as absent: portals write them for what they do not have. */
function ofText<T>(malformed: 'refused' | 'ignored', absent: T, read: (text: string, nowMs: number) => Reading<T>): Form<T> {
  return {
    malformed,
    absent,
    read(raw, nowMs) {
      const string = readString(raw);
      if (string.kind === 'malformed') return wrong(string.message);
      return string.text === '' || /^none$/i.test(string.text) ? value(absent) : read(string.text, nowMs);
    },
  };
}

function ofList<T>(malformed: 'refused' | 'ignored', read: (items: readonly string[]) => Reading<readonly T[]>): Form<readonly T[]> {
  return {
    malformed,
    absent: [],
    read(raw) {
      const list = readList(raw);
      if (list.kind === 'malformed') return wrong(list.message);
      return read([...new Set(list.items.map((item) => item.trim()).filter((item) => item !== '' && !/^none$/i.test(item)))]);
    },
  };
}

const plainText = (text: string): Reading<string | null> => (text.length > TEXT_CHARS_MAX ? wrong(`longer than ${TEXT_CHARS_MAX} characters`) : value(text));

export const VV_FORMS = {
  type: ofText<string | null>('refused', null, readType),
  host: ofText<string | null>('refused', null, (text) => (text.length > TEXT_CHARS_MAX || /[\s\p{Cc}\p{Bidi_Control}]/u.test(text) ? wrong('not a host name or address') : value(text.replace(/^\[(.*)\]$/, '$1')))),
  port: ofText<number | null>('refused', null, readPort),
  path: ofText<string | null>('refused', null, (text) => (text.length > TEXT_CHARS_MAX || /\p{Cc}/u.test(text) ? wrong('not the path of a socket') : value(text))),
  ticket: ofText<string | null>('refused', null, (text) => verdict(text, passwordProblem(text))),
  ca: ofText<string | null>('refused', null, (text) => verdict(text, caProblem(text))),
  subject: ofText<string | null>('refused', null, readSubject),
  proxy: ofText<ProxySetting | null>('refused', null, readProxy),
  // A slip of the pen here would turn TLS off.
  secureChannels: ofList<string>('refused', (items) => readChannels(items, true)),
  channels: ofList<string>('ignored', (items) => readChannels(items, false)),
  title: ofText<string | null>('ignored', null, readTitle),
  switch: ofText<boolean | null>('ignored', null, readSwitch),
  moment: ofText<number | null>('ignored', null, readMoment),
  version: ofText<string | null>('ignored', null, (text) => (isVersion(text) ? value(text) : wrong('not a version, as in 11.0'))),
  versions: ofList<SystemVersion>('ignored', readVersions),
  url: ofText<string | null>('ignored', null, (text) => (/^https?:\/\/[!-~]+$/.test(text) && text.length <= TITLE_CHARS_MAX ? value(text) : wrong('not an http:// or https:// address'))),
  hotkey: ofText<string | null>('ignored', null, (text) => (/^[^\s+]+(?:\+[^\s+]+)*$/.test(text) ? value(text) : wrong('not a hotkey, as in shift+f11'))),
  number: ofText<number | null>('ignored', null, (text) => (/^-?\d{1,9}$/.test(text.trim()) ? value(Number(text)) : wrong('not a number'))),
  list: ofList<string>('ignored', (items) => value(items)),
  text: ofText<string | null>('ignored', null, plainText),
} as const;

export type VvForm = keyof typeof VV_FORMS;
export type ValueOf<F extends VvForm> = (typeof VV_FORMS)[F] extends Form<infer T> ? T : never;

/** Whether text is PEM with at least one certificate that can be read; null when it is, otherwise what is wrong. */
export function caProblem(pem: string): string | null {
  const blocks = certificatesIn(pem);
  if (blocks.length === 0) return 'no "-----BEGIN CERTIFICATE-----" in it: it must be PEM text, not a file name';
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return `certificate ${index + 1} of ${blocks.length} cannot be read`;
    }
  }
  return null;
}

/** The blocks of PEM text. Found without a regular expression, which would try each beginning against the whole rest. */
function certificatesIn(pem: string): readonly string[] {
  const [first, last] = ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----'];
  const blocks: string[] = [];
  for (let from = pem.indexOf(first); from >= 0;) {
    const to = pem.indexOf(last, from);
    if (to < 0) break;
    blocks.push(pem.slice(from, to + last.length));
    from = pem.indexOf(first, to + last.length);
  }
  return blocks;
}

/** What is wrong with a ticket; null when it can be sent. The server compares C strings, so a NUL would cut it short. */
export function passwordProblem(password: string): string | null {
  const bytes = new TextEncoder().encode(password).byteLength;
  if (bytes > PASSWORD_BYTES_MAX) return `it is ${bytes} bytes long, and SPICE tickets have at most ${PASSWORD_BYTES_MAX}`;
  return password.includes('\0') ? 'it has a NUL byte in it, at which a SPICE ticket ends' : null;
}

/** A moment as people read it, to the second. */
export function momentText(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const verdict = (text: string, problem: string | null): Reading<string | null> => (problem === null ? value(text) : wrong(problem));

function readType(text: string): Reading<string | null> {
  const type = text.trim().toLowerCase();
  if (type === 'spice') return value(type);
  if (type === 'vnc') return wrong('a VNC console, and this client speaks SPICE only; give the machine a SPICE display, or open the file with a VNC viewer');
  return wrong(`this client connects to spice, not to "${shown(text)}"`);
}

/** 0 and -1 mean "no such port", as libvirt and oVirt write them. */
function readPort(text: string): Reading<number | null> {
  const port = text.trim();
  if (port === '0' || port === '-1') return value(null);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  return number >= 1 && number <= 65_535 ? value(number) : wrong('not a port number (1 to 65535)');
}

function readSubject(text: string): Reading<string | null> {
  const subject = parseHostSubject(text);
  return subject.kind === 'malformed' ? wrong(`column ${subject.column}: ${subject.message}`) : value(text);
}

function readProxy(text: string): Reading<ProxySetting | null> {
  const setting = parseProxyUri(text);
  if (typeof setting !== 'string') return value(setting);
  // In a malformed text any piece may be the password: nothing of it is quoted.
  return wrong(setting.includes('"') ? 'not the address of a proxy, as in http://proxy.example:3128' : setting);
}

function readChannels(items: readonly string[], allowAll: boolean): Reading<readonly string[]> {
  const names = items.map((item) => item.toLowerCase());
  const known = allowAll ? [...Object.keys(ChannelType), 'all'] : Object.keys(ChannelType);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length === 0) return value(names);
  const said = strange.slice(0, 3).map((name) => {
    const nearest = nearestWord(name, known);
    return `"${shown(name)}" is not a channel name${nearest === null ? '' : `; did you mean "${nearest}"?`}`;
  }).join(', ');
  return allowAll ? wrong(said) : value(names.filter((name) => known.includes(name)), said);
}

/** virt-viewer counts its windows with `%d`; here there is one title. What could act on a terminal becomes a space. */
function readTitle(text: string): Reading<string | null> {
  const short = text.slice(0, TITLE_CHARS_MAX);
  const harmless = printable(short);
  const title = harmless.replace(/[\s:]*%d/g, '').trim();
  return value(title === '' ? null : title, harmless === short ? undefined : 'has control characters, which are left out');
}

function readSwitch(text: string): Reading<boolean | null> {
  const state = text.trim();
  return state === '1' ? value(true) : state === '0' ? value(false) : wrong('neither 0 nor 1');
}

function readMoment(text: string, nowMs: number): Reading<number | null> {
  const seconds = text.trim();
  if (!/^\d+$/.test(seconds)) return wrong('not a time in unix seconds');
  const ms = Number(seconds) * 1_000;
  if (!(ms <= MOMENT_MS_MAX)) return wrong('a time beyond every calendar');
  return ms > nowMs ? value(ms) : wrong(`it was over already at ${momentText(ms)}, before the file was read`);
}

function readVersions(items: readonly string[]): Reading<readonly SystemVersion[]> {
  const versions = items.map(parseSystemVersion);
  return versions.every((one) => one !== null) ? value(versions) : wrong('not a list of system:version, as in rhel9:11.0;rhev-win64:11.0');
}
