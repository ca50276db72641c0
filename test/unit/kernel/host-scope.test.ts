import { expect, test } from 'vitest';
import { scopeHost } from '#app/actors/kernel/host-scope.js';
import type { Host, SocketEvents } from '#app/actors/kernel/host.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';

const ENDPOINT = { transport: 'unix', path: '/peer' } as const;

/** A scope over a virtual host whose sockets remember what was done to them. */
function createScope() {
  const sockets: { events: SocketEvents; destroyed: boolean }[] = [];
  const outer = createVirtualHost({
    seed: 1,
    dial: (_endpoint, events) => {
      const socket = { events, destroyed: false };
      sockets.push(socket);
      return { write: () => undefined, queuedBytes: 0, end: () => undefined, destroy: () => void (socket.destroyed = true) };
    },
  });
  const failures: unknown[] = [];
  const scope = scopeHost(outer, (error) => failures.push(error));
  const silent: SocketEvents = { connected: () => undefined, chunk: () => undefined, closed: () => undefined };
  const dial = (events: Partial<SocketEvents> = {}): ReturnType<Host['dial']> => scope.host.dial(ENDPOINT, { ...silent, ...events });
  return { outer, scope, sockets, failures, dial };
}

test('timers and sockets end with the scope, and nothing of the actor\'s is called after it', async () => {
  const { outer, scope, sockets, dial } = createScope();
  const called: string[] = [];
  scope.host.timers.after(10, () => called.push('timer'));
  scope.host.timers.soon(() => called.push('soon'));
  dial({ chunk: () => called.push('chunk'), closed: () => called.push('closed') });
  scope.close();
  sockets[0]?.events.chunk(new Uint8Array(1));
  sockets[0]?.events.closed({ kind: 'local', message: '', code: null });
  await outer.advance(100);
  expect(called).toEqual([]);
  expect(sockets[0]?.destroyed).toBe(true);
  expect(outer.pending).toBe(0);
});

test('what a callback throws is the actor\'s failure and nobody else\'s', async () => {
  const { outer, scope, sockets, failures, dial } = createScope();
  const thrower = (): never => {
    throw new Error('mine');
  };
  scope.host.timers.after(1, thrower);
  dial({ chunk: thrower });
  sockets[0]?.events.chunk(new Uint8Array(1));
  await outer.advance(1);
  expect(failures).toHaveLength(2);
});

test('an actor that goes on after its end can open nothing new', () => {
  const { outer, scope, sockets, dial } = createScope();
  scope.close();
  scope.host.timers.after(1, () => undefined)();
  dial();
  expect(outer.pending).toBe(0);
  expect(sockets[0]?.destroyed).toBe(true);
});

test('a cancelled timer is forgotten by both', async () => {
  const { outer, scope } = createScope();
  scope.host.timers.after(1, () => undefined)();
  expect(outer.pending).toBe(0);
  await outer.advance(1);
});
