// Actors under a virtual host: a whole life of them in no time, and the same life for the same seed. What the mailboxes promise
// about interleavings is in mailbox.test.ts; this is about the kernel's own deadlines and about determinism.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { echoSpec } from '../support/echo-spec.js';

/** Some life: three actors, messages among them at random times, restarts; everything that they saw, in order. */
async function live(seed: number): Promise<unknown> {
  const host = createVirtualHost({ seed });
  const system = new ActorSystem(host, { placement: 'local' });
  const ids = ['a', 'b', 'c'];
  const start = (id: string) => system.start(echoSpec(id, ids.filter((other) => other !== id), { shutdown: 100 }));
  for (const id of ids) await start(id);
  for (let round = 0; round < 30; round++) {
    const [who = 0, whom = 0, what = 0, ms = 0] = host.random.bytes(4);
    const child = system.child(ids[who % 3] ?? '');
    const to = ids.filter((id) => id !== child?.id)[whom % 2];
    child?.address.tell(what < 20 ? { kind: 'throw' } : { kind: what < 120 ? 'sendOn' : 'tellOn', to, message: { text: `${round}` }, options: { deadlineMs: ms } });
    await host.advance(ms % 16);
    for (const id of ids) if (system.child(id) === null) await start(id);
  }
  const observed = Promise.all(system.children.map((running) => running.observe(1_000)));
  await host.advance(1_000);
  const states = await observed;
  const exits = system.stopAll();
  await host.advance(1_000);
  return { states, exits: await exits, atMs: host.clock.monotonicMs(), pending: host.pending };
}

test('a simulated actor system gives the same run for the same seed', async () => {
  await fc.assert(fc.asyncProperty(fc.integer(), async (seed) => {
    const once = await live(seed);
    expect(once).toMatchObject({ pending: 0 });
    expect(await live(seed)).toEqual(once);
  }), { numRuns: 10 });
});

test('an actor that hangs in its start is ended, and the start fails', async () => {
  const host = createVirtualHost({ seed: 1 });
  const system = new ActorSystem(host, { placement: 'local' });
  const failure = system.start(echoSpec('child', [], { args: { startHangs: true } })).catch((error: unknown) => error);
  await host.advance(9_999);
  expect(system.child('child')).not.toBeNull();
  await host.advance(1);
  expect(await failure).toMatchObject({ name: 'StartFailed', message: 'child#1 did not start: killed' });
  expect([system.child('child'), host.pending]).toEqual([null, 0]);
});

test('a stop with shutdown infinity waits as long as it takes', async () => {
  const host = createVirtualHost({ seed: 1 });
  const system = new ActorSystem(host, { placement: 'local' });
  const child = await system.start(echoSpec('child', [], { shutdown: 'infinity', args: { neverStops: true } }));
  let ended = false;
  void child.stop().then(() => (ended = true));
  await host.advance(86_400_000);
  expect(ended).toBe(false);
  void child.kill();
  await host.settle();
  expect((await child.exited).reason).toEqual({ kind: 'killed' });
});
