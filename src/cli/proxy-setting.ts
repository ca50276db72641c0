/**
 * Which proxy stands before the SPICE server, as text from `--proxy` or a connection file's `proxy` key turned into a value. Pure text: resolving the proxy's own
 * name is resolve-target.ts, talking to it src/proxy. Nothing in it may be logged without care: it may hold a password; `proxyLabel` is what people see.
 */
import { hostNameProblem, ipv6Problem, readPort } from './direct-address.ts';

export type ProxyKind = 'http' | 'https' | 'socks5';

export interface ProxySetting {
  /** `https` is HTTP CONNECT over TLS to the proxy itself. */
  readonly kind: ProxyKind;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null = no credentials. */
  readonly username: string | null;
  /** Null = none was given; only ever set together with a user name. */
  readonly password: string | null;
}

/** Where the port is left out: the reference client's for HTTP (protocol.md 1.5), RFC 1928's for SOCKS. */
const PROXY_DEFAULT_PORTS: Readonly<Record<ProxyKind, number>> = { http: 3128, https: 3129, socks5: 1080 };

/** `socks5h` says that the proxy resolves names, which it always does here; `socks` is what GLib writes for the newest SOCKS. */
const KIND_BY_SCHEME: ReadonlyMap<string, ProxyKind> = new Map([
  ['http', 'http'],
  ['https', 'https'],
  ['socks5', 'socks5'],
  ['socks5h', 'socks5'],
  ['socks', 'socks5'],
]);

/** Longer texts are refused unread, in characters. */
const URI_CHARS_MAX = 2048;
/** RFC 1929 has one byte for each length; what is longer is no password for HTTP either. */
const CREDENTIAL_BYTES_MAX = 255;

/**
 * Reads `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`; without a scheme it is an HTTP proxy. Credentials may be percent-encoded, and have to be for `:`, `@`, `/`
 * and `%`. Any text: a setting, or what is wrong with it in words that never repeat the credentials.
 */
export function parseProxyUri(text: string): ProxySetting | string {
  if (text.length > URI_CHARS_MAX) return `it is longer than ${URI_CHARS_MAX} characters`;
  const parts = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?:(?<credentials>[^/?#]*)@)?(?<authority>[^/?#@]*)(?<rest>.*)$/is.exec(text.trim())?.groups;
  if (parts === undefined) return 'expected [http|https|socks5]://HOST:PORT';
  const { scheme = 'http', credentials, authority = '', rest = '' } = parts;
  const kind = KIND_BY_SCHEME.get(scheme.toLowerCase());
  if (kind === undefined) return `${scheme.toLowerCase().slice(0, 20)}:// proxies are not supported; known are http, https and socks5`;
  if (rest !== '' && rest !== '/') return 'a proxy has no path: after the port nothing may follow';

  const named = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/s.exec(authority)?.groups;
  if (named === undefined) return authority.includes('[') ? 'the host and port cannot be read' : 'an IPv6 address needs brackets: [::1]:3128';
  const host = named['v6'] ?? named['name'] ?? '';
  const hostFault = named['v6'] === undefined ? hostNameProblem(host) : ipv6Problem(host);
  if (hostFault !== null) return hostFault;
  const port = readPort(named['port'] ?? '');
  // Never shown: in `http://me:secret` it is the password.
  if (port === 'bad' || named['port'] === '0') return 'what follows the colon is not a port (1 to 65535)';

  const login = readCredentials(credentials);
  return typeof login === 'string' ? login : { kind, host, port: port ?? PROXY_DEFAULT_PORTS[kind], ...login };
}

/** For people and logs, without the credentials: `the HTTP proxy proxy.example:3128`. */
export function proxyLabel({ kind, host, port }: Pick<ProxySetting, 'kind' | 'host' | 'port'>): string {
  return `the ${KIND_WORDS[kind]} proxy ${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const KIND_WORDS: Readonly<Record<ProxyKind, string>> = { http: 'HTTP', https: 'HTTPS', socks5: 'SOCKS5' };

/** What is wrong with a user name or password for a proxy; null when it can be sent. */
export function proxyCredentialProblem(text: string): string | null {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes === 0) return 'it is empty';
  if (bytes > CREDENTIAL_BYTES_MAX) return `it is ${bytes} bytes long, and proxies take at most ${CREDENTIAL_BYTES_MAX}`;
  return /\p{Cc}/u.test(text) ? 'it has a control character in it' : null;
}

function readCredentials(text: string | undefined): Pick<ProxySetting, 'username' | 'password'> | string {
  if (text === undefined) return { username: null, password: null };
  const colon = text.indexOf(':');
  const username = percentDecode(colon < 0 ? text : text.slice(0, colon));
  const password = colon < 0 ? null : percentDecode(text.slice(colon + 1));
  if (username === null || (colon >= 0 && password === null)) return 'a bad % escape in the credentials';
  const userFault = proxyCredentialProblem(username);
  if (userFault !== null) return `the user name: ${userFault}`;
  // Basic authentication ends the user name at the first colon (RFC 7617), so one inside would become part of the password.
  if (username.includes(':')) return 'the user name: it has a colon in it';
  // `user:@host` gives no password, as everywhere.
  if (password === null || password === '') return { username, password: null };
  const passwordFault = proxyCredentialProblem(password);
  return passwordFault === null ? { username, password } : `the password: ${passwordFault}`;
}

function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
