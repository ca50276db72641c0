// The watchdog on real threads: what freezes is named with file and line and ended as frozen; what only looks like it is left alone.
import { readFileSync } from 'node:fs';
import type { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { StackProbe } from '#app/actors/kernel/stack-probe.js';
import { Watchdog, type FrozenEvidence, type WatchdogEvent } from '#app/supervisor/watchdog.js';
import { describe, expect, test } from 'vitest';
import { echoSpec } from '../support/echo-spec.js';
import { echoStateWhen, withSystem } from '../support/kernel-fixture.js';

const ECHO_SOURCE = 'test/support/actors/echo.mjs';
/** From 1. */
const spinLine = readFileSync(new URL('../support/actors/echo.mjs', import.meta.url), 'utf8').split('\n').findIndex((line) => line.includes("case 'spin':")) + 1;

/** A watchdog on this system while `body` runs; `until` resolves with the first event that is as wanted. */
async function watched(
  system: ActorSystem,
  frozenMs: number,
  body: (watchdog: Watchdog, until: <E extends WatchdogEvent>(wanted: (event: WatchdogEvent) => event is E) => Promise<E>) => Promise<void>,
): Promise<void> {
  const host = createNodeHost();
  const probe = new StackProbe(host.timers);
  const events: WatchdogEvent[] = [];
  const waiting = new Set<() => void>();
  const watchdog = new Watchdog({
    host, frozenMs, children: () => system.children, probe: (thread) => probe.probe(thread),
    say: (event) => {
      events.push(event);
      for (const look of waiting) look();
    },
  });
  watchdog.start();
  try {
    await body(watchdog, (wanted) => new Promise((resolve) => {
      const look = (): void => {
        const found = events.find(wanted);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    }));
  } finally {
    watchdog.stop();
  }
}

const isFrozen = (event: WatchdogEvent): event is Extract<WatchdogEvent, { kind: 'frozen' }> => event.kind === 'frozen';
const topFile = ({ stack }: FrozenEvidence): string | null => (stack.kind === 'stack' ? (stack.frames[0]?.file ?? null) : null);

describe('what freezes', () => {
  test.each([
    ['an endless loop in a handler', { kind: 'spin' }, 'spin'],
    ['a blocked wait', { kind: 'wait', memory: new SharedArrayBuffer(4) }, 'wait'],
    ['a runaway regular expression', { kind: 'regex' }, 'regex'],
    ['an endless loop in a timer, with nothing in the mailbox', { kind: 'timerSpins' }, 'timer'],
  ])('%s is named with its file and line, and ended as frozen, while the other actor lives on', (_, message, handler) => withSystem(async (system) => {
    const other = await system.start(echoSpec('other'));
    const stuck = await system.start(echoSpec('stuck'));
    await watched(system, 300, async (watchdog, until) => {
      stuck.address.tell(message);
      const { evidence } = await until(isFrozen);
      expect(evidence).toMatchObject({ id: 'stuck', generation: 1, outcome: 'ended', progress: { handler } });
      expect(evidence.silentMs).toBeGreaterThanOrEqual(300);
      expect(topFile(evidence)).toBe(ECHO_SOURCE);
      expect((await stuck.exited).reason).toEqual({ kind: 'frozen' });
      expect(watchdog.evidence).toEqual([evidence]);
      other.address.tell({ text: 'still here' });
      await echoStateWhen(other, (state) => state.received.length === 1);
    });
  }));

  test('of twelve actors of which number eleven spins, the evidence is number eleven\'s, with file and line, and the others live on', () => withSystem(async (system) => {
    const actors: ChildHandle[] = [];
    for (let number = 1; number <= 12; number++) actors.push(await system.start(echoSpec(`display/${number}`)));
    await watched(system, 300, async (watchdog, until) => {
      actors[10]?.address.tell({ kind: 'spin' });
      const { evidence } = await until(isFrozen);
      expect(evidence).toMatchObject({ id: 'display/11', outcome: 'ended', progress: { handler: 'spin' } });
      expect(evidence.stack).toMatchObject({ kind: 'stack', frames: expect.arrayContaining([expect.objectContaining({ functionName: 'obey', file: ECHO_SOURCE, line: spinLine })]) });
      await actors[10]?.exited;
      for (const actor of actors) if (actor.id !== 'display/11') actor.address.tell({ text: 'still here' });
      for (const actor of actors) if (actor.id !== 'display/11') await echoStateWhen(actor, (state) => state.received.length === 1);
      expect(watchdog.evidence).toHaveLength(1);
    });
  }));

  test('a loop behind an await, which no mark shows, is found by the question that it does not answer', () => withSystem(async (system) => {
    const stuck = await system.start(echoSpec('stuck'));
    await watched(system, 300, async (_, until) => {
      stuck.address.tell({ kind: 'spinsLater' });
      expect((await until(isFrozen)).evidence).toMatchObject({ id: 'stuck', outcome: 'ended', progress: { handler: null } });
      expect((await stuck.exited).reason).toEqual({ kind: 'frozen' });
    });
  }));
});

describe('what does not freeze', () => {
  test('an actor inside a file call is blocked on the disk: said once, and not ended', () => withSystem(async (system) => {
    const memory = new SharedArrayBuffer(4);
    const writer = await system.start(echoSpec('writer'));
    const silent = await system.start(echoSpec('silent'));
    await watched(system, 300, async (watchdog, until) => {
      writer.address.tell({ kind: 'blocksOn', call: 'disk', memory });
      await until((event): event is WatchdogEvent => event.kind === 'healthChanged' && event.verdict.id === 'writer' && event.verdict.health === 'blockedOnDisk');
      // Somebody else freezes and is ended in the meantime, so the watchdog has had the time and the will.
      silent.address.tell({ kind: 'spin' });
      await until(isFrozen);
      expect(watchdog.healthOf(writer)).toBe('blockedOnDisk');
      Atomics.store(new Int32Array(memory), 0, 1);
      Atomics.notify(new Int32Array(memory), 0);
      await until((event): event is WatchdogEvent => event.kind === 'healthChanged' && event.verdict.id === 'writer' && event.before === 'blockedOnDisk');
      expect(watchdog.evidence.map(({ id }) => id)).toEqual(['silent']);
    });
  }));

  test('idle actors are asked and answer, and none of them is ended', () => withSystem(async (system) => {
    const idle = await system.start(echoSpec('idle'));
    const silent = await system.start(echoSpec('silent'));
    await watched(system, 200, async (watchdog, until) => {
      await until((event): event is WatchdogEvent => event.kind === 'healthChanged' && event.verdict.id === 'idle' && event.verdict.health === 'idle');
      await until((event): event is WatchdogEvent => event.kind === 'healthChanged' && event.verdict.id === 'idle' && event.before === 'idle');
      silent.address.tell({ kind: 'spin' });
      await until(isFrozen);
      expect(idle.progress.read().iterations).toBeGreaterThan(1);
      expect(watchdog.evidence.map(({ id }) => id)).toEqual(['silent']);
    });
  }));
});
