/**
 * A connection file (`.vv`, group `[virt-viewer]`) as a connection target. It reads what this client honours, names what it passes over, and refuses what it
 * would otherwise get wrong in silence. Bytes in, value out; reading and deleting the file is connection-source.ts.
 */
import { X509Certificate } from 'node:crypto';
import { ChannelType } from '../protocol/constants.ts';
import { parseHostSubject } from '../actors/kernel/host-subject.ts';
import { connectionTarget } from './connection-target.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { parseKeyFile, readList, readString } from './key-file.ts';
import type { KeyFileError, KeyFileGroup } from './key-file.ts';

const GROUP = 'virt-viewer';

/** The longest ticket that servers take, in bytes of UTF-8 (protocol.md 2.4). */
const PASSWORD_BYTES_MAX = 60;

/** Longest texts that are kept, in characters. */
const HOST_CHARS_MAX = 4096;
const TITLE_CHARS_MAX = 1024;

export interface VvFile {
  readonly target: ConnectionTarget;
  /** Keys that mean something to other viewers and nothing here, in the order of the file. */
  readonly ignoredKeys: readonly string[];
  readonly warnings: readonly string[];
}

export type VvFileResult = ({ readonly kind: 'vv' } & VvFile) | ({ readonly kind: 'malformed' } & KeyFileError);

/** Reads any bytes; a value or an error with a line, nothing else. */
export function parseVvFile(bytes: Uint8Array): VvFileResult {
  const file = parseKeyFile(bytes);
  if (file.kind === 'malformed') return file;
  const group = file.groups.get(GROUP);
  if (group === undefined) return { kind: 'malformed', line: 0, message: `no [${GROUP}] group: not a connection file` };
  try {
    return { kind: 'vv', ...readGroup(new GroupReader(group)) };
  } catch (error) {
    if (error instanceof LocatedError) return { kind: 'malformed', line: error.line, message: error.message };
    throw error;
  }
}

/** Whether text is PEM with at least one certificate that can be read; null when it is, otherwise what is wrong. */
export function caProblem(pem: string): string | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (blocks === null) return 'no "-----BEGIN CERTIFICATE-----" in it: it must be PEM text, not a file name';
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return `certificate ${index + 1} of ${blocks.length} cannot be read`;
    }
  }
  return null;
}

/** What is wrong with a ticket; null when it can be sent. The server compares C strings, so a NUL would cut it short. */
export function passwordProblem(password: string): string | null {
  const bytes = new TextEncoder().encode(password).byteLength;
  if (bytes > PASSWORD_BYTES_MAX) return `it is ${bytes} bytes long, and SPICE tickets have at most ${PASSWORD_BYTES_MAX}`;
  return password.includes('\0') ? 'it has a NUL byte in it, at which a SPICE ticket ends' : null;
}

const secondsToMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1_000);

function readGroup(reader: GroupReader): VvFile {
  const type = reader.text('type');
  if (type === null) throw reader.missing('type', 'it must say type=spice');
  if (type !== 'spice') throw reader.wrong('type', `this client connects to spice, not to ${JSON.stringify(type.slice(0, 20))}`);
  if (reader.text('proxy') !== null) throw reader.wrong('proxy', 'connecting through a proxy is not supported');

  const unixPath = reader.text('unix-path');
  const host = reader.text('host');
  const port = reader.port('port');
  const tlsPort = reader.port('tls-port');
  if (unixPath !== null && (host !== null || port !== null || tlsPort !== null)) throw reader.wrong('unix-path', 'it excludes host, port and tls-port');
  if (unixPath === null) {
    if (host === null) throw reader.missing('host', 'neither host nor unix-path is given');
    if (host.length > HOST_CHARS_MAX || /[\s\0]/.test(host)) throw reader.wrong('host', 'not a host name or address');
    if (port === null && tlsPort === null) throw reader.missing('port', 'neither port nor tls-port is given');
  }
  const password = reader.text('password');
  const passwordFault = password === null ? null : passwordProblem(password);
  if (passwordFault !== null) throw reader.wrong('password', passwordFault);
  const caPem = reader.text('ca');
  const caFault = caPem === null ? null : caProblem(caPem);
  if (caFault !== null) throw reader.wrong('ca', caFault);
  const hostSubject = reader.text('host-subject');
  const subject = hostSubject === null ? null : parseHostSubject(hostSubject);
  if (subject?.kind === 'malformed') throw reader.wrong('host-subject', `column ${subject.column}: ${subject.message}`);
  const secureChannels = reader.channels('secure-channels', true);
  if (secureChannels.length > 0 && tlsPort === null) throw reader.wrong('secure-channels', 'TLS is asked for and there is no tls-port');

  const target = connectionTarget({
    host: host === null ? null : host.replace(/^\[(.*)\]$/, '$1'),
    port,
    tlsPort,
    unixPath,
    password,
    caPem,
    hostSubject,
    secureChannels,
    disableChannels: reader.channels('disable-channels', false),
    title: reader.text('title')?.slice(0, TITLE_CHARS_MAX) ?? null,
    singleUse: reader.flag('delete-this-file'),
    ticketValidUntilMs: secondsToMs(reader.unixSeconds('ticket-valid-until')),
  });
  return { target, ignoredKeys: reader.unread(), warnings: reader.warnings };
}

/** Thrown and caught in this file only: it carries the line through the reading of one group. */
class LocatedError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Reads keys of one group and remembers which nobody asked for. */
class GroupReader {
  readonly warnings: string[] = [];
  readonly #group: KeyFileGroup;
  readonly #read = new Set<string>();

  constructor(group: KeyFileGroup) {
    this.#group = group;
  }

  /** Empty values and `None` count as absent: portals write them for what they do not have. */
  text(key: string): string | null {
    this.#read.add(key);
    const value = this.#group.get(key);
    if (value === undefined) return null;
    const result = readString(value);
    if (result.kind === 'malformed') throw this.wrong(key, result.message);
    return result.text === '' || /^none$/i.test(result.text) ? null : result.text;
  }

  /** 0 and -1 mean "no such port", as libvirt writes them. */
  port(key: string): number | null {
    const text = this.text(key)?.trim() ?? null;
    if (text === null || text === '0' || text === '-1') return null;
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (!(port <= 65_535)) throw this.wrong(key, 'not a port number (1 to 65535)');
    return port;
  }

  flag(key: string): boolean {
    const text = this.text(key)?.trim() ?? '0';
    if (text === '1' || text === 'true') return true;
    if (text !== '0' && text !== 'false') this.#warn(key, 'is neither 0 nor 1 and counts as 0');
    return false;
  }

  /** Only a hint about when to stop trying, so a bad one is not worth refusing the connection for. */
  unixSeconds(key: string): number | null {
    const text = this.text(key)?.trim() ?? null;
    if (text === null) return null;
    const seconds = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(seconds)) return seconds;
    this.#warn(key, 'is not a time in unix seconds and is ignored');
    return null;
  }

  /** A name that nobody knows is refused: in `secure-channels` a slip of the pen would turn TLS off. */
  channels(key: string, allowAll: boolean): string[] {
    this.#read.add(key);
    const value = this.#group.get(key);
    if (value === undefined) return [];
    const list = readList(value);
    if (list.kind === 'malformed') throw this.wrong(key, list.message);
    const names = list.items.map((item) => item.trim().toLowerCase()).filter((name) => name !== '' && name !== 'none');
    for (const name of names) {
      if (!Object.hasOwn(ChannelType, name) && !(allowAll && name === 'all')) throw this.wrong(key, `${JSON.stringify(name.slice(0, 20))} is not a channel name`);
    }
    return [...new Set(names)];
  }

  unread(): string[] {
    return [...this.#group.keys()].filter((key) => !this.#read.has(key));
  }

  wrong(key: string, message: string): LocatedError {
    return new LocatedError(this.#group.get(key)?.line ?? 0, `${key}: ${message}`);
  }

  missing(key: string, message: string): LocatedError {
    return new LocatedError(0, `[${GROUP}] has no ${key}: ${message}`);
  }

  #warn(key: string, message: string): void {
    this.warnings.push(`line ${this.#group.get(key)?.line ?? 0}: ${key} ${message}`);
  }
}
