// A network in virtual time: every dial reaches one raw server. Bytes arrive in order, in a later turn, cut and delayed as the test
// says; nothing is lost unless somebody closes.
import type { Cancel, Dial, SocketClose, SocketEvents, StreamSocket, Timers } from '#app/actors/kernel/host.js';
import { createVirtualHost, type VirtualHost } from '#app/actors/kernel/virtual-host.js';
import { RawPeer, type RawScript } from './raw-server.ts';

export interface VirtualNetworkOptions {
  /** Lengths of the pieces in which `bytes` bytes from the server arrive; the last piece is what is left. Default: one piece. */
  readonly cut?: (bytes: number) => readonly number[];
  /** Milliseconds on the way, asked for each piece of either direction; order is kept. Default 0. */
  readonly delayMs?: () => number;
}

export interface VirtualWorld {
  readonly host: VirtualHost;
  readonly peers: readonly RawPeer[];
}

export function createVirtualWorld(seed: number, script: RawScript, options: VirtualNetworkOptions = {}): VirtualWorld {
  const peers: RawPeer[] = [];
  const dial: Dial = (_endpoint, events) => {
    const connection = new Connection(host, events, options, script);
    peers.push(connection.peer);
    return connection;
  };
  const host = createVirtualHost({ seed, dial });
  return { host, peers };
}

class Connection implements StreamSocket {
  readonly queuedBytes = 0;
  readonly peer: RawPeer;
  readonly #toClient: Way;
  readonly #toServer: Way;
  readonly #events: SocketEvents;
  #clientOver = false;
  #ending = false;

  constructor(host: Pick<VirtualHost, 'timers' | 'clock'>, events: SocketEvents, options: VirtualNetworkOptions, script: RawScript) {
    this.#events = events;
    this.#toClient = new Way(host, options.delayMs);
    this.#toServer = new Way(host, options.delayMs);
    this.peer = new RawPeer(script, {
      write: (bytes) => {
        let at = 0;
        for (const length of [...(options.cut?.(bytes.length) ?? []), bytes.length]) {
          const piece = bytes.slice(at, at + length);
          at += piece.length;
          if (piece.length > 0) this.#toClient.later(() => this.#tell(() => this.#events.chunk(piece)));
        }
      },
      end: () => this.#toClient.later(() => this.#close(this.#ending ? 'local' : 'fin')),
    });
    this.#toClient.later(() => this.#tell(() => this.#events.connected()));
  }

  write(bytes: Uint8Array): void {
    if (this.#clientOver) return;
    if (this.#ending) throw new Error('written behind the end');
    const sent = bytes.slice();
    this.#toServer.later(() => this.peer.feed(sent));
  }

  end(): void {
    this.#ending = true;
    this.#toServer.later(() => {
      this.peer.clientClosed();
      this.#toClient.later(() => this.#close('local'));
    });
  }

  destroy(): void {
    this.#toServer.later(() => this.peer.clientClosed());
    this.#toClient.later(() => this.#close('local'));
  }

  #tell(news: () => void): void {
    if (!this.#clientOver) news();
  }

  #close(kind: SocketClose['kind']): void {
    if (this.#clientOver) return;
    this.#clientOver = true;
    this.#events.closed({ kind, message: `closed: ${kind}`, code: null });
  }
}

/** One direction: what is sent arrives later, in the order in which it was sent. */
class Way {
  readonly #timers: Timers;
  readonly #clock: VirtualHost['clock'];
  readonly #delayMs: () => number;
  #lastAtMs = 0;

  constructor({ timers, clock }: Pick<VirtualHost, 'timers' | 'clock'>, delayMs: () => number = () => 0) {
    this.#timers = timers;
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  later(run: () => void): Cancel {
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#clock.monotonicMs() + this.#delayMs());
    return this.#timers.after(this.#lastAtMs - this.#clock.monotonicMs(), run);
  }
}
