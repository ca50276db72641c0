/**
 * A stream socket of Node (TCP, TLS or unix) behind the kernel's `StreamSocket`: read into one fixed buffer under a budget per turn, closed exactly once
 * with a cause. It has no deadlines and no retries; whoever dials it owns those. It is where bytes enter the data path.
 */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { TLSSocket } from 'node:tls';
import type { Endpoint, SocketClose, SocketEvents, StreamSocket } from './host.ts';
import { closedWithNotify, connectTls } from './node-tls.ts';
import type { SocketReader } from './node-tls.ts';
import { createReadBudget, READ_TURN_BUDGET_MS } from './read-budget.ts';
import { handshakeClosed, socketCloseFromError, socketCloseOf, TLS_CLOSED_WITHOUT_NOTIFY } from './socket-close.ts';

/** The fixed read buffer of one socket, in bytes: what libuv asks the system for at most in one call. */
const READ_BUFFER_BYTES = 64 * 1024;

/**
 * Idle time before the first TCP keepalive probe, in milliseconds. Node has no way to set the interval and the number of probes: libuv fixes
 * them (docs/connecting.md).
 */
const KEEPALIVE_IDLE_MS = 30_000;

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
  const reader: SocketReader = {
    buffer: new Uint8Array(READ_BUFFER_BYTES),
    callback: (bytesRead, buffer) => {
      const readOn = budget.take(buffer.subarray(0, bytesRead));
      readPaused = !readOn;
      return readOn;
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

  const opened = openSocket(endpoint, reader);
  const socket = opened instanceof Error ? null : opened;
  if (opened instanceof Error) {
    closeBecause(socketCloseFromError(opened, isSecured(endpoint)));
    process.nextTick(reportClosed);
  } else {
    const open = opened;
    open.on(isSecured(endpoint) ? 'secureConnect' : 'connect', () => {
      if (cause !== null) return;
      // `tls.connect` ignores the options of the same meaning, so set them on every socket here. A unix socket ignores both.
      open.setNoDelay(true);
      open.setKeepAlive(true, KEEPALIVE_IDLE_MS);
      phase = 'open';
      events.connected();
    });
    open.on('end', () => {
      closeBecause(phase === 'dialling' ? handshakeClosed() : endCause(open, readPaused, ending));
      // A peer that has closed its side reads nothing more either, so there is nobody to flush to.
      budget.whenDelivered(() => open.destroy());
    });
    open.on('error', (error) => closeBecause(socketCloseFromError(error, isSecured(endpoint))));
    open.on('close', () => budget.whenDelivered(reportClosed));
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
  };
}

function openSocket(endpoint: Endpoint, reader: SocketReader): Socket | Error {
  try {
    switch (endpoint.transport) {
      case 'unix':
        return connectTcp({ path: endpoint.path, onread: reader });
      case 'tcp':
        // Node finds out only after it has made the socket, and then throws without closing it.
        if (!(Number.isInteger(endpoint.port) && endpoint.port > 0 && endpoint.port < 65_536)) return new RangeError(`${endpoint.port} is not a TCP port`);
        return endpoint.tls === null
          ? connectTcp({ host: endpoint.address, port: endpoint.port, onread: reader })
          : connectTls(endpoint.address, endpoint.port, endpoint.tls, reader);
    }
  } catch (error) {
    // Ports out of range, a path too long, a CA or subject that cannot be read: facts about the endpoint, so a close like any other.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function endCause(socket: Socket, paused: boolean, ending: boolean): SocketClose {
  if (ending) return socketCloseOf('local', 'closed by this side, and the peer agreed');
  if (socket instanceof TLSSocket && !closedWithNotify(socket, paused)) {
    return socketCloseOf('tlsTruncated', 'the TCP connection ended without a TLS close notify', TLS_CLOSED_WITHOUT_NOTIFY);
  }
  return socketCloseOf('fin', 'closed by the peer');
}

function isSecured(endpoint: Endpoint): boolean {
  return endpoint.transport === 'tcp' && endpoint.tls !== null;
}
