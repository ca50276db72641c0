import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';

test('timers run by time and then in the order of asking, each at its own moment', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 60 }), async (timers) => {
    const host = createVirtualHost({ seed: 1 });
    const ran: { index: number; atMs: number }[] = [];
    timers.forEach(([ms, cancelled], index) => {
      const cancel = host.timers.after(ms, () => ran.push({ index, atMs: host.clock.monotonicMs() }));
      if (cancelled) cancel();
    });
    await host.advance(50);
    const expected = timers.map(([ms, cancelled], index) => ({ index, atMs: ms, cancelled }))
      .filter((timer) => !timer.cancelled)
      .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
      .map(({ index, atMs }) => ({ index, atMs }));
    expect(ran).toEqual(expected);
    expect(host.pending).toBe(0);
    expect(host.clock.monotonicMs()).toBe(50);
  }), { numRuns: 50 });
});

test('a chain of promises is settled before the next timer, however long it is', async () => {
  const host = createVirtualHost({ seed: 1 });
  const log: string[] = [];
  host.timers.after(1, () => {
    const chain = async (): Promise<void> => {
      for (let link = 0; link < 1_000; link++) await Promise.resolve();
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      log.push('chain');
    };
    void chain();
  });
  host.timers.after(1, () => log.push('next timer'));
  await host.advance(1);
  expect(log).toEqual(['chain', 'next timer']);
});

test('a day passes at once, and what a promise continues has happened before the next timer', async () => {
  const host = createVirtualHost({ seed: 1, startWallMs: 1_000 });
  const log: string[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void host.timers.after(ms, resolve));
  const work = async (): Promise<void> => {
    await sleep(1_000);
    log.push('first');
    await sleep(1);
    log.push('second');
  };
  void work();
  host.timers.after(1_002, () => log.push('third'));
  await host.advance(86_400_000);
  expect(log).toEqual(['first', 'second', 'third']);
  expect(host.clock.wallMs()).toBe(86_401_000);
});

test('the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number): number[] => [...createVirtualHost({ seed }).random.bytes(16)];
  expect(bytes(7)).toEqual(bytes(7));
  expect(bytes(7)).not.toEqual(bytes(8));
});

test('a cancelled timer never runs, cancelled twice or late', async () => {
  const host = createVirtualHost({ seed: 1 });
  let runs = 0;
  const cancel = host.timers.after(1, () => runs++);
  await host.advance(1);
  cancel();
  cancel();
  host.timers.soon(() => runs++);
  await host.settle();
  expect([runs, host.pending]).toEqual([2, 0]);
});

test('without a network of its own every dial is refused, in a later turn', async () => {
  const host = createVirtualHost({ seed: 1 });
  const closed: string[] = [];
  const socket = host.dial({ transport: 'unix', path: '/nowhere' }, {
    connected: () => closed.push('connected'), chunk: () => undefined, closed: (cause) => closed.push(cause.kind),
  });
  expect(closed).toEqual([]);
  socket.destroy();
  await host.settle();
  expect(closed).toEqual(['refused']);
});
