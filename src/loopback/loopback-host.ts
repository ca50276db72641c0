// What the loopback server needs of the world: time, timers, randomness, and connections that somebody accepts for it. Types only:
// `node-listener.ts` has real sockets, `memory-connection.ts` has none, and so the same server runs in one thread under a virtual clock.

/** Cancels what it came from; harmless afterwards. */
export type Cancel = () => void;

export interface LoopbackHost {
  readonly clock: { monotonicMs(): number; wallMs(): number };
  readonly timers: { after(ms: number, run: () => void): Cancel; soon(run: () => void): Cancel };
  readonly random: { bytes(count: number): Uint8Array };
}

/** One accepted connection, as the server writes to it. Scripted faults are a wrapper around one (faulty-connection.ts). */
export interface LoopbackConnection {
  readonly secure: boolean;
  /** A unix socket: nothing to encrypt, no network to measure. */
  readonly local: boolean;
  /** Takes the bytes themselves: the caller does not change them afterwards. */
  write(bytes: Uint8Array): void;
  /** Bytes written that the client's side has not taken. */
  readonly queuedBytes: number;
  /** Sends what is queued, then closes. */
  end(): void;
  destroy(): void;
  /** Closes at once with a reset, where there is such a thing. */
  reset(): void;
  /** Takes nothing more from the client, whose bytes pile up on their way. */
  pause(): void;
  /** Nothing goes either way any more, and neither side is told. */
  vanish(): void;
}

/** What the server hears of a connection. The bytes are valid during the call. */
export interface LoopbackConnectionEvents {
  received(bytes: Uint8Array): void;
  /** Everything written has been taken. */
  drained(): void;
  /** Exactly once; nothing is called after it. */
  closed(): void;
}
