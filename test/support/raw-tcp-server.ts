// The raw server on a real socket of the loopback address.
import type { Socket } from 'node:net';
import { plainPeer, tlsPeer, type Peer } from './dialled.ts';
import { RawPeer, type RawScript } from './raw-server.ts';

export interface RawTcpServer extends Peer {
  /** Every connection so far, in order. */
  readonly peers: readonly RawPeer[];
  /** The connection's socket, to be cut in ways that the script cannot. */
  socketOf(peer: RawPeer): Socket;
}

/** @param options.tls with the certificate of the tests; @param options.silent accepts and says nothing */
export async function rawTcpServer(script: RawScript, options: { readonly tls?: boolean } = {}): Promise<RawTcpServer> {
  const sockets = new Map<RawPeer, Socket>();
  const serve = (socket: Socket): void => {
    const peer = new RawPeer(script, { write: (bytes) => void socket.write(bytes), end: () => void socket.end() });
    sockets.set(peer, socket);
    socket.on('data', (chunk: Buffer) => peer.feed(new Uint8Array(chunk)));
    socket.on('end', () => peer.clientClosed());
    socket.on('close', () => peer.clientClosed());
  };
  const listening = options.tls === true ? await tlsPeer(serve) : await plainPeer(serve);
  return {
    ...listening,
    get peers() {
      return [...sockets.keys()];
    },
    socketOf: (peer) => {
      const socket = sockets.get(peer);
      if (socket === undefined) throw new Error('not a connection of this server');
      return socket;
    },
  };
}
