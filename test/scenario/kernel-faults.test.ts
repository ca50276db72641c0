// What an actor can do to its thread, and what that costs the others: one actor. Each test ends with every thread, port and timer gone.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { echoSpec } from '../support/echo-spec.js';
import { echoState, echoStateWhen, withSystem } from '../support/kernel-fixture.js';

/** Resolves once the actor is inside the handler of this name, as its marks say. */
async function inside(child: ChildHandle, handler: string): Promise<void> {
  while (child.progress.read().handler !== handler) await new Promise((resolve) => void setImmediate(resolve));
}

describe('a thread that misbehaves', () => {
  test('an endless loop shows in its marks while it runs, and is ended', () => withSystem(async (system) => {
    const other = await system.start(echoSpec('other'));
    const spinning = await system.start(echoSpec('spinning', [], { shutdown: 50 }));
    spinning.address.tell({ kind: 'spin' });
    await inside(spinning, 'spin');
    spinning.address.tell('waits behind it');
    expect(spinning.mailbox().depth).toBe(1);
    await expect(spinning.observe(20)).rejects.toThrow('did not answer within 20 ms');
    expect(await spinning.stop()).toMatchObject({ reason: { kind: 'killed' }, abandoned: false });
    expect(spinning.mailbox()).toMatchObject({ depth: 0, delivered: 1 });
    expect(spinning.mailbox().deadLetters).toBeGreaterThanOrEqual(1);
    expect((await echoState(other)).received).toEqual([]);
  }));

  test('a watchdog\'s kill gives the exit its reason', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child'));
    child.address.tell({ kind: 'spin' });
    await inside(child, 'spin');
    expect((await child.kill({ kind: 'frozen' })).reason).toEqual({ kind: 'frozen' });
  }));

  test('an actor that leaves 256 link changes unread is frozen', () => withSystem(async (system) => {
    const blocked = await system.start(echoSpec('blocked'));
    blocked.address.tell({ kind: 'wait', memory: new SharedArrayBuffer(4) });
    await inside(blocked, 'wait');
    for (let i = 0; i < 300 && system.child('blocked') !== null; i++) {
      const peer = await system.start(echoSpec('peer', ['blocked'], { placement: 'local' }));
      await peer.kill();
    }
    expect((await blocked.exited).reason).toEqual({ kind: 'frozen' });
  }));

  test('a heap that grows too far ends that thread only, with Node\'s own code', () => withSystem(async (system) => {
    const other = await system.start(echoSpec('other'));
    const growing = await system.start(echoSpec('growing', [], { resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 } }));
    growing.address.tell({ kind: 'grow' });
    expect((await growing.exited).reason).toMatchObject({ kind: 'failed', error: { code: 'ERR_WORKER_OUT_OF_MEMORY' } });
    expect((await echoState(other)).received).toEqual([]);
  }));

  test('process.exit in an actor ends its thread, not the process, and is called a failure', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child'));
    child.address.tell({ kind: 'processExit', code: 3 });
    expect((await child.exited).reason).toMatchObject({ kind: 'failed', error: { name: 'ProcessExit', message: "the actor's thread called process.exit(3)" } });
  }));

  test('an unhandled rejection is the actor\'s failure', () => withSystem(async (system) => {
    const child = await system.start(echoSpec('child'));
    child.address.tell({ kind: 'reject' });
    expect((await child.exited).reason).toMatchObject({ kind: 'failed', error: { name: 'TypeError', message: 'rejected on request' } });
  }));

  test('args that cannot cross a thread fail the start and leave nothing behind', () => withSystem(async (system) => {
    await expect(system.start(echoSpec('child', [], { args: { callback: () => 1 } }))).rejects.toThrow(/could not be cloned/);
    expect(system.child('child')).toBeNull();
  }));

  test('a thread inside a blocked system call is left behind after 2 s, and a fresh one starts beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ryll-kernel-'));
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    try {
      await withSystem(async (system) => {
        const sender = await system.start(echoSpec('sender', ['blocked']));
        const blocked = await system.start(echoSpec('blocked', [], { shutdown: 20 }));
        blocked.address.tell({ kind: 'openForEver', path });
        await inside(blocked, 'openForEver');
        expect(await blocked.stop()).toMatchObject({ reason: { kind: 'killed' }, abandoned: true });
        const fresh = await system.start(echoSpec('blocked'));
        sender.address.tell({ kind: 'tellOn', to: 'blocked', message: { text: 'to the fresh one' } });
        expect((await echoStateWhen(fresh, (state) => state.received.length === 1)).generation).toBe(2);
        // Opening the other end lets the thread return from its call, where its termination has been waiting.
        closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a mailbox that nobody empties', () => {
  test('a send to a receiver that never reads fails at its deadline and names both actors', () => withSystem(async (system) => {
    const memory = new SharedArrayBuffer(4);
    const receiver = await system.start(echoSpec('receiver'));
    const sender = await system.start(echoSpec('sender', ['receiver'], { mailbox: { dataMax: 16, controlMax: 4 } }));
    receiver.address.tell({ kind: 'wait', memory });
    await inside(receiver, 'wait');
    for (let i = 0; i < 5; i++) sender.address.tell({ kind: 'sendOn', to: 'receiver', message: { text: `${i}` }, options: { deadlineMs: 30 } });
    const { results } = await echoStateWhen(sender, (state) => state.results.length === 5);
    expect(results.slice(0, 4)).toMatchObject([{ error: null }, { error: null }, { error: null }, { error: null }]);
    const late = results[4];
    expect(late).toMatchObject({ error: 'SendTimeout' });
    expect(typeof late === 'object' ? late.text : '').toMatch(/^sender#1 waited \d+ ms for room in the data lane of receiver#1: 4 messages wait there, the oldest for \d+ ms$/);
    Atomics.store(new Int32Array(memory), 0, 1);
    Atomics.notify(new Int32Array(memory), 0);
    const { received } = await echoStateWhen(receiver, (state) => state.received.length === 5);
    expect(received.map((entry) => entry.text)).toEqual(['wait', '0', '1', '2', '3']);
    expect(receiver.mailbox()).toMatchObject({ dropped: 1, highWater: 4 });
  }));

  test('a send that waits for a receiver that dies fails with it, long before the deadline', () => withSystem(async (system) => {
    const receiver = await system.start(echoSpec('receiver'));
    const sender = await system.start(echoSpec('sender', ['receiver'], { mailbox: { dataMax: 16, controlMax: 4 } }));
    receiver.address.tell({ kind: 'spin' });
    await inside(receiver, 'spin');
    for (let i = 0; i < 5; i++) sender.address.tell({ kind: 'sendOn', to: 'receiver', message: { text: `${i}` }, options: { deadlineMs: 600_000 } });
    await echoStateWhen(sender, (state) => state.results.length === 4);
    await receiver.kill();
    const { results } = await echoStateWhen(sender, (state) => state.results.length === 5);
    expect(results[4]).toMatchObject({ error: 'MailboxClosed', text: 'sender#1 cannot send to receiver#1: its mailbox is closed' });
    expect(receiver.mailbox().deadLetters).toBeGreaterThanOrEqual(4);
  }));
});

test('between threads under load nothing is lost, doubled or out of order, and every drop is counted', () => withSystem(async (system) => {
  const module = new URL('../support/actors/flood.mjs', import.meta.url).href;
  const receiver = await system.start(echoSpec('receiver', [], { module, mailbox: { dataMax: 32, controlMax: 8 } }));
  const names = ['sender/0', 'sender/1', 'sender/2'];
  const senders = await Promise.all(names.map((id) => system.start(echoSpec(id, ['receiver'], { module }))));
  for (const sender of senders) sender.address.tell({ kind: 'flood', to: 'receiver', count: 3_000 });
  await Promise.all(senders.map((sender) => sender.exited));
  const sent = { accepted: 0, refused: 0 };
  for (;;) {
    const state = (await receiver.observe(5_000)) as unknown as { bad: number; delivered: number; done: { accepted: number; refused: number }[] };
    expect(state.bad).toBe(0);
    if (state.done.length < names.length || receiver.mailbox().depth > 0) continue;
    for (const one of state.done) {
      sent.accepted += one.accepted;
      sent.refused += one.refused;
    }
    expect(state.delivered).toBe(sent.accepted);
    break;
  }
  expect(sent.accepted + sent.refused).toBe(9_000);
  expect(receiver.mailbox()).toMatchObject({ depth: 0, deadLetters: 0, dropped: sent.refused });
  expect(receiver.mailbox().highWater).toBeLessThanOrEqual(32);
}));
