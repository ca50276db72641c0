/**
 * A stream socket of Node (TCP, TLS or unix, straight or through a proxy) behind the kernel's `StreamSocket`: read into one fixed buffer under a budget per turn,
 * closed exactly once with a cause. It has no deadlines and no retries; whoever dials it owns those. It is where bytes enter the data path.
 */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { TLSSocket } from 'node:tls';
import { isHostToken } from '../../proxy/ip-address.ts';
import type { Endpoint, SocketClose, SocketEvents, StreamSocket, TlsSettings } from './host.ts';
import { closedWithNotify, connectTls, watchForNotify } from './node-tls.ts';
import type { SocketReader } from './node-tls.ts';
import { ProxyDial } from './proxy-dial.ts';
import { createReadBudget, READ_TURN_BUDGET_MS } from './read-budget.ts';
import { handshakeClosed, socketCloseFromError, socketCloseOf, TLS_CLOSED_WITHOUT_NOTIFY } from './socket-close.ts';

/** The fixed read buffer of one socket, in bytes: what libuv asks the system for at most in one call. */
const READ_BUFFER_BYTES = 64 * 1024;

/**
 * Idle time before the first TCP keepalive probe, in milliseconds. Node has no way to set the interval and the number of probes: libuv fixes
 * them (docs/connecting.md).
 */
const KEEPALIVE_IDLE_MS = 30_000;

/** What a token for the proxy is called where a certificate's names are told: it is as good as a key, and no certificate has it. */
const TOKEN_NAME = 'server-behind-the-proxy.invalid';

/** What the reader of a socket may be given instead of the real clock and loop. */
export interface ReadTurn {
  readonly budgetMs: number;
  readonly nowMs: () => number;
}

const REAL_TURN: ReadTurn = { budgetMs: READ_TURN_BUDGET_MS, nowMs: () => performance.now() };

/**
 * Starts to connect. Nothing is told before this call returns. Bytes given to `write` belong to the socket from then on and must not be changed;
 * writing before `connected` is a mistake and throws (with TLS it would send before the peer is known), writing after the
 * socket closed is ignored, because the two may cross.
 */
export function dialNodeSocket(endpoint: Endpoint, events: SocketEvents, turn: ReadTurn = REAL_TURN): StreamSocket {
  let phase: 'dialling' | 'open' | 'closed' = 'dialling';
  let cause: SocketClose | null = null;
  let ending = false;
  let readPaused = false;
  let withNotify = (secure: TLSSocket): boolean => closedWithNotify(secure, readPaused);
  let socket: Socket | null = null;

  const budget = createReadBudget({
    ...turn,
    soon: (run) => {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    },
    deliver: (bytes) => events.chunk(bytes),
    resume: () => {
      readPaused = false;
      socket?.resume();
    },
  });
  const read = (bytes: Uint8Array): boolean => {
    const readOn = budget.take(bytes);
    readPaused = !readOn;
    return readOn;
  };
  const reader: SocketReader = {
    buffer: new Uint8Array(READ_BUFFER_BYTES),
    callback: (bytesRead, buffer) => {
      const bytes = buffer.subarray(0, bytesRead);
      return proxy === null ? read(bytes) : proxy.take(bytes);
    },
  };
  // The first cause is the cause: what follows (a write that fails after a reset) only confirms it.
  const closeBecause = (next: SocketClose): void => {
    cause ??= next;
  };
  const reportClosed = (): void => {
    if (phase === 'closed') return;
    phase = 'closed';
    budget.stop();
    events.closed(cause ?? socketCloseOf('error', 'the socket closed without a reason'));
  };
  const opened = (): void => {
    if (cause !== null) return;
    phase = 'open';
    events.connected(socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined);
  };

  const watch = (watched: Socket, secured: boolean, stands: () => void): void => {
    socket = watched;
    // Not of TLS with a proxy: what is inside that is either the server's TLS, which is here too, or bytes that a capture has anyway.
    if (proxy === null && watched instanceof TLSSocket && events.keyLogged !== undefined) watched.on('keylog', (line: Buffer) => events.keyLogged?.(line.toString('latin1')));
    watched.on(secured ? 'secureConnect' : 'connect', () => {
      if (cause !== null) return;
      // `tls.connect` ignores the options of the same meaning, so set them on every socket here. A unix socket ignores both.
      watched.setNoDelay(true);
      watched.setKeepAlive(true, KEEPALIVE_IDLE_MS);
      stands();
    });
    watched.on('end', () => {
      if (watched !== socket) return;
      closeBecause(proxy !== null ? proxy.closeOf(null) : phase === 'dialling' ? handshakeClosed() : endCause(ending, watched instanceof TLSSocket ? withNotify(watched) : true));
      // A peer that has closed its side reads nothing more either, so there is nobody to flush to.
      budget.whenDelivered(() => watched.destroy());
    });
    watched.on('error', (error) => closeBecause(proxy !== null ? proxy.closeOf(error) : socketCloseFromError(error, secured)));
    watched.on('close', () => {
      if (watched === socket) budget.whenDelivered(reportClosed);
    });
  };

  /** TLS with the server over the tunnel, which is then no socket of its own any more. */
  const secureTunnel = (tunnel: Socket, host: string, settings: TlsSettings, rest: Uint8Array): void => {
    // Not inside the tunnel's own read: from here on its bytes are the TLS layer's.
    if (cause !== null) return;
    if (rest.length > 0) tunnel.unshift(rest);
    const secure = attempt(() => connectTls({ kind: 'tunnel', socket: tunnel, host: isHostToken(host) ? TOKEN_NAME : host }, settings));
    if (secure instanceof Error) {
      closeBecause(socketCloseFromError(secure, true));
      return void tunnel.destroy();
    }
    withNotify = watchForNotify(secure);
    watch(secure, true, opened);
    secure.on('data', (bytes: Buffer) => {
      if (!read(bytes)) secure.pause();
    });
  };

  // Not null until the tunnel stands.
  let proxy: ProxyDial | null = endpoint.transport !== 'proxied' ? null : new ProxyDial(endpoint, {
    send: (bytes) => void socket?.write(bytes),
    established(rest) {
      proxy = null;
      const tunnel = socket;
      if (tunnel === null || cause !== null) return false;
      if (endpoint.tls !== null) {
        const { host, tls } = endpoint;
        const early = rest.slice();
        process.nextTick(() => secureTunnel(tunnel, host, tls, early));
        return false;
      }
      opened();
      return rest.length === 0 || read(rest);
    },
    failed(failure) {
      closeBecause(failure);
      socket?.destroy();
    },
  });

  const first = attempt(() => openSocket(endpoint, reader));
  if (first instanceof Error) {
    // Ports out of range, a path too long, a CA or subject that cannot be read: facts about the endpoint, so a close like any other.
    closeBecause(proxy?.closeOf(first) ?? socketCloseFromError(first, isSecured(endpoint)));
    process.nextTick(reportClosed);
  } else {
    watch(first, isSecured(endpoint), () => (proxy === null ? opened() : proxy.begin()));
  }

  return {
    write(bytes) {
      if (phase === 'dialling' && cause === null) throw new Error('write before the socket was connected');
      // An empty write would make TLS decrypt, and so deliver, inside the call.
      if (bytes.byteLength > 0 && cause === null) socket?.write(bytes);
    },
    get queuedBytes() {
      return phase === 'closed' ? 0 : (socket?.writableLength ?? 0);
    },
    end() {
      ending = true;
      socket?.end();
    },
    destroy() {
      closeBecause(socketCloseOf('local', 'closed by this side'));
      socket?.destroy();
      budget.stop();
    },
    get waitsFor() {
      return proxy?.stage ?? 'server';
    },
  };
}

/** The first hop: the server, or the proxy before it. */
function openSocket(endpoint: Endpoint, reader: SocketReader): Socket {
  switch (endpoint.transport) {
    case 'unix':
      return connectTcp({ path: endpoint.path, onread: reader });
    case 'tcp':
      return openTcp(endpoint, reader);
    case 'proxied':
      return openTcp(endpoint.proxy, reader);
  }
}

function openTcp({ address, port, tls }: { readonly address: string; readonly port: number; readonly tls: TlsSettings | null }, reader: SocketReader): Socket {
  // Node finds out only after it has made the socket, and then throws without closing it.
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw new RangeError(`${port} is not a TCP port`);
  return tls === null ? connectTcp({ host: address, port, onread: reader }) : connectTls({ kind: 'address', address, port, reader }, tls);
}

function attempt<S extends Socket>(open: () => S): S | Error {
  try {
    return open();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** @param inOrder false when TLS ended without saying so */
function endCause(ending: boolean, inOrder: boolean): SocketClose {
  if (ending) return socketCloseOf('local', 'closed by this side, and the peer agreed');
  if (!inOrder) return socketCloseOf('tlsTruncated', 'the TCP connection ended without a TLS close notify', TLS_CLOSED_WITHOUT_NOTIFY);
  return socketCloseOf('fin', 'closed by the peer');
}

/** Whether TLS runs on the first hop. */
function isSecured(endpoint: Endpoint): boolean {
  switch (endpoint.transport) {
    case 'unix':
      return false;
    case 'tcp':
      return endpoint.tls !== null;
    case 'proxied':
      return endpoint.proxy.tls !== null;
  }
}
