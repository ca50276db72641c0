// A TCP proxy between a client and a SPICE server that knows which channel each connection carries, from the client's own link
// message, so that a test can cut one of them from outside: neither end has done anything.
import { createConnection, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:net';
import { channelName } from '#app/protocol/constants.js';

/** In the link message: magic, version, size, connection id, then the channel's type and id. */
const CONNECTION_ID_AT = 16;
const TYPE_AT = 20;
const HEAD_BYTES = 22;

interface Proxied {
  channel: string | null;
  connectionId: number | null;
  fromClient: number;
  fromServer: number;
  readonly client: Socket;
  readonly server: Socket;
}

export class ChannelProxy {
  readonly #listener: Server;
  readonly #connections: Proxied[] = [];

  private constructor(listener: Server) {
    this.#listener = listener;
  }

  static async start(serverPort: number): Promise<ChannelProxy> {
    const listener = createServer({ noDelay: true });
    const proxy = new ChannelProxy(listener);
    listener.on('connection', (client) => proxy.#accept(client, createConnection({ host: '127.0.0.1', port: serverPort, noDelay: true })));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    // A TCP listener's address is always of this form.
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Connections of a channel so far. */
  count(channel: string): number {
    return this.#connections.filter((each) => each.channel === channel).length;
  }

  /** All connections so far. */
  get dialled(): number {
    return this.#connections.length;
  }

  /** The session id that the newest connection of a channel was linked with. */
  connectionId(channel: string): number | null {
    return this.#connections.findLast((each) => each.channel === channel)?.connectionId ?? null;
  }

  /** Bytes that have passed on all connections of a channel, links included. */
  passed(channel: string): { readonly fromClient: number; readonly fromServer: number } {
    const own = this.#connections.filter((each) => each.channel === channel);
    return { fromClient: own.reduce((sum, each) => sum + each.fromClient, 0), fromServer: own.reduce((sum, each) => sum + each.fromServer, 0) };
  }

  /** Cuts the newest connection of a channel: with FIN both ways, or with RST both ways. Throws when it has none. */
  cut(channel: string, how: 'fin' | 'rst' = 'fin'): void {
    const connection = this.#connections.findLast((each) => each.channel === channel);
    if (connection === undefined) throw new Error(`${channel} was never dialled`);
    for (const socket of [connection.server, connection.client]) {
      socket.unpipe();
      if (how === 'fin') socket.end();
      else socket.resetAndDestroy();
    }
  }

  close(): Promise<void> {
    for (const { client, server } of this.#connections) {
      client.destroy();
      server.destroy();
    }
    return new Promise((resolve) => void this.#listener.close(() => resolve()));
  }

  #accept(client: Socket, server: Socket): void {
    const connection: Proxied = { channel: null, connectionId: null, fromClient: 0, fromServer: 0, client, server };
    this.#connections.push(connection);
    let head = Buffer.alloc(0);
    const learn = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) return;
      client.off('data', learn);
      connection.connectionId = head.readUInt32LE(CONNECTION_ID_AT);
      connection.channel = `${channelName(head[TYPE_AT] ?? 0)}/${head[TYPE_AT + 1] ?? 0}`;
    };
    client.on('data', learn);
    client.on('data', (chunk: Buffer) => (connection.fromClient += chunk.length));
    server.on('data', (chunk: Buffer) => (connection.fromServer += chunk.length));
    client.pipe(server);
    server.pipe(client);
    for (const [from, to] of [[client, server], [server, client]] as const) {
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  }
}
