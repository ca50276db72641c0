// A channel that waits for others, and the board that it waits on. Between two threads: no order of their atomic operations loses
// the wake-up (all of them are tried). In one: whatever arrives and is published when, everything is done once and in order,
// nothing before what it waits for, and the wait ends by its deadline or its bound at the latest.
import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChannelWait, heldBytesMax, waitDeadlineMs } from '#app/actors/channel-wait.js';
import { createSerialBoard, publishSerials, type SerialBoard } from '#app/protocol/serial-board.js';
import { ManualHost } from '../support/manual-host.ts';
import { Choices, withPreemption } from '../support/preemption.ts';

/** Whether a publisher would be asked to ring. */
const someoneWaits = (board: SerialBoard): boolean => publishSerials(board, 15, 255).handled(0);

describe('no wake-up is lost between two threads', () => {
  /** The waiter begins to wait for `awaited` while the publisher handles 1 to `last`; at each atomic operation the other may run. */
  function run(choices: Choices, awaited: readonly number[], last: number): void {
    const board = createSerialBoard();
    const host = new ManualHost();
    const publisher = publishSerials(board, 2, 1);
    let bells = 0;
    const gaps: string[] = [];
    const wait = new ChannelWait(board, { channelType: 4, channelId: 0 }, host.timers, { resumed: () => undefined, gap: (key) => gaps.push(key) });
    const threads = {
      publisher: Array.from({ length: last }, (_, index) => () => void (bells += publisher.handled(index + 1) ? 1 : 0)),
      waiter: [() => wait.begin(awaited.map((serial) => ({ channelType: 2, channelId: 1, serial: BigInt(serial) })))],
    };
    let nested = false;
    let running: keyof typeof threads | null = null;
    const other = (): (() => void)[] => threads[running === 'waiter' ? 'publisher' : 'waiter'];
    // Whoever is preempted stands still until the other has done any number of whole steps.
    const point = (): void => {
      if (nested || running === null) return;
      nested = true;
      for (let steps = choices.next(other().length + 1); steps > 0; steps--) other().shift()?.();
      nested = false;
    };
    withPreemption(point, () => {
      while (threads.publisher.length + threads.waiter.length > 0) {
        running = threads.waiter.length > 0 && (threads.publisher.length === 0 || choices.next(2) === 0) ? 'waiter' : 'publisher';
        threads[running].shift()?.();
      }
      running = null;
    });
    // The bells that were rung arrive; time does not pass.
    for (; bells > 0; bells--) wait.recheck();
    expect(wait.waiting).toBe(false);
    expect(someoneWaits(board)).toBe(false);
    expect([gaps, host.timersWaiting]).toEqual([[], 0]);
  }

  test.each([[[1], 1], [[3], 3], [[2, 3], 3], [[2], 4]])('waiting for %j while 1 to %i are handled', (awaited, last) => {
    const choices = new Choices();
    do run(choices, awaited, last);
    while (choices.advance());
    expect(choices.runs).toBeGreaterThan(5);
  });
});

type Step =
  | { readonly kind: 'message'; readonly bytes: number; readonly awaits: number | null }
  | { readonly kind: 'publish' }
  | { readonly kind: 'bell' }
  | { readonly kind: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('message' as const), bytes: fc.nat(100), awaits: fc.option(fc.integer({ min: 1, max: 20 }), { nil: null, freq: 3 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'publish' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'bell' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_000, waitDeadlineMs) }) },
);

test('everything is done once, in order, and only when what it waits for was handled or given up by name', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const board = createSerialBoard();
      const host = new ManualHost();
      const publisher = publishSerials(board, 2, 1);
      let handled = 0, bells = 0, arrived = 0, gaps = 0, waitingSinceMs = 0;
      const done: number[] = [];
      const wait = new ChannelWait(board, { channelType: 4, channelId: 0 }, host.timers, { resumed: () => undefined, gap: () => gaps++ });
      let blockedBy: { awaits: number; gapsThen: number } | null = null;
      const perform = (number: number, awaits: number | null): void => {
        // Whatever blocked the channel before has been reached or was given up.
        assert(blockedBy === null || handled >= blockedBy.awaits || gaps > blockedBy.gapsThen);
        blockedBy = null;
        done.push(number);
        if (awaits === null) return;
        wait.begin([{ channelType: 2, channelId: 1, serial: BigInt(awaits) }]);
        assert.equal(wait.waiting, handled < awaits);
        if (!wait.waiting) return;
        waitingSinceMs = host.nowMs;
        blockedBy = { awaits, gapsThen: gaps };
      };
      for (const each of steps) {
        switch (each.kind) {
          case 'message': {
            const number = arrived++;
            wait.inTurn(each.bytes, () => perform(number, each.awaits));
            break;
          }
          case 'publish':
            handled += 1;
            if (publisher.handled(handled)) bells += 1;
            break;
          case 'bell':
            if (bells > 0) wait.recheck();
            bells = 0;
            break;
          case 'pass':
            host.advance(each.ms);
            break;
        }
        expect(done).toEqual(Array.from({ length: done.length }, (_, index) => index));
        expect(wait.waiting || done.length === arrived).toBe(true);
        expect(wait.waiting && host.nowMs - waitingSinceMs >= waitDeadlineMs).toBe(false);
        expect(someoneWaits(board)).toBe(wait.waiting);
      }
      while (wait.waiting) host.advance(waitDeadlineMs);
      expect(done).toHaveLength(arrived);
      expect(host.timersWaiting).toBe(0);
    }),
  );
});

describe('bounds', () => {
  function waiting() {
    const board = createSerialBoard();
    const host = new ManualHost();
    const gaps: [string, string][] = [];
    const done: string[] = [];
    const wait = new ChannelWait(board, { channelType: 4, channelId: 0 }, host.timers, { resumed: () => done.push('resumed'), gap: (key, detail) => gaps.push([key, detail]) });
    wait.begin([{ channelType: 2, channelId: 1, serial: 5n }, { channelType: 4, channelId: 0, serial: 0n }]);
    expect(wait.waiting).toBe(true);
    return { board, host, gaps, done, wait };
  }

  test('more than 64 MiB are not held: the wait is given up, by the name of what it waited for', () => {
    const { gaps, done, wait } = waiting();
    wait.inTurn(heldBytesMax, () => done.push('large'));
    expect(done).toEqual([]);
    wait.inTurn(1, () => done.push('one more'));
    expect(done).toEqual(['large', 'one more', 'resumed']);
    expect(gaps).toEqual([['wait:bytes', 'went on without waiting any longer for display/1 message 5']]);
  });

  test('after five seconds it goes on', () => {
    const { host, gaps, wait } = waiting();
    host.advance(waitDeadlineMs - 1);
    expect(wait.waiting).toBe(true);
    host.advance(1);
    expect(wait.waiting).toBe(false);
    expect(gaps.map(([key]) => key)).toEqual(['wait:deadline']);
  });

  test('a deadline that finds everything reached is no gap: only the bell was late', () => {
    const { board, host, gaps, done } = waiting();
    publishSerials(board, 2, 1).handled(5);
    host.advance(waitDeadlineMs);
    expect([gaps, done]).toEqual([[], ['resumed']]);
  });

  test('an abandoned wait does nothing more, says nobody waits, and leaves no timer', () => {
    const { board, host, gaps, done, wait } = waiting();
    wait.inTurn(1, () => done.push('held'));
    wait.abandon();
    wait.inTurn(1, () => done.push('later'));
    wait.begin([{ channelType: 2, channelId: 1, serial: 9n }]);
    wait.recheck();
    host.advance(2 * waitDeadlineMs);
    expect([gaps, done, host.timersWaiting, someoneWaits(board), wait.waiting]).toEqual([[], [], 0, false, false]);
  });

  test('a wait abandoned by what it resumes drops the rest', () => {
    const { board, done, wait } = waiting();
    wait.inTurn(1, () => {
      done.push('first');
      wait.abandon();
    });
    wait.inTurn(1, () => done.push('second'));
    publishSerials(board, 2, 1).handled(5);
    wait.recheck();
    expect(done).toEqual(['first']);
  });
});
