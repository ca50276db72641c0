// The loopback server's listeners in the real world: TCP, TLS and unix sockets, each connection handed to the server as it comes.

import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { LoopbackConnection } from './loopback-host.ts';
import type { Acceptor } from './memory-connection.ts';

export type Listening =
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  | { readonly kind: 'tls'; readonly address: string; readonly port: number; readonly certPem: string; readonly keyPem: string }
  | { readonly kind: 'unix'; readonly path: string };

export interface Listener {
  /** `127.0.0.1:5900` or the socket's path. */
  readonly address: string;
  /** The port that was given for 0; null on a unix socket. */
  readonly port: number | null;
  /** Resolves when nothing listens and every connection is closed. */
  close(): Promise<void>;
}

/** Listens and feeds the server. Rejects with the system's error. */
export async function listen(server: Acceptor, listening: Listening): Promise<Listener> {
  const sockets = new Set<Socket>();
  /** The TCP connection under each TLS one, by the client's port: only it can be reset. */
  const underTls = new Map<number, Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(server, socket, underTls.get(portOf(socket)) ?? socket, listening.kind);
  };
  const listener = listening.kind === 'tls' ? createTlsServer({ cert: listening.certPem, key: listening.keyPem, minVersion: 'TLSv1.2' }, accept) : createTcpServer(accept);
  await started(listener, listening);
  if (listening.kind === 'tls') {
    listener.on('connection', (tcp: Socket) => {
      const port = portOf(tcp);
      underTls.set(port, tcp);
      tcp.once('close', () => underTls.delete(port));
    });
  }
  // A handshake that fails is the client's affair, running out of descriptors is not the end: the listener stays.
  listener.on('tlsClientError', () => undefined);
  listener.on('error', () => undefined);
  const bound = listener.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : null;
  return {
    address: listening.kind === 'unix' ? listening.path : `${listening.address}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const portOf = ({ remotePort }: Socket): number => remotePort ?? 0;

function started(listener: Server, listening: Listening): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    const done = (): void => {
      listener.off('error', reject);
      resolve();
    };
    if (listening.kind === 'unix') listener.listen(listening.path, done);
    else listener.listen(listening.port, listening.address, done);
  });
}

/** @param tcp the socket under TLS, otherwise the same one */
function serve(server: Acceptor, socket: Socket, tcp: Socket, kind: Listening['kind']): void {
  socket.setNoDelay(true);
  let vanished = false;
  const connection: LoopbackConnection = {
    secure: kind === 'tls',
    local: kind === 'unix',
    write: (bytes) => {
      if (!socket.destroyed && socket.writable && !vanished) socket.write(bytes);
    },
    get queuedBytes() {
      return socket.writableLength;
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    reset: () => {
      // A unix socket knows no reset. On the others the first call alone would wait for what is queued.
      if (kind !== 'unix') tcp.resetAndDestroy();
      tcp.destroy();
    },
    pause: () => void socket.pause(),
    // The system goes on to acknowledge what comes, until its buffers are full, and to answer keepalive probes.
    vanish: () => {
      vanished = true;
      socket.pause();
    },
  };
  const events = server.accept(connection);
  socket.on('data', (bytes: Buffer) => events.received(bytes));
  socket.on('drain', () => events.drained());
  socket.on('error', () => undefined); // `close` follows and says all that matters here
  socket.on('close', () => events.closed());
}
