// The host as an actor gets it, with every callback marked: a timer or a socket event that never returns is as visible as a message
// that never returns. It changes nothing else; host-scope.ts is about what ends with a local actor.

import type { Host, SocketEvents } from './host.ts';
import type { ProgressMark } from './progress.ts';

export function markHost(host: Host, progress: ProgressMark): Host {
  const marked = <A extends unknown[]>(handler: string, run: (...args: A) => void) => (...args: A): void => {
    progress.enter(handler);
    try {
      run(...args);
    } finally {
      progress.leave();
    }
  };
  return {
    ...host,
    timers: {
      after: (ms, run) => host.timers.after(ms, marked('timer', run)),
      soon: (run) => host.timers.soon(marked('turn', run)),
    },
    dial: (endpoint, events) => host.dial(endpoint, markEvents(events, marked)),
  };
}

function markEvents(events: SocketEvents, marked: <A extends unknown[]>(handler: string, run: (...args: A) => void) => (...args: A) => void): SocketEvents {
  return {
    connected: marked('socket', (certificate) => events.connected(certificate)),
    ...(events.keyLogged === undefined ? {} : { keyLogged: marked('socket', (line: string) => events.keyLogged?.(line)) }),
    chunk: marked('socket', (bytes) => events.chunk(bytes)),
    closed: marked('socket', (cause) => events.closed(cause)),
  };
}
