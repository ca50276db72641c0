/**
 * A proxy as connection files and options name it: `http://`, `https://` or `socks5://`, with or without `user:password@`. Text in, value out; what dials
 * through it is elsewhere. Nothing that it says repeats the text, which may hold a password.
 */
import { hostNameProblem, ipv6Problem } from './direct-address.ts';

export interface ProxySetting {
  /** `https` = the way to the proxy itself is TLS. */
  readonly kind: 'http' | 'https' | 'socks5';
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
}

/** The ports that spice-gtk and curl take when none is written. */
const DEFAULT_PORTS = { http: 3128, https: 3129, socks5: 1080 } as const satisfies Record<ProxySetting['kind'], number>;

/** The longest text that is read, in characters. */
const PROXY_CHARS_MAX = 4096;

/** The setting, or what is wrong with the text. */
export function parseProxyUri(text: string): ProxySetting | string {
  if (text.length > PROXY_CHARS_MAX) return `longer than ${PROXY_CHARS_MAX} characters`;
  const parts = /^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:(?<user>[^/?#]*)@)?(?:\[(?<v6>[^\]]*)\]|(?<name>[^:/?#@[\]]*))(?::(?<port>[^/?#]*))?\/?$/.exec(text)?.groups;
  if (parts === undefined) return 'expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, an IPv6 address in brackets';
  // Without a scheme it is an HTTP proxy, as everywhere.
  const kind = kindOf(parts['scheme']?.toLowerCase() ?? 'http');
  if (kind === null) return 'only http://, https:// and socks5:// proxies are supported';
  const { v6, name = '' } = parts;
  const hostFault = v6 === undefined ? hostNameProblem(name) : ipv6Problem(v6);
  if (hostFault !== null) return hostFault;
  const portText = parts['port'] ?? '';
  const port = portText === '' ? DEFAULT_PORTS[kind] : /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65_535) return 'the port is not one (1 to 65535)';
  const credentials = readCredentials(parts['user']);
  return credentials === null ? 'a bad % escape in the user name or password' : { kind, host: v6 ?? name, port, ...credentials };
}

function kindOf(scheme: string): ProxySetting['kind'] | null {
  return scheme === 'http' || scheme === 'https' || scheme === 'socks5' ? scheme : scheme === 'socks5h' ? 'socks5' : null;
}

/** Null when an escape is broken. */
function readCredentials(user: string | undefined): Pick<ProxySetting, 'username' | 'password'> | null {
  if (user === undefined) return { username: null, password: null };
  const colon = user.indexOf(':');
  try {
    return {
      username: decodeURIComponent(colon < 0 ? user : user.slice(0, colon)),
      password: colon < 0 ? null : decodeURIComponent(user.slice(colon + 1)),
    };
  } catch {
    return null;
  }
}
