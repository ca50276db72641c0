// K1, through the whole kernel: an actor that sends to another is never held longer than its deadline, whatever becomes of
// the other (it reads, waits, stops, is killed, fails, comes back) and in whatever order turns run. fc.scheduler picks the
// turns, the test moves the time.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { Host } from '#app/actors/kernel/host.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { echoSpec } from '../support/echo-spec.js';
import { ManualHost } from '../support/manual-host.js';

const DEADLINE_MS = 20;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), lane: fc.constantFrom('control' as const, 'data' as const) }) },
  { weight: 8, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'stop' as const }, { kind: 'kill' as const }, { kind: 'throw' as const }, { kind: 'restart' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A host whose turns the scheduler orders and whose time the test moves. */
function createScheduledHost(scheduler: fc.Scheduler, manual: ManualHost): Host {
  const soon = (run: () => void): (() => void) => {
    let cancelled = false;
    void scheduler.schedule(Promise.resolve(), 'turn').then(() => {
      if (!cancelled) run();
    });
    return () => {
      cancelled = true;
    };
  };
  const { random, dial } = createVirtualHost({ seed: 1 });
  return { clock: manual.clock, timers: { after: manual.timers.after, soon }, random, dial };
}

const promisesSettled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('a send to an actor that is gone, stopped or does not read ends at its deadline or before, over all interleavings', async () => {
  await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 40 }), async (scheduler, steps) => {
    const manual = new ManualHost();
    const system = new ActorSystem(createScheduledHost(scheduler, manual), { placement: 'local' });
    const start = { receiver: () => system.start(echoSpec('receiver', [], { shutdown: 5 })) };
    const sender = await system.start(echoSpec('sender', ['receiver'], { mailbox: { dataMax: 100, controlMax: 100 } }));
    await start.receiver();
    const runTurns = async (): Promise<void> => {
      while (scheduler.count() > 0) await scheduler.waitOne();
      await promisesSettled();
    };
    const perform = async (now: Step): Promise<void> => {
      const receiver = system.child('receiver');
      switch (now.kind) {
        case 'send':
          sender.address.tell({ kind: 'sendOn', to: 'receiver', message: 'm', options: { lane: now.lane, deadlineMs: DEADLINE_MS } });
          return;
        case 'turn':
          if (scheduler.count() > 0) await scheduler.waitOne();
          return;
        case 'time':
          for (let i = 0; i < now.ms; i++) {
            manual.advance(1);
            await promisesSettled();
          }
          return;
        case 'stop':
          return void receiver?.stop();
        case 'kill':
          return void receiver?.kill();
        case 'throw':
          return void receiver?.address.tell({ kind: 'throw' });
        case 'restart':
          if (receiver === null) await start.receiver();
          return;
        default:
          return now satisfies never;
      }
    };

    for (const now of steps) await perform(now);
    // The sender hears of all its orders; then, with nobody running, time passes the last deadline.
    await runTurns();
    await perform({ kind: 'time', ms: DEADLINE_MS + 1 });
    const state = sender.observe();
    await runTurns();
    const { results } = (await state) as unknown as { results: { error: string | null; heldMs: number }[] };
    expect(results).toHaveLength(steps.filter((now) => now.kind === 'send').length);
    for (const { error, heldMs } of results) {
      expect(heldMs).toBeLessThanOrEqual(DEADLINE_MS);
      expect([null, 'SendTimeout', 'MailboxClosed']).toContain(error);
    }

    const ending = system.stopAll();
    for (let i = 0; i < 5; i++) {
      await runTurns();
      await perform({ kind: 'time', ms: 5 });
    }
    await ending;
    expect(manual.timersWaiting).toBe(0);
  }), { numRuns: 100 });
});
