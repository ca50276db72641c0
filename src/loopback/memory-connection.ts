// A connection to the server without sockets: what one side writes arrives at the other in a later turn, in order and whole. It is the
// second transport behind `LoopbackConnection`, for tests and simulations in one thread; it has no faults of its own.

import type { LoopbackConnection, LoopbackConnectionEvents, LoopbackHost } from './loopback-host.ts';

/** Whoever takes connections. */
export interface Acceptor {
  accept(connection: LoopbackConnection): LoopbackConnectionEvents;
}

export interface MemoryConnectionOptions {
  readonly secure: boolean;
  readonly local: boolean;
}

type Side = 'client' | 'server';
const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** The client's end. Both ends hear `closed`, whichever closed. */
export function dialInMemory(
  server: Acceptor,
  timers: Pick<LoopbackHost['timers'], 'soon'>,
  options: MemoryConnectionOptions,
  clientEvents: LoopbackConnectionEvents,
): LoopbackConnection {
  const queued = { client: 0, server: 0 };
  const hears: Partial<Record<Side, LoopbackConnectionEvents>> = { client: clientEvents };
  let open = true;
  let vanished = false;
  const paused = { client: false, server: false };
  const close = (): void => {
    if (!open) return;
    open = false;
    timers.soon(() => {
      hears.client?.closed();
      hears.server?.closed();
    });
  };
  const end = (side: Side): LoopbackConnection => ({
    ...options,
    get queuedBytes() {
      return queued[side];
    },
    write: (given) => {
      if (!open) return;
      const bytes = given.slice();
      queued[side] += bytes.byteLength;
      if (vanished || paused[other(side)]) return;
      timers.soon(() => {
        queued[side] -= bytes.byteLength;
        if (open) hears[other(side)]?.received(bytes);
        if (open && queued[side] === 0) hears[side]?.drained();
      });
    },
    // A turn of its own, after those of everything written before it.
    end: () => void timers.soon(close),
    destroy: close,
    // Nobody here can tell a reset from a close.
    reset: close,
    pause: () => void (paused[side] = true),
    vanish: () => void (vanished = true),
  });
  hears.server = server.accept(end('server'));
  return end('client');
}
