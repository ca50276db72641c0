// The simulated network: `Host.dial` on one side, the loopback server on the other, bytes in between that are late, cut into
// pieces, held up, or lost together with their connection. Everything that happens on it is told to whoever watches.

import type { Dial, Endpoint, SocketClose, SocketEvents, StreamSocket } from '#app/actors/kernel/host.js';
import type { VirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { LoopbackConnection, LoopbackConnectionEvents } from '#app/loopback/loopback-host.js';
import type { Seeded } from './seeded.ts';
import { WireObserver, type SeenMessage } from './wire-observer.ts';

/** Whoever accepts connections; null = nobody listens. */
export type Accept = ((connection: LoopbackConnection) => LoopbackConnectionEvents) | null;

export interface NetworkEvents {
  opened(connection: SimulatedConnection): void;
  /** A chunk was handled by the client to its end: these messages were complete in it, and these it wrote meanwhile. */
  delivered(connection: SimulatedConnection, received: readonly SeenMessage[], written: readonly SeenMessage[]): void;
  sent(connection: SimulatedConnection, messages: readonly SeenMessage[]): void;
  closed(connection: SimulatedConnection, cause: SocketClose): void;
  /** False = these bytes of the client never leave it (planted bugs). */
  passes(connection: SimulatedConnection, bytes: Uint8Array): number;
}

/** TCP keepalive as node-socket.ts sets it: 30 s and three probes 15 s apart. */
const keepaliveMs = 75_000;
const refusedAfterMs = 1;
const latencyMsMax = 25;
const piecesMax = 12;

export class SimulatedNetwork {
  readonly connections = new Set<SimulatedConnection>();
  accept: Accept = null;
  /** Dials that no answer will ever come to: the machine is gone, not only its server. */
  blackHole = false;
  readonly #host: () => Pick<VirtualHost, 'timers' | 'clock'>;
  readonly #random: Seeded;
  readonly #events: NetworkEvents;
  #dialled = 0;

  constructor(host: () => Pick<VirtualHost, 'timers' | 'clock'>, random: Seeded, events: NetworkEvents) {
    this.#host = host;
    this.#random = random;
    this.#events = events;
  }

  readonly dial: Dial = (_endpoint: Endpoint, events: SocketEvents): StreamSocket => {
    const connection = new SimulatedConnection(++this.#dialled, this.#host(), this.#random.fork(), events, {
      ...this.#events,
      closed: (one, cause) => {
        this.connections.delete(one);
        this.#events.closed(one, cause);
      },
    });
    this.connections.add(connection);
    this.#events.opened(connection);
    if (!this.blackHole) connection.reach(() => this.accept);
    return connection;
  };

  /** Connections of a channel type, open at both ends. */
  of(channelType: number): SimulatedConnection[] {
    return [...this.connections].filter(({ link }) => link?.channelType === channelType);
  }
}

export class SimulatedConnection implements StreamSocket {
  readonly id: number;
  /** Whose socket this is, as the simulation knows it. */
  owner = '';
  readonly #host: Pick<VirtualHost, 'timers' | 'clock'>;
  readonly #random: Seeded;
  readonly #events: SocketEvents;
  readonly #told: NetworkEvents;
  readonly #toClient: Way;
  readonly #toServer: Way;
  readonly #fromClient = new WireObserver('client');
  readonly #fromServer = new WireObserver('server');
  readonly #latencyMs: number;
  readonly #fragments: boolean;
  #server: LoopbackConnectionEvents | null = null;
  #written: SeenMessage[] = [];
  #clientOver = false;
  #serverOver = true;
  #ending = false;
  #lost = false;
  #paused = false;

  constructor(id: number, host: Pick<VirtualHost, 'timers' | 'clock'>, random: Seeded, events: SocketEvents, told: NetworkEvents) {
    this.id = id;
    this.#host = host;
    this.#random = random;
    this.#events = events;
    this.#told = told;
    this.#toClient = new Way(host);
    this.#toServer = new Way(host);
    this.#latencyMs = random.between(0, latencyMsMax);
    this.#fragments = random.chance(0.3);
  }

  /** What the client asked for in its link message, as seen on the wire. */
  get link(): WireObserver['link'] {
    return this.#fromClient.link;
  }

  get queuedBytes(): number {
    return this.#toServer.queuedBytes;
  }

  /** Whoever listens when the client arrives takes it: the server that did when it set out may be gone by then. */
  reach(listener: () => Accept): void {
    if (listener() === null) {
      this.#host.timers.after(refusedAfterMs, () => this.#closeClient('refused'));
      return;
    }
    this.#toClient.later(this.#delay(), 0, () => {
      if (this.#clientOver) return;
      const accept = listener();
      if (accept === null) return this.#closeClient('refused');
      this.#serverOver = false;
      this.#server = accept(this.#serverSide());
      this.#events.connected();
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#clientOver) return;
    if (this.#ending) throw new Error(`${this.owner} wrote behind the end of its connection`);
    const times = this.#told.passes(this, bytes);
    for (let time = 0; time < times; time++) {
      const messages = this.#fromClient.see(bytes);
      this.#written.push(...messages);
      this.#told.sent(this, messages);
      this.#carry(this.#toServer, bytes.slice(), (piece) => {
        if (!this.#serverOver && !this.#paused) this.#server?.received(piece);
      });
    }
  }

  end(): void {
    if (this.#clientOver || this.#ending) return;
    this.#ending = true;
    this.#toServer.later(this.#delay(), 0, () => {
      this.#closeServer();
      this.#toClient.later(this.#delay(), 0, () => this.#closeClient('local'));
    });
  }

  destroy(): void {
    if (this.#clientOver) return;
    this.#toServer.later(this.#delay(), 0, () => this.#closeServer());
    this.#clientOver = true;
    this.#host.timers.soon(() => this.#finish('local'));
  }

  /** The connection ends at both sides: by a FIN behind what is on its way, or at once by a reset. */
  cut(how: 'fin' | 'rst'): void {
    this.#toServer.later(how === 'fin' ? this.#delay() : 0, 0, () => this.#closeServer());
    if (how === 'rst') this.#closeClient('rst');
    else this.#toClient.later(this.#delay(), 0, () => this.#closeClient('fin'));
  }

  /** Nothing arrives at either side any more, and nobody is told until keepalive gives up. */
  lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#host.timers.after(keepaliveMs, () => {
      this.#closeServer();
      this.#closeClient('timeout');
    });
  }

  /** Holds up one direction. */
  stall(direction: 'toClient' | 'toServer', ms: number): void {
    (direction === 'toClient' ? this.#toClient : this.#toServer).stall(ms);
  }

  /** Bytes that the server never wrote. */
  inject(bytes: Uint8Array): void {
    this.#toClient.later(0, 0, () => {
      if (!this.#clientOver) this.#events.chunk(bytes);
    });
  }

  #serverSide(): LoopbackConnection {
    const way = this.#toClient;
    return {
      secure: false,
      local: false,
      write: (bytes) => {
        if (this.#serverOver) return;
        this.#carry(way, bytes.slice(), (piece) => {
          this.#deliver(piece);
          if (way.queuedBytes === 0 && !this.#serverOver) this.#server?.drained();
        });
      },
      get queuedBytes() {
        return way.queuedBytes;
      },
      end: () => this.cut('fin'),
      destroy: () => this.cut('rst'),
      reset: () => this.cut('rst'),
      pause: () => void (this.#paused = true),
      vanish: () => this.lose(),
    };
  }

  #carry(way: Way, bytes: Uint8Array, arrive: (piece: Uint8Array) => void): void {
    const pieces = this.#fragments && bytes.length > 1 ? this.#random.between(1, piecesMax) : 1;
    let at = 0;
    for (let piece = 1; piece <= pieces && at < bytes.length; piece++) {
      const rest = bytes.length - at;
      const length = piece === pieces ? rest : this.#random.between(1, rest);
      const part = bytes.subarray(at, at + length);
      at += length;
      way.later(this.#delay(), part.length, () => {
        if (!this.#lost) arrive(part);
      });
    }
  }

  #deliver(piece: Uint8Array): void {
    if (this.#clientOver) return;
    this.#written = [];
    const ending = this.#ending;
    this.#events.chunk(piece);
    const received = this.#fromServer.see(piece);
    // What a client no longer answers because it closes is owed to nobody.
    if (!ending && !this.#ending && !this.#clientOver) this.#told.delivered(this, received, this.#written);
  }

  #delay(): number {
    return this.#latencyMs + this.#random.between(0, 3);
  }

  #closeServer(): void {
    if (this.#serverOver) return;
    this.#serverOver = true;
    this.#server?.closed();
    if (!this.#clientOver && !this.#lost) this.#toClient.later(this.#delay(), 0, () => this.#closeClient(this.#ending ? 'local' : 'fin'));
  }

  #closeClient(kind: SocketClose['kind']): void {
    if (this.#clientOver) return;
    this.#clientOver = true;
    this.#finish(this.#ending ? 'local' : kind);
  }

  #finish(kind: SocketClose['kind']): void {
    const cause: SocketClose = { kind, message: `simulated: ${kind}`, code: null };
    this.#told.closed(this, cause);
    this.#events.closed(cause);
  }
}

/** One direction: what is sent arrives later, in the order in which it was sent. */
class Way {
  readonly #host: Pick<VirtualHost, 'timers' | 'clock'>;
  #lastAtMs = 0;
  queuedBytes = 0;

  constructor(host: Pick<VirtualHost, 'timers' | 'clock'>) {
    this.#host = host;
  }

  later(delayMs: number, bytes: number, run: () => void): void {
    const nowMs = this.#host.clock.monotonicMs();
    this.#lastAtMs = Math.max(this.#lastAtMs, nowMs + delayMs);
    this.queuedBytes += bytes;
    this.#host.timers.after(this.#lastAtMs - nowMs, () => {
      this.queuedBytes -= bytes;
      run();
    });
  }

  stall(ms: number): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#host.clock.monotonicMs()) + ms;
  }
}
