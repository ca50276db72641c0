// What the loopback server needs of the world: time, timers, and connections that somebody accepts for it. Types only: the real
// ones are in `node-listener.ts`, and a simulation brings its own, so that the same server runs under a virtual clock.

/** Cancels what it came from; harmless afterwards. */
export type Cancel = () => void;

export interface LoopbackHost {
  readonly clock: { monotonicMs(): number };
  readonly timers: { after(ms: number, run: () => void): Cancel };
}

/** One accepted connection, as the server writes to it. */
export interface LoopbackConnection {
  readonly secure: boolean;
  write(bytes: Uint8Array): void;
  /** Bytes written that the client's side has not taken. */
  readonly queuedBytes: number;
  /** Sends what is queued, then closes. */
  end(): void;
  destroy(): void;
}

/** What the server hears of a connection. The bytes are valid during the call. */
export interface LoopbackConnectionEvents {
  received(bytes: Uint8Array): void;
  closed(): void;
}
