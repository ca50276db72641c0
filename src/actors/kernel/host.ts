// Everything of the outside world that an actor may touch: time, timers, randomness, sockets. Types only; node-base.ts and
// node-host.ts are the real ones, virtual-host.ts is the one in which days pass in milliseconds. Nothing under
// the kernel imports these from Node itself, which is what lets a whole session run under a seed.

/** Cancels what it came from. Idempotent; harmless after the timer has run. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds that never go back, with the same zero on every thread of the process. */
  monotonicMs(): number;
  /** Milliseconds since 1970. Jumps when the machine's clock is set or the machine was suspended. */
  wallMs(): number;
}

export interface Timers {
  /** Runs once, not before `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
  /** Runs once in a later turn of the loop, after whatever the loop already has to do. */
  soon(run: () => void): Cancel;
}

export interface Random {
  /** `count` random bytes: cryptographic on Node, seeded in the virtual host. */
  bytes(count: number): Uint8Array;
}

/** Host names are resolved on the main thread, so `address` is an IP address. */
export type Endpoint =
  | { readonly transport: 'tcp'; readonly address: string; readonly port: number; readonly tls: TlsSettings | null }
  | { readonly transport: 'unix'; readonly path: string }
  | ProxiedEndpoint;

/** Reached through a proxy, which resolves `host`: it may be a name that means nothing here. */
export interface ProxiedEndpoint {
  readonly transport: 'proxied';
  readonly proxy: ProxyHop;
  readonly host: string;
  readonly port: number;
  /** With the server, inside the tunnel. */
  readonly tls: TlsSettings | null;
}

/** The proxy itself, as it is dialled. */
export interface ProxyHop {
  readonly protocol: 'httpConnect' | 'socks5';
  readonly address: string;
  readonly port: number;
  /** With the proxy, around everything; null = plain. */
  readonly tls: TlsSettings | null;
  /** An empty password = none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

export interface TlsSettings {
  readonly serverName: string | null;
  readonly caPem: string | null;
  /** SPICE's `host-subject`: the certificate's subject must equal it, and then the host name need not match. */
  readonly hostSubject: string | null;
}

export type SocketCloseKind =
  | 'fin' | 'rst' | 'refused' | 'unreachable' | 'timeout' | 'tls' | 'tlsSubject' | 'tlsTruncated' | 'local' | 'error' | ProxyCloseKind;

/**
 * Only before the tunnel stands; what ends it afterwards is one of the others. The proxy was not reached; TLS with it failed; it wants other credentials; it
 * does not allow the target; it could not reach the target; it speaks another protocol.
 */
export type ProxyCloseKind = 'proxyUnreached' | 'proxyTls' | 'proxyAuth' | 'proxyDenied' | 'proxyFailed' | 'proxyProtocol';

export interface SocketClose {
  readonly kind: SocketCloseKind;
  readonly message: string;
  /** The system's or OpenSSL's code, such as `ECONNREFUSED`; null when there is none. */
  readonly code: string | null;
}

export interface SocketEvents {
  /** `certificate`: over TLS, the SHA-256 fingerprint of the peer's, as in `AB:CD:…`. */
  connected(certificate?: string): void;
  /** Over TLS with the server: a line of its key log (the NSS form), with its end; whoever has it can read the connection. Absent = not asked for. */
  keyLogged?(line: string): void;
  /** The bytes are valid only during the call. */
  chunk(bytes: Uint8Array): void;
  /** Called exactly once, and nothing is called after it. */
  closed(cause: SocketClose): void;
}

export interface StreamSocket {
  /** Takes a copy or the bytes themselves: the caller must not change them afterwards. */
  write(bytes: Uint8Array): void;
  /** Bytes written that the system has not taken yet. */
  readonly queuedBytes: number;
  /** Sends what is queued, then FIN. */
  end(): void;
  /** Closes at once; `closed` follows with kind `local`. */
  destroy(): void;
  /** Whom a socket that is not connected yet waits for; absent = the server. */
  readonly waitsFor?: DialStage;
}

/** The proxy to accept the connection (and TLS); its word on the target; the server. */
export type DialStage = 'proxy' | 'proxyReply' | 'server';

export type Dial = (endpoint: Endpoint, events: SocketEvents) => StreamSocket;

export interface Host {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly dial: Dial;
}

/** A host without sockets: what the mailboxes and the actor system themselves need. */
export type HostBase = Omit<Host, 'dial'>;
