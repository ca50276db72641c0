/** A dialled socket that remembers what it was told, and peers to dial. For scenario tests: real sockets on the loopback addresses. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions, TLSSocket } from 'node:tls';
import { dialNodeSocket } from '#app/actors/kernel/node-socket.js';
import type { ReadTurn } from '#app/actors/kernel/node-socket.js';
import type { Endpoint, SocketClose, StreamSocket } from '#app/actors/kernel/host.js';
import { deferred } from './deferred.ts';
import { pki } from './pki.ts';

export interface Dialled {
  readonly socket: StreamSocket;
  /** With the fingerprint of the peer's certificate, over TLS. */
  readonly connected: Promise<string | undefined>;
  readonly closed: Promise<SocketClose>;
  /** What happened, in order; neighbouring chunks are one entry. */
  readonly story: string[];
  received(): Buffer;
}

export function dial(endpoint: Endpoint, options: { turn?: ReadTurn; onChunk?: (bytes: Uint8Array, socket: StreamSocket) => void } = {}): Dialled {
  const chunks: Buffer[] = [];
  const story: string[] = [];
  const connected = deferred<string | undefined>();
  const closed = deferred<SocketClose>();
  const socket = dialNodeSocket(
    endpoint,
    {
      connected(certificate) {
        story.push('connected');
        connected.resolve(certificate);
      },
      chunk(bytes) {
        if (story.at(-1) !== 'chunk') story.push('chunk');
        chunks.push(Buffer.from(bytes));
        options.onChunk?.(bytes, socket);
      },
      closed(cause) {
        story.push(cause.kind);
        closed.resolve(cause);
      },
    },
    options.turn,
  );
  return { socket, connected: connected.promise, closed: closed.promise, story, received: () => Buffer.concat(chunks) };
}

export interface Peer {
  readonly port: number;
  close(): Promise<void>;
}

export async function plainPeer(serve: (socket: Socket) => void, path?: string): Promise<Peer> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  return listen(server, path);
}

/**
 * @param serve is called in the turn after the handshake: inside the event itself OpenSSL still counts as shaking hands, and an `end`
 * there sends no close notify.
 */
export async function tlsPeer(serve: (socket: TLSSocket) => void, options: TlsOptions = {}): Promise<Peer> {
  const server = createTlsServer({ key: pki.serverKey, cert: pki.server, ...options }, (socket) => {
    socket.on('error', () => {});
    setImmediate(() => serve(socket));
  });
  return listen(server);
}

export const tcp = (port: number): Endpoint => ({ transport: 'tcp', address: '127.0.0.1', port, tls: null });

export const tls = (port: number, settings: Partial<{ serverName: string; caPem: string | null; hostSubject: string }> = {}): Endpoint => ({
  transport: 'tcp',
  address: '127.0.0.1',
  port,
  tls: { serverName: null, caPem: pki.ca, hostSubject: null, ...settings },
});

async function listen(server: Server, path?: string): Promise<Peer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  const address = server.address() as AddressInfo | string | null;
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
