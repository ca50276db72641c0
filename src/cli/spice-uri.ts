/**
 * `spice://`, `spice+tls://` and `spice+unix://` addresses (protocol.md 1.7) as a connection target. Written by hand because separators, ports
 * and passwords follow SPICE's rules, not the web's. Pure text.
 */
import { connectionTarget } from './connection-target.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { hostNameProblem, ipv6Problem, readPort } from './direct-address.ts';
import { passwordProblem } from './vv-forms.ts';

/** Longer ones are refused unread, in characters. */
const URI_CHARS_MAX = 8192;

export type SpiceUriResult =
  | { readonly kind: 'target'; readonly target: ConnectionTarget; readonly warnings: readonly string[] }
  | { readonly kind: 'malformed'; readonly message: string };

export function parseSpiceUri(uri: string): SpiceUriResult {
  if (uri.length > URI_CHARS_MAX) return malformed(`longer than ${URI_CHARS_MAX} characters`);
  const match = /^(spice|spice\+tls|spice\+unix):\/\/(.*)$/is.exec(uri);
  if (match === null) return malformed('expected spice://, spice+tls:// or spice+unix://');
  const rest = match[2] ?? '';
  switch (match[1]?.toLowerCase()) {
    case 'spice':
      return parseNetwork(rest, false);
    case 'spice+tls':
      return parseNetwork(rest, true);
    default:
      return parseUnix(rest);
  }
}

function parseUnix(rest: string): SpiceUriResult {
  const path = percentDecode(rest);
  if (path === null) return malformed('a bad % escape in the path');
  if (!path.startsWith('/')) return malformed('spice+unix:// needs an absolute path: spice+unix:///run/vm.sock');
  if (path.includes('\0')) return malformed('a NUL byte in the path');
  return { kind: 'target', target: connectionTarget({ unixPath: path }), warnings: [] };
}

function parseNetwork(rest: string, tlsOnly: boolean): SpiceUriResult {
  const parts = /^(?<authority>[^/?#]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?(?<fragment>#.*)?$/s.exec(rest)?.groups;
  if (parts === undefined) return malformed('expected spice://HOST:PORT');
  const { authority = '', path = '', query = '', fragment } = parts;
  if (fragment !== undefined) return malformed('a # part means nothing here; inside a password write it as %23');
  if (authority.includes('@')) return malformed('user names need SASL, which is not supported');
  const host = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[^:]*))?$/s.exec(authority)?.groups;
  if (host === undefined) return malformed('the host and port cannot be read; an IPv6 address needs brackets: spice://[::1]:5900');
  const name = host['v6'] ?? percentDecode(host['name'] ?? '') ?? '';
  const hostFault = host['v6'] === undefined ? hostNameProblem(name) : ipv6Problem(name);
  if (hostFault !== null) return malformed(hostFault);

  const authorityPort = readPort(host['port'] ?? '');
  if (authorityPort === 'bad') return malformed(`"${host['port']}" is not a port (1 to 65535)`);
  const keys = readQuery(query);
  if (typeof keys === 'string') return malformed(keys);
  const queryPort = readPort(keys.get('port') ?? '');
  const queryTlsPort = readPort(keys.get('tls-port') ?? '');
  if (queryPort === 'bad') return malformed('port= is not a port (1 to 65535)');
  if (queryTlsPort === 'bad') return malformed('tls-port= is not a port (1 to 65535)');
  if (tlsOnly && (keys.has('port') || keys.has('tls-port'))) return malformed('spice+tls:// takes its port after the host only');
  if (authorityPort !== null && keys.has('port')) return malformed('the port is given twice: after the host and as port=');
  const port = tlsOnly ? null : (authorityPort ?? queryPort);
  const tlsPort = tlsOnly ? authorityPort : queryTlsPort;
  if (port === null && tlsPort === null) return malformed('neither a port nor a TLS port is given');
  const password = keys.get('password') ?? null;
  const passwordFault = password === null ? null : passwordProblem(password);
  if (passwordFault !== null) return malformed(`the password: ${passwordFault}`);
  const warnings = path === '' || path === '/' ? [] : ['the path of the address means nothing and is ignored'];
  return { kind: 'target', target: connectionTarget({ host: name, port, tlsPort, password }), warnings };
}

/** The keys, or what is wrong with them. */
function readQuery(query: string): Map<string, string> | string {
  const keys = new Map<string, string>();
  for (const pair of query.split(/[&;]/)) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = percentDecode(equals < 0 ? pair : pair.slice(0, equals));
    const value = percentDecode(equals < 0 ? '' : pair.slice(equals + 1));
    if (key === null || value === null) return 'a bad % escape after "?"';
    if (!['port', 'tls-port', 'password'].includes(key)) return `the key ${JSON.stringify(key.slice(0, 20))} is unknown; known are port, tls-port and password`;
    if (keys.has(key)) return `${key} is given twice`;
    keys.set(key, value);
  }
  return keys;
}

function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function malformed(message: string): { readonly kind: 'malformed'; readonly message: string } {
  return { kind: 'malformed', message };
}
