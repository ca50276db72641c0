import { describe, expect, test } from 'vitest';
import { CLOSED, createLinkMemory, laneWords } from '#app/mailbox/link-words.js';
import { LinkStats } from '#app/mailbox/link-stats.js';
import { LinkSender } from '#app/mailbox/link-sender.js';
import { createThreadLink, openReceiveEnd, openSendEnd } from '#app/mailbox/link.js';
import { Mailbox } from '#app/mailbox/mailbox.js';
import { MailboxClosed, SendTimeout } from '#app/mailbox/send-timeout.js';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { deferred } from '../../support/deferred.js';
import { createTestMailbox, linkSender } from '../../support/test-link.js';

const bounds = { controlMax: 2, dataMax: 3 };

describe('a link inside one thread', () => {
  test('a tell beyond the bound says full, and its buffer is still the sender\'s', () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    for (let i = 0; i < 3; i++) expect(sender.tell(i)).toBe('accepted');
    const buffer = new ArrayBuffer(8);
    expect(sender.tell(buffer, { transfer: [buffer] })).toBe('full');
    expect(buffer.byteLength).toBe(8);
    world.mailbox.start();
    world.host.settle();
    expect(sender.tell(buffer, { transfer: [buffer] })).toBe('accepted');
    expect(buffer.byteLength).toBe(0);
  });

  test('a message is a copy: changing it after the tell changes nothing at the receiver', () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    const message = { text: 'before' };
    sender.tell(message);
    message.text = 'after';
    world.mailbox.start();
    world.host.settle();
    expect(world.delivered.map((entry) => entry.message)).toEqual([{ text: 'before' }]);
  });

  test('a message that cannot be cloned throws to its sender, counts as dropped and leaves the lane usable', async () => {
    const world = createTestMailbox();
    const { sender, stats } = linkSender(world, 'a', bounds);
    expect(() => sender.tell(() => 1)).toThrow(/could not be cloned/);
    await expect(sender.send(() => 1)).rejects.toThrow(/could not be cloned/);
    sender.tell('good');
    world.mailbox.start();
    world.host.settle();
    expect(world.delivered.map((entry) => entry.message)).toEqual(['good']);
    expect(stats()).toMatchObject({ accepted: 1, delivered: 1, dropped: 2, depth: 0 });
  });

  test('a send that times out names both actors, the depth and the age of the oldest message, and is never delivered', async () => {
    const world = createTestMailbox();
    const { sender, stats } = linkSender(world, 'display/0', bounds, 7);
    for (let i = 0; i < 3; i++) sender.tell(i);
    world.host.advance(100);
    const late = sender.send('late', { deadlineMs: 40 });
    late.catch(() => undefined);
    world.host.advance(40);
    const error: unknown = await late.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SendTimeout);
    expect((error as SendTimeout).facts).toEqual({
      from: 'display/0#7', to: 'receiver#1', lane: 'data', cause: 'deadline', waitedMs: 40, depth: 3, oldestAgeMs: 140,
    });
    expect((error as SendTimeout).message).toBe(
      'display/0#7 waited 40 ms for room in the data lane of receiver#1: 3 messages wait there, the oldest for 140 ms');
    world.mailbox.start();
    world.host.settle();
    expect(world.delivered.map((entry) => entry.message)).toEqual([0, 1, 2]);
    expect(stats()).toMatchObject({ accepted: 3, dropped: 1 });
  });

  test('a thousand waiting sends are one timer, and none when they are gone', async () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const sends = Array.from({ length: 1_000 }, (_, i) => sender.send(i, { deadlineMs: 1_000 + i }).catch(() => undefined));
    expect(world.host.timersWaiting).toBe(1);
    world.mailbox.start();
    world.host.settle();
    await Promise.all(sends);
    expect(world.delivered).toHaveLength(1_003);
    expect(world.host.timersWaiting).toBe(0);
  });

  test('a send beyond the waiters\' bound fails at once instead of growing the queue', async () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const sends = Array.from({ length: 1_024 }, (_, i) => sender.send(i).catch(() => undefined));
    const error: unknown = await sender.send('one too many').catch((caught: unknown) => caught);
    expect((error as SendTimeout).facts).toMatchObject({ cause: 'waitersFull', waitedMs: 0, depth: 3 });
    sender.close();
    await Promise.all(sends);
    expect(world.host.timersWaiting).toBe(0);
  });

  test('a shorter deadline behind a longer one is kept, and a tell does not pass the sends that wait', async () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const patient = sender.send('patient', { deadlineMs: 1_000 });
    const hasty = sender.send('hasty', { deadlineMs: 10 }).catch((caught: unknown) => caught);
    world.host.advance(10);
    expect(await hasty).toBeInstanceOf(SendTimeout);
    world.mailbox.start();
    world.host.runTurn();
    expect(world.delivered).toHaveLength(3);
    // There is room now, but it belongs to the send that has not heard of it yet.
    expect(sender.tell('late')).toBe('full');
    world.host.settle();
    await patient;
    expect(world.delivered.map((entry) => entry.message)).toEqual([0, 1, 2, 'patient']);
  });

  test('a mailbox that refuses says closed at once, fails the sends that wait, and still hears those it did not refuse', async () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', bounds);
    const other = linkSender(world, 'system', bounds);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const waiting = sender.send('waiting', { deadlineMs: 60_000 });
    waiting.catch(() => undefined);
    world.mailbox.refuse((name) => name !== 'system');
    expect(sender.tell('late')).toBe('closed');
    world.host.settle();
    await expect(waiting).rejects.toBeInstanceOf(MailboxClosed);
    expect(other.sender.tell('observe', { lane: 'control' })).toBe('accepted');
  });

  test('a burst to a sleeping receiver rings once, and to one that is awake not at all', () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', { controlMax: 4, dataMax: 4 });
    for (let i = 0; i < 4; i++) sender.tell(i);
    expect(world.host.turns).toHaveLength(0);
    world.mailbox.start();
    world.host.settle();
    for (let i = 0; i < 4; i++) sender.tell(i);
    expect(world.host.turns).toHaveLength(1);
  });

  test('kernel commands fit in where the control lane is full for everybody else, up to their reserve', () => {
    const world = createTestMailbox();
    const { sender } = linkSender(world, 'a', { controlMax: 1, dataMax: 1, reserve: 2 });
    expect(sender.tell('tell', { lane: 'control' })).toBe('accepted');
    expect(sender.tell('tell', { lane: 'control' })).toBe('full');
    expect([sender.command(1), sender.command(2), sender.command(3)]).toEqual(['accepted', 'accepted', 'full']);
  });

  test('after a fresh link of a new generation, what waited in the old one is dead, counted and never delivered', () => {
    const world = createTestMailbox();
    const first = linkSender(world, 'a', bounds, 1);
    first.sender.tell('old');
    const second = linkSender(world, 'a', bounds, 2);
    second.sender.tell('new');
    expect(first.sender.tell('older still')).toBe('closed');
    world.mailbox.start();
    world.host.settle();
    expect(world.delivered).toEqual([{ message: 'new', envelope: { sender: 'a', generation: 2, lane: 'data' } }]);
    expect(first.stats()).toMatchObject({ accepted: 1, delivered: 0, deadLetters: 1, dropped: 1, depth: 0 });
  });

  test('depth, high water and the age of the oldest message can be read at any time', () => {
    const world = createTestMailbox();
    const { sender, stats } = linkSender(world, 'a', bounds);
    sender.tell(0);
    world.host.advance(5);
    sender.tell(1);
    sender.tell(2, { lane: 'control' });
    expect(stats()).toMatchObject({ accepted: 3, depth: 3, highWater: 2, oldestAgeMs: 5 });
    world.mailbox.start();
    world.host.settle();
    expect(stats()).toMatchObject({ accepted: 3, delivered: 3, depth: 0, highWater: 2, oldestAgeMs: 0 });
  });

  test('the words wrap at 2^32, the totals and the depth do not', () => {
    const memory = createLinkMemory(bounds);
    const words = new Int32Array(memory.words);
    const { accepted, taken } = laneWords(memory, 'data');
    const stats = new LinkStats(memory);
    words[accepted] = -1;
    words[taken] = -2;
    expect(stats.read(0)).toMatchObject({ accepted: 2 ** 32 - 1, delivered: 2 ** 32 - 2, depth: 1 });
    words[accepted] = 1;
    words[taken] = -1;
    expect(stats.read(0)).toMatchObject({ accepted: 2 ** 32 + 1, delivered: 2 ** 32 - 1, depth: 2 });
  });
});

describe('a link over message ports', () => {
  const { clock, timers } = createNodeBase();
  const open = (deliver: (message: unknown) => void) => {
    const link = createThreadLink(bounds);
    const mailbox = new Mailbox({ clock, timers, deliver: (message) => (deliver(message), true) });
    mailbox.attach('a', 1, link.memory, openReceiveEnd(link.receive));
    const sender = new LinkSender({ from: 'a#1', to: 'b#1', memory: link.memory, transport: openSendEnd(link.send), clock, timers });
    return { link, mailbox, sender };
  };

  test('what was posted before the sender closed is still delivered', async () => {
    const delivered: unknown[] = [];
    const all = deferred<void>();
    const { mailbox, sender } = open((message) => {
      delivered.push(message);
      if (delivered.length === 3) all.resolve();
    });
    sender.tell(1);
    sender.tell(2);
    sender.tell('control', { lane: 'control' });
    sender.close();
    mailbox.start();
    await all.promise;
    expect(delivered).toEqual(['control', 1, 2]);
    mailbox.close();
  });

  test('the end of the receiver fails waiting sends at once and refuses every further message', async () => {
    const { mailbox, sender } = open(() => undefined);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const waiting = sender.send('waiting', { deadlineMs: 60_000 });
    mailbox.close();
    expect(sender.tell('after')).toBe('closed');
    await expect(waiting).rejects.toBeInstanceOf(MailboxClosed);
    await expect(sender.send('after')).rejects.toThrow('a#1 cannot send to b#1: its mailbox is closed');
  });

  test('a port that closes without a word is peer death', async () => {
    const { link, sender, mailbox } = open(() => undefined);
    for (let i = 0; i < 3; i++) sender.tell(i);
    const waiting = sender.send('waiting', { deadlineMs: 60_000 });
    expect(Atomics.load(new Int32Array(link.memory.words), CLOSED)).toBe(0);
    if (link.receive.kind === 'ports') link.receive.ports.bell.close();
    await expect(waiting).rejects.toBeInstanceOf(MailboxClosed);
    const buffer = new ArrayBuffer(8);
    expect(sender.tell(buffer, { transfer: [buffer] })).toBe('closed');
    expect(buffer.byteLength).toBe(8);
    mailbox.close();
  });

  test('a waiting send is posted as soon as one message has been taken out', async () => {
    const delivered: unknown[] = [];
    const { mailbox, sender } = open((message) => delivered.push(message));
    for (let i = 0; i < 3; i++) sender.tell(i);
    const waiting = sender.send(3);
    mailbox.start();
    await waiting;
    await sender.send(4);
    sender.close();
    mailbox.close();
    expect(delivered.slice(0, 3)).toEqual([0, 1, 2]);
  });
});
