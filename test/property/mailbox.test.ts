// The promises of docs/runtime-semantics.md about one mailbox, over arbitrary orders of everything that can happen to it: tells, sends,
// turns in any order, time, a receiver that reads, does not read, stops or is replaced, a sender that leaves.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lane } from '#app/mailbox/address.js';
import { MailboxClosed, SendTimeout } from '#app/mailbox/send-timeout.js';
import { TURN_MESSAGES_MAX } from '#app/mailbox/mailbox.js';
import { createTestMailbox, linkSender } from '../support/test-link.js';

const bounds = { controlMax: 2, dataMax: 4 };
const laneMax = { control: bounds.controlMax, data: bounds.dataMax };

const lane = fc.constantFrom<Lane>('control', 'data');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('tell' as const), lane }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), lane, deadlineMs: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('turn' as const), choice: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'start' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'refuse' as const }, { kind: 'closeReceiver' as const }, { kind: 'closeSender' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Produced {
  readonly lane: Lane;
  readonly number: number;
  readonly deadlineAtMs: number;
  outcome: 'waiting' | 'accepted' | 'full' | 'closed';
  settledAtMs: number;
}

/** Plays the steps and checks after each what must hold at every moment; hands back what must hold at the end. */
async function play(steps: readonly Step[]) {
  const world = createTestMailbox();
  const { host, mailbox, delivered } = world;
  const { sender, stats } = linkSender(world, 'a', bounds);
  const produced: Produced[] = [];
  let closed = false;

  const produce = (of: { lane: Lane; deadlineMs: number }): Produced => {
    const item: Produced = { lane: of.lane, number: produced.length, deadlineAtMs: host.nowMs + of.deadlineMs, outcome: 'waiting', settledAtMs: -1 };
    produced.push(item);
    return item;
  };
  const settle = (item: Produced, outcome: Produced['outcome']): void => {
    item.outcome = outcome;
    item.settledAtMs = host.nowMs;
  };
  const perform = (now: Step): void => {
    switch (now.kind) {
      case 'tell': {
        const item = produce({ lane: now.lane, deadlineMs: 0 });
        return settle(item, sender.tell(item.number, { lane: now.lane }));
      }
      case 'send': {
        const item = produce(now);
        void sender.send(item.number, { lane: now.lane, deadlineMs: now.deadlineMs }).then(
          () => settle(item, 'accepted'),
          (error: unknown) => settle(item, error instanceof SendTimeout ? 'full' : error instanceof MailboxClosed ? 'closed' : 'waiting'),
        );
        return;
      }
      case 'turn':
        return void host.runTurn(now.choice);
      case 'time':
        return host.advance(now.ms);
      case 'start':
        return mailbox.start();
      case 'refuse':
        closed = true;
        return mailbox.refuse(() => true);
      case 'closeReceiver':
        closed = true;
        return mailbox.close();
      case 'closeSender':
        closed = true;
        return sender.close();
    }
  };
  const checkNow = (): void => {
    expect(stats().depth).toBeLessThanOrEqual(bounds.controlMax + bounds.dataMax);
    for (const item of produced) {
      // K1: nobody is held beyond the deadline, whatever the receiver does.
      expect(item.outcome === 'waiting' ? host.nowMs : item.settledAtMs).toBeLessThanOrEqual(item.deadlineAtMs);
    }
    for (const name of ['control', 'data'] as const) {
      const waiting = produced.filter((item) => item.lane === name && item.outcome === 'accepted').length
        - delivered.filter((entry) => entry.envelope.lane === name).length;
      // A closed mailbox keeps what it had, which is not counted here: its accepted messages are dead letters.
      expect(closed ? 0 : waiting).toBeLessThanOrEqual(laneMax[name]);
    }
  };
  for (const now of steps) {
    // Time moves in single milliseconds, so that "at the deadline" means exactly that.
    const fine = now.kind === 'time' ? Array.from({ length: now.ms }, () => ({ kind: 'time' as const, ms: 1 })) : [now];
    for (const single of fine) {
      perform(single);
      await Promise.resolve();
      await Promise.resolve();
      checkNow();
    }
  }
  return { world, sender, stats, produced };
}

describe('one mailbox, whatever happens to it', () => {
  test('a sender is never held longer than its deadline, and the bound holds at every moment', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { world, produced } = await play(steps);
      world.host.advance(31);
      await Promise.resolve();
      await Promise.resolve();
      for (const item of produced) expect(item.outcome).not.toBe('waiting');
      expect(world.host.timersWaiting).toBe(0);
    }), { numRuns: 400 });
  });

  test('messages of one sender and lane arrive in the order of their sending, each at most once, and none that was refused', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { world, produced } = await play(steps);
      world.host.settle();
      await new Promise(setImmediate);
      for (const name of ['control', 'data'] as const) {
        const arrived = world.delivered.filter((entry) => entry.envelope.lane === name).map((entry) => entry.message);
        const accepted = produced.filter((item) => item.lane === name && item.outcome === 'accepted').map((item) => item.number);
        expect(arrived).toEqual(accepted.slice(0, arrived.length));
      }
    }), { numRuns: 300 });
  });

  test('with a receiver that reads in the end, every accepted message arrives: no wake-up is lost', async () => {
    const calm = step.filter((one) => ['tell', 'send', 'turn', 'time'].includes(one.kind));
    await fc.assert(fc.asyncProperty(fc.array(calm, { maxLength: 60 }), fc.nat(60), async (steps, startAt) => {
      const { world, produced } = await play([...steps.slice(0, startAt), { kind: 'start' }, ...steps.slice(startAt)]);
      for (let i = 0; i < 3; i++) {
        world.host.settle();
        await new Promise(setImmediate);
      }
      expect(produced.filter((item) => item.outcome === 'waiting')).toEqual([]);
      expect(world.delivered).toHaveLength(produced.filter((item) => item.outcome === 'accepted').length);
    }), { numRuns: 300 });
  });

  test('produced = delivered + dropped + dead letters + what waits, always', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { world, stats, produced } = await play(steps);
      const waiting = produced.filter((item) => item.outcome === 'waiting').length;
      const { accepted, delivered, deadLetters, depth, dropped } = stats();
      expect(accepted).toBe(delivered + deadLetters + depth);
      expect(accepted).toBe(produced.filter((item) => item.outcome === 'accepted').length);
      expect(delivered).toBe(world.delivered.length);
      expect(produced.length).toBe(accepted + dropped + waiting);
    }), { numRuns: 300 });
  });

  test('a closed mailbox says so at once: no tell is accepted and no send waits', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(lane, { minLength: 1, maxLength: 10 }), async (steps, lanes) => {
      const { world, sender } = await play([...steps, { kind: 'closeReceiver' }]);
      const before = world.host.nowMs;
      for (const to of lanes) {
        expect(sender.tell('late', { lane: to })).toBe('closed');
        await expect(sender.send('late', { lane: to })).rejects.toBeInstanceOf(MailboxClosed);
      }
      expect(world.host.nowMs).toBe(before);
    }), { numRuns: 100 });
  });
});

describe('a mailbox of many senders', () => {
  test('control overtakes every data message that waits, of every sender, also when the data lane is full', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), lane), { maxLength: 60 }), (tells) => {
      let controlWaiting = 0, overtaken = 0;
      const world = createTestMailbox((_message, envelope) => {
        if (envelope.lane === 'control') controlWaiting--;
        else overtaken += controlWaiting;
      });
      const senders = [0, 1, 2, 3].map((name) => linkSender(world, `s${name}`, bounds).sender);
      for (const [who, to] of tells) if (senders[who]?.tell(who, { lane: to }) === 'accepted' && to === 'control') controlWaiting++;
      world.mailbox.start();
      world.host.settle();
      expect({ controlWaiting, overtaken }).toEqual({ controlWaiting: 0, overtaken: 0 });
    }));
  });

  test('control that arrives in the middle of a turn goes before the data that is already there', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), (after) => {
      const world = createTestMailbox(() => {
        if (world.delivered.length === after) first.sender.tell('urgent', { lane: 'control' });
      });
      const first = linkSender(world, 'a', bounds);
      for (let i = 0; i < 4; i++) first.sender.tell(i);
      world.mailbox.start();
      world.host.settle();
      expect(world.delivered[after]?.message).toBe('urgent');
    }));
  });

  test('senders that all have messages waiting are served in rotation', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 4 }), (count, each) => {
      const world = createTestMailbox();
      for (let who = 0; who < count; who++) {
        const { sender } = linkSender(world, `s${who}`, bounds);
        for (let i = 0; i < each; i++) sender.tell(i);
      }
      world.mailbox.start();
      world.host.settle();
      for (let round = 0; round < each; round++) {
        const served = world.delivered.slice(round * count, (round + 1) * count).map((entry) => entry.envelope.sender);
        expect(new Set(served).size).toBe(count);
      }
    }));
  });

  test('a turn ends after 64 messages or 4 ms, and the rest comes in later turns', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.constantFrom(0, 1, 2, 10), (count, handlerMs) => {
      const world = createTestMailbox(() => {
        world.host.nowMs += handlerMs;
      });
      const { sender } = linkSender(world, 'a', { controlMax: 1, dataMax: 300 });
      for (let i = 0; i < count; i++) sender.tell(i);
      world.mailbox.start();
      while (world.delivered.length < count) {
        const before = world.delivered.length;
        expect(world.host.runTurn()).toBe(true);
        const inTurn = world.delivered.length - before;
        expect(inTurn).toBeLessThanOrEqual(handlerMs === 0 ? TURN_MESSAGES_MAX : Math.ceil(4 / handlerMs));
      }
    }));
  });
});
