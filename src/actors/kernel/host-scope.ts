// A host for one actor among others in one thread: it remembers the timers and sockets that the actor opened, so that they
// end with it, and turns what its callbacks throw into that actor's failure. On a thread of its own the thread does both.

import type { Cancel, Host, SocketEvents, StreamSocket } from './host.ts';

export interface HostScope {
  readonly host: Host;
  /** Cancels every timer and destroys every socket; nothing of the actor's is called any more. */
  close(): void;
}

export function scopeHost(outer: Host, failed: (error: unknown) => void): HostScope {
  let open = true;
  const cancels = new Set<Cancel>();
  const sockets = new Set<StreamSocket>();

  const guarded = (run: () => void): void => {
    if (!open) return;
    try {
      run();
    } catch (error) {
      failed(error);
    }
  };
  const tracked = (arrange: (run: () => void) => Cancel, run: () => void): Cancel => {
    // An actor that was ended while it still awaited something goes on afterwards, and must not open anything new.
    if (!open) return () => undefined;
    const outerCancel = arrange(() => {
      cancels.delete(cancel);
      guarded(run);
    });
    const cancel = (): void => {
      cancels.delete(cancel);
      outerCancel();
    };
    cancels.add(cancel);
    return cancel;
  };

  return {
    host: {
      clock: outer.clock,
      random: outer.random,
      timers: {
        after: (ms, run) => tracked((fire) => outer.timers.after(ms, fire), run),
        soon: (run) => tracked((fire) => outer.timers.soon(fire), run),
      },
      dial: (endpoint, events) => {
        const guardedEvents: SocketEvents = {
          connected: (certificate) => guarded(() => events.connected(certificate)),
          ...(events.keyLogged === undefined ? {} : { keyLogged: (line: string) => guarded(() => events.keyLogged?.(line)) }),
          chunk: (bytes) => guarded(() => events.chunk(bytes)),
          closed: (cause) => {
            sockets.delete(socket);
            guarded(() => events.closed(cause));
          },
        };
        const socket = outer.dial(endpoint, guardedEvents);
        if (open) sockets.add(socket);
        else socket.destroy();
        return socket;
      },
    },
    close: () => {
      open = false;
      for (const cancel of cancels) cancel();
      for (const socket of sockets) socket.destroy();
    },
  };
}
