/**
 * `HOST:PORT[:TLS_PORT]` as typed after `--direct`, IPv6 in brackets. An empty or 0 PORT means that there is only a TLS port. Pure text; the URI forms
 * are in spice-uri.ts.
 */

export interface DirectAddress {
  readonly host: string;
  readonly port: number | null;
  readonly tlsPort: number | null;
}

export type DirectAddressResult = ({ readonly kind: 'address' } & DirectAddress) | { readonly kind: 'malformed'; readonly message: string };

export function parseDirectAddress(text: string): DirectAddressResult {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^[\]:]*)):(?<port>[^:]*)(?::(?<tls>[^:]*))?$/.exec(text);
  if (match?.groups === undefined) {
    // More colons than HOST:PORT:TLS_PORT has can only be an address without its brackets.
    return malformed(text.includes('[') || text.split(':').length <= 3 ? 'expected HOST:PORT or HOST:PORT:TLS_PORT' : 'an IPv6 address needs brackets: [::1]:5900');
  }
  const { v6, name, port, tls } = match.groups;
  const host = v6 ?? name ?? '';
  const hostFault = v6 === undefined ? hostNameProblem(host) : ipv6Problem(host);
  if (hostFault !== null) return malformed(hostFault);
  const plain = readPort(port ?? '');
  const secured = readPort(tls ?? '');
  if (plain === 'bad') return malformed(`"${port}" is not a port (1 to 65535)`);
  if (secured === 'bad') return malformed(`"${tls}" is not a TLS port (1 to 65535)`);
  if (plain === null && secured === null) return malformed('neither a port nor a TLS port is given');
  return { kind: 'address', host, port: plain, tlsPort: secured };
}

/** Null when the text can be a host name or IPv4 address; whether it exists is for the resolver to say. */
export function hostNameProblem(host: string): string | null {
  if (host === '') return 'the host is missing';
  if (host.length > 253) return 'the host name is longer than 253 characters';
  return /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u.test(host) ? null : `"${host}" is not a host name`;
}

/** Null when the text between brackets can be an IPv6 address, with or without a zone. */
export function ipv6Problem(host: string): string | null {
  return /^[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,32})?$/.test(host) && host.includes(':') ? null : `"${host}" is not an IPv6 address`;
}

/** Null for an empty or zero port: there is none. */
export function readPort(text: string): number | null | 'bad' {
  if (text === '' || text === '0') return null;
  if (!/^\d{1,5}$/.test(text)) return 'bad';
  const port = Number(text);
  if (port > 65_535) return 'bad';
  return port === 0 ? null : port;
}

function malformed(message: string): { readonly kind: 'malformed'; readonly message: string } {
  return { kind: 'malformed', message };
}
