// Proxy exchange: what is asked of a proxy and how the asking may end, whatever the proxy speaks. Types only; each protocol is a file of
// its own and proxy-handshake.ts chooses one.

/** Where the proxy is to connect to. */
export interface ProxyTarget {
  /** A name or an address, IPv6 without brackets. It is the proxy's to understand: some portals put a token here that is no host's name. */
  readonly host: string;
  readonly port: number;
}

export interface ProxyCredentials {
  readonly username: string;
  /** Empty = none. */
  readonly password: string;
}

/**
 * `auth` = it wants credentials, others, or in a way that is not supported; `denied` = it does not allow this target; `failed` = it could not
 * reach the target, or says so; `protocol` = what answers is no such proxy.
 */
export type ProxyFaultKind = 'auth' | 'denied' | 'failed' | 'protocol';

export interface ProxyFault {
  readonly kind: ProxyFaultKind;
  /** Stable: `HTTP_407`, `SOCKS_REPLY_5`, `PROXY_NOT_HTTP`, … */
  readonly code: string;
  /** One clause. What it quotes of the proxy's is cut and printable. */
  readonly message: string;
}

export type ProxyEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** The tunnel stands. `rest` came after the answer and belongs to the target. */
  | { readonly kind: 'established'; readonly rest: Uint8Array }
  /** Nothing follows; the connection is of no use. */
  | { readonly kind: 'failed'; readonly fault: ProxyFault };

export interface ProxyStep<State> {
  readonly state: State;
  readonly effects: readonly ProxyEffect[];
}

export const faulty = (kind: ProxyFaultKind, code: string, message: string): ProxyEffect => ({ kind: 'failed', fault: { kind, code, message } });
