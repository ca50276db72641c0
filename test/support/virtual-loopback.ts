// The loopback server in virtual time: every dial reaches it, and each connection is known by its channel, so that a test can cut
// one of them at a moment of its choosing. Bytes arrive in order in a later turn; nothing is lost unless somebody closes.
import { createVirtualHost, type VirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { Cancel, Dial, SocketCloseKind, SocketEvents, StreamSocket } from '#app/actors/kernel/host.js';
import type { LoopbackConnectionEvents } from '#app/loopback/loopback-host.js';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '#app/loopback/server.js';
import { channelName } from '#app/protocol/constants.js';

/** TCP keepalive as node-socket.ts sets it: 30 s and three probes 15 s apart. */
const keepaliveMs = 75_000;
/** In the link message: magic, version, size, connection id, then the channel's type and id. */
const TYPE_AT = 20;
const ID_AT = 21;

export class VirtualLoopback {
  server: LoopbackServer;
  readonly host: VirtualHost;
  /** Every connection that was dialled, in order. */
  readonly dialled: VirtualConnection[] = [];
  /** Connections for which this says true are refused. */
  refuses: (dialNumber: number) => boolean = () => false;

  constructor(seed: number, options: Partial<LoopbackOptions> = {}) {
    const dial: Dial = (_endpoint, events) => {
      const connection = new VirtualConnection(this.host, events, this.refuses(this.dialled.length));
      this.dialled.push(connection);
      if (!connection.isRefused) connection.accept((each) => this.server.accept(each));
      return connection;
    };
    this.host = createVirtualHost({ seed, dial });
    this.server = new LoopbackServer(this.host, { ...defaultLoopbackOptions, scene: 'still', ...options });
  }

  /** The server dies: its connections end, and nobody listens any more. */
  stopServer(): void {
    this.refuses = () => true;
    this.server.close();
  }

  /** Another server at the same address, which knows no session. */
  startServer(options: Partial<LoopbackOptions> = {}): void {
    this.server = new LoopbackServer(this.host, { ...defaultLoopbackOptions, scene: 'still', ...options });
    this.refuses = () => false;
  }

  /** The connections of a channel, oldest first. */
  of(channel: string): readonly VirtualConnection[] {
    return this.dialled.filter((each) => each.channel === channel);
  }

  /** Cuts the newest connection of a channel on both sides. Throws when it has none. */
  cut(channel: string, kind: SocketCloseKind = 'fin'): void {
    this.#newest(channel).cut(kind);
  }

  /** Nothing passes the newest connection of a channel any more, and nobody is told. */
  freeze(channel: string): void {
    this.#newest(channel).freeze();
  }

  #newest(channel: string): VirtualConnection {
    const newest = this.of(channel).at(-1);
    if (newest === undefined) throw new Error(`${channel} was never dialled`);
    return newest;
  }
}

export class VirtualConnection implements StreamSocket {
  readonly queuedBytes = 0;
  readonly isRefused: boolean;
  /** `display/0`, once the client has said so. */
  channel: string | null = null;
  readonly #host: VirtualHost;
  readonly #client: SocketEvents;
  #server: LoopbackConnectionEvents | null = null;
  #cancelKeepalive: Cancel = () => undefined;
  #first: Uint8Array = new Uint8Array(0);
  #clientOver = false;
  #serverOver = false;
  #halfOpen = false;
  #frozen = false;
  #paused = false;
  #vanished = false;

  constructor(host: VirtualHost, client: SocketEvents, isRefused: boolean) {
    this.#host = host;
    this.#client = client;
    this.isRefused = isRefused;
    this.#later(() => {
      if (isRefused) this.#closeClient('refused');
      else if (!this.#clientOver) client.connected();
    });
  }

  accept(accept: LoopbackServer['accept']): void {
    this.#server = accept({
      secure: false,
      local: false,
      queuedBytes: 0,
      write: (bytes) => {
        this.#later(() => {
          if (this.#frozen) return;
          if (!this.#clientOver && !this.#vanished) this.#client.chunk(bytes);
          if (!this.#serverOver) this.#server?.drained();
        });
      },
      end: () => this.#later(() => this.cut('fin')),
      destroy: () => this.#later(() => this.cut('rst')),
      reset: () => this.#later(() => this.cut('rst')),
      pause: () => void (this.#paused = true),
      vanish: () => this.#vanish(),
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#clientOver) return;
    this.#learn(bytes);
    const piece = bytes.slice();
    this.#later(() => {
      if (this.#frozen) return;
      if (!this.#serverOver && !this.#paused) this.#server?.received(piece);
    });
  }

  end(): void {
    this.#later(() => this.cut('local'));
  }

  destroy(): void {
    this.#later(() => this.cut('local'));
  }

  /** Ends it on both sides. */
  cut(kind: SocketCloseKind): void {
    this.#closeClient(kind);
    if (!this.#halfOpen) this.closeServer();
  }

  /** The server's side alone: the client has not heard of it. */
  closeServer(): void {
    if (this.#serverOver) return;
    this.#serverOver = true;
    this.#server?.closed();
  }

  /** The client's side alone: the server still holds the channel. */
  closeClient(kind: SocketCloseKind): void {
    this.#halfOpen = true;
    this.#closeClient(kind);
  }

  /** Nothing passes any more, and nobody is told. */
  freeze(): void {
    this.#frozen = true;
  }

  /** As when a router forgets the connection: only the client's own keepalive finds out. */
  #vanish(): void {
    this.#vanished = true;
    this.#paused = true;
    this.#cancelKeepalive = this.#host.timers.after(keepaliveMs, () => this.#closeClient('timeout'));
  }

  #closeClient(kind: SocketCloseKind): void {
    this.#cancelKeepalive();
    if (this.#clientOver) return;
    this.#clientOver = true;
    this.#client.closed({ kind, message: `closed: ${kind}`, code: null });
  }

  #learn(bytes: Uint8Array): void {
    if (this.channel !== null) return;
    this.#first = Buffer.concat([this.#first, bytes]);
    const type = this.#first[TYPE_AT];
    const id = this.#first[ID_AT];
    if (type !== undefined && id !== undefined) this.channel = `${channelName(type)}/${id}`;
  }

  #later(run: () => void): void {
    this.#host.timers.after(0, run);
  }
}
