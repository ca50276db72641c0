// The kernel's promises on real threads, and the same actor beside others in one thread: messages, ends, restarts, links.

import { describe, expect, test } from 'vitest';
import { StartFailed } from '#app/actors/kernel/child-handle.js';
import { echoSpec } from '../support/echo-spec.js';
import { echoState, echoStateWhen, withSystem } from '../support/kernel-fixture.js';

describe.each([['on threads', {}], ['in one thread', { placement: 'local' }]] as const)('actors %s', (_name, options) => {
  test('an actor reaches another by address, and the receiver knows who sent', () => withSystem(async (system) => {
    const receiver = await system.start(echoSpec('receiver'));
    const sender = await system.start(echoSpec('sender', ['receiver']));
    expect(sender.address.tell({ kind: 'tellOn', to: 'receiver', message: { text: 'hello' } })).toBe('accepted');
    const { received } = await echoStateWhen(receiver, (state) => state.received.length === 1);
    expect(received).toEqual([{ text: 'hello', sender: 'sender', generation: 1, lane: 'data' }]);
    expect(receiver.mailbox()).toMatchObject({ depth: 0, dropped: 0, deadLetters: 0 });
  }, options));

  test('a throw ends that actor with its error and leaves the others alone', () => withSystem(async (system) => {
    const other = await system.start(echoSpec('other'));
    const failing = await system.start(echoSpec('failing'));
    failing.address.tell({ kind: 'throw' });
    const { reason } = await failing.exited;
    expect(reason).toMatchObject({ kind: 'failed', error: { name: 'RangeError', message: 'thrown on request' } });
    expect((await echoState(other)).received).toEqual([]);
    expect(failing.address.tell('late')).toBe('closed');
    await expect(failing.observe()).rejects.toThrow('failing#1 has ended');
  }, options));

  test('a throw in a timer of the actor\'s is the actor\'s failure', () => withSystem(async (system) => {
    const failing = await system.start(echoSpec('failing'));
    failing.address.tell({ kind: 'timerThrows' });
    expect((await failing.exited).reason).toMatchObject({ kind: 'failed', error: { name: 'SyntaxError' } });
  }, options));

  test('an actor can end itself with a reason of its own, and its timers end with it', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child'));
    child.address.tell({ kind: 'keepsTimer' });
    child.address.tell({ kind: 'exit', reason: { kind: 'downstreamClosed', detail: 'the server closed main' } });
    expect(await child.exited).toEqual({
      id: 'child', generation: 1, reason: { kind: 'downstreamClosed', detail: 'the server closed main' }, abandoned: false,
    });
  }, options));

  test('stop asks: the actor stops itself and is not killed', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child'));
    expect((await child.stop()).reason).toEqual({ kind: 'shutdown' });
  }, options));

  test('an actor that does not stop within its shutdown time is killed', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child', [], { shutdown: 30, args: { neverStops: true } }));
    expect((await child.stop()).reason).toEqual({ kind: 'killed' });
  }, options));

  test('an actor that throws while it stops has failed', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child', [], { args: { stopThrows: true } }));
    expect((await child.stop()).reason).toMatchObject({ kind: 'failed', error: { message: 'cannot stop' } });
  }, options));

  test('brutalKill does not ask', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child', [], { shutdown: 'brutalKill' }));
    expect((await child.stop()).reason).toEqual({ kind: 'killed' });
  }, options));

  test('a stopping actor takes nothing more, its senders know at once, and it can still be observed', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child', [], { shutdown: 60_000, args: { neverStops: true } }));
    const sender = await system.start(echoSpec('sender', ['child']));
    const exited = child.stop();
    await echoState(child);
    sender.address.tell({ kind: 'tellOn', to: 'child', message: 'late' });
    expect((await echoStateWhen(sender, (state) => state.results.length === 1)).results).toEqual(['closed']);
    expect((await echoState(child)).received).toEqual([]);
    await child.kill();
    expect((await exited).reason).toEqual({ kind: 'killed' });
  }, options));

  test('after a restart of the receiver the same address reaches the new generation', () => withSystem(async (system) => {
    const first = await system.start(echoSpec('receiver'));
    const sender = await system.start(echoSpec('sender', ['receiver']));
    await first.stop();
    sender.address.tell({ kind: 'tellOn', to: 'receiver', message: { text: 'into the gap' } });
    await echoStateWhen(sender, (state) => state.results.length === 1);
    const second = await system.start(echoSpec('receiver'));
    expect(second.generation).toBe(2);
    sender.address.tell({ kind: 'tellOn', to: 'receiver', message: { text: 'to the second' } });
    const { received } = await echoStateWhen(second, (state) => state.received.length === 1);
    expect(received[0]).toMatchObject({ text: 'to the second', generation: 1 });
    expect((await echoState(sender)).results).toEqual(['closed', 'accepted']);
  }, options));

  test('after a restart of the sender the receiver hears the new generation', () => withSystem(async (system) => {
    const receiver = await system.start(echoSpec('receiver'));
    const first = await system.start(echoSpec('sender', ['receiver']));
    await first.kill();
    const second = await system.start(echoSpec('sender', ['receiver']));
    second.address.tell({ kind: 'tellOn', to: 'receiver', message: { text: 'from the second' } });
    const { received } = await echoStateWhen(receiver, (state) => state.received.length === 1);
    expect(received).toEqual([{ text: 'from the second', sender: 'sender', generation: 2, lane: 'data' }]);
  }, options));

  test('the last words of an actor that ends are still delivered', () => withSystem(async (system) => {
    const receiver = await system.start(echoSpec('receiver'));
    const sender = await system.start(echoSpec('sender', ['receiver']));
    sender.address.tell({ kind: 'tellOn', to: 'receiver', message: { text: 'disconnected' } });
    sender.address.tell({ kind: 'exit', reason: { kind: 'normal' } });
    await sender.exited;
    const { received } = await echoStateWhen(receiver, (state) => state.received.length === 1);
    expect(received[0]?.text).toBe('disconnected');
    expect(receiver.mailbox()).toMatchObject({ depth: 0, deadLetters: 0 });
  }, options));

  test('an actor that fails in its start was never started, and its id is free again', () => withSystem(async (system) => {
    const failure: unknown = await system.start(echoSpec('child', [], { args: { startFails: true } })).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailed);
    expect((failure as StartFailed).exit.reason).toMatchObject({ kind: 'failed', error: { message: 'will not start' } });
    expect(system.child('child')).toBeNull();
    expect((await system.start(echoSpec('child'))).generation).toBe(2);
  }, options));

  test('a module that is missing or exports no actor fails the start', () => withSystem(async (system) => {
    await expect(system.start(echoSpec('child', [], { module: new URL('./nowhere.mjs', import.meta.url).href }))).rejects.toBeInstanceOf(StartFailed);
    await expect(system.start(echoSpec('child', [], { module: new URL('../support/preemption.ts', import.meta.url).href }))).rejects.toBeInstanceOf(StartFailed);
  }, options));

  test('an observation that throws is told to who asked, and the actor works on', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child', [], { args: { observeThrows: true } }));
    await expect(child.observe()).rejects.toThrow('child#1 cannot show itself: nothing to see');
    expect(child.address.tell('still here')).toBe('accepted');
  }, options));

  test('actors end in the reverse order of their start', () => withSystem(async (system) => {
    for (const id of ['writer', 'hub', 'main']) await system.start(echoSpec(id));
    const exits = await system.stopAll();
    expect(exits.map((exit) => exit.id)).toEqual(['main', 'hub', 'writer']);
    await expect(system.start(echoSpec('late'))).rejects.toThrow('the actor system is ending');
  }, options));
});

test('an id that runs already, or is the system\'s own, is refused', () => withSystem(async (system) => {
  await system.start(echoSpec('child', [], { placement: 'local' }));
  await expect(system.start(echoSpec('child', [], { placement: 'local' }))).rejects.toThrow("'child' runs already");
  await expect(system.start(echoSpec('system'))).rejects.toThrow("'system' is the system's own name");
}));

test('an actor on a thread and one on the main thread reach each other', () => withSystem(async (system) => {
  const local = await system.start(echoSpec('local', ['threaded'], { placement: 'local' }));
  const threaded = await system.start(echoSpec('threaded', ['local']));
  expect([local.threadId, typeof threaded.threadId]).toEqual([null, 'number']);
  local.address.tell({ kind: 'tellOn', to: 'threaded', message: { text: 'down' } });
  threaded.address.tell({ kind: 'tellOn', to: 'local', message: { text: 'up' } });
  expect((await echoStateWhen(threaded, (state) => state.received.length === 2)).received.map((entry) => entry.text)).toContain('down');
  expect((await echoStateWhen(local, (state) => state.received.length === 2)).received.map((entry) => entry.text)).toContain('up');
}));
