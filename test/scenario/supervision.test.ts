// A tree of supervisors at work on real actors, on threads and in one thread: what is started, in which order it ends, who comes
// back, and what a supervisor that has given up leaves behind: nothing.

import { describe, expect, test } from 'vitest';
import type { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { SupervisorRunner } from '#app/actors/supervisor-runner.js';
import { channelBudgets } from '#app/supervisor/restart-budget.js';
import type { SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import { echoState, withSystem } from '../support/kernel-fixture.js';
import { plan, supervisor } from '../support/supervision.js';

/** As many restarts as a test likes, none of them waited for. */
const patient = { kind: 'budgets', budgets: { ...channelBudgets, crash: { restartsMax: 1_000, periodMs: 60_000, waitsMs: [0], waitMsMin: 0 } } } as const;
const never = { kind: 'intensity', intensity: { restartsMax: 0, periodMs: 1_000 } } as const;
const channels = supervisor([], { id: 'channels', policy: patient, stopOrder: 'together' });
const session = supervisor([plan('main', { restart: 'transient' }), channels], { id: 'session', strategy: 'restForOne', policy: never, restart: 'transient' });
const tree = supervisor([plan('writer'), plan('hub'), session]);

/** A tree on this system; the log has what happened, in words: `writer#1 up`, `writer#1 failed`. */
function runTree(system: ActorSystem, spec: SupervisorSpec, args: Readonly<Record<string, unknown>> = {}) {
  const log: string[] = [];
  const waiting = new Set<() => void>();
  const note = (line: string): void => {
    log.push(line);
    for (const look of waiting) look();
  };
  const runner = new SupervisorRunner({
    system,
    host: createNodeHost(),
    tree: spec,
    argsOf: (id) => args[id] ?? {},
    events: {
      starting: () => undefined,
      started: ({ id, generation }) => note(`${id}#${generation} up`),
      startFailed: (id) => note(`${id} cannot start`),
      exited: ({ id, generation, reason }) => note(`${id}#${generation} ${reason.kind}`),
      restartPlanned: ({ id, budget }) => note(`${id} again after ${budget}`),
      left: () => undefined,
      gaveUp: (escalation) => note(`${escalation.supervisor} gave up for ${escalation.child}: ${escalation.spent}`),
    },
  });
  /** Resolves when the log has this line. */
  const logged = (line: string): Promise<void> => new Promise((resolve) => {
    const look = (): void => {
      if (!log.includes(line)) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
  return { runner, log, logged, take: () => log.splice(0) };
}

const running = (system: ActorSystem, id: string): ChildHandle => {
  const child = system.child(id);
  if (child === null) throw new Error(`'${id}' does not run`);
  return child;
};

describe.each(['thread', 'local'] as const)('a supervised tree, placement %s', (placement) => {
  const withTree = (body: Parameters<typeof withSystem>[0]): Promise<void> => withSystem(body, placement === 'local' ? { placement } : {});

  test('starts in the order of its list and stops in the reverse', () => withTree(async (system) => {
    const { runner, take } = runTree(system, tree);
    await runner.start();
    expect(take()).toEqual(['writer#1 up', 'hub#1 up', 'main#1 up']);
    await runner.addChild('channels', plan('display/0'));
    await runner.stop();
    expect(take()).toEqual(['display/0#1 up', 'display/0#1 shutdown', 'main#1 shutdown', 'hub#1 shutdown', 'writer#1 shutdown']);
    expect(system.children).toEqual([]);
  }));

  test('a child that throws comes back alone, as its next generation, and is reached by the old address', () => withTree(async (system) => {
    const { runner, logged, take } = runTree(system, tree);
    await runner.start();
    await runner.addChild('channels', plan('display/0'));
    await runner.addChild('channels', plan('teller', { links: ['display/0'] }));
    take();
    running(system, 'display/0').address.tell({ kind: 'throw' });
    await logged('display/0#2 up');
    expect(take()).toEqual(['display/0#1 failed', 'display/0 again after crash', 'display/0#2 up']);
    running(system, 'teller').address.tell({ kind: 'tellOn', to: 'display/0', message: { text: 'to the new one' } });
    expect((await echoState(running(system, 'teller'))).generation).toBe(1);
    await runner.stop();
  }));

  test('when main fails, the session supervisor ends the channels and gives up; writer and hub live on', () => withTree(async (system) => {
    const { runner, logged, take } = runTree(system, tree);
    await runner.start();
    await runner.addChild('channels', plan('display/0'));
    take();
    running(system, 'main').address.tell({ kind: 'throw' });
    await logged('session gave up for main: intensity');
    expect(take()).toEqual(['main#1 failed', 'display/0#1 shutdown', 'session gave up for main: intensity']);
    expect(system.children.map(({ id }) => id)).toEqual(['writer', 'hub']);
    expect(runner.phase('session')?.kind).toBe('ended');
    await runner.stop();
  }));

  test('a session that gave up can be started again, with none of its earlier channels', () => withTree(async (system) => {
    const { runner, logged, take } = runTree(system, tree);
    await runner.start();
    await runner.addChild('channels', plan('display/0'));
    running(system, 'main').address.tell({ kind: 'throw' });
    await logged('session gave up for main: intensity');
    take();
    runner.startChild('session');
    await logged('main#2 up');
    expect(system.children.map(({ id }) => id)).toEqual(['writer', 'hub', 'main']);
    await runner.stop();
  }));

  test('a child that fails once too often ends the supervisors above it, each once, up to one that may go on', () => withTree(async (system) => {
    const strict = supervisor([], { id: 'channels', policy: { kind: 'intensity', intensity: { restartsMax: 2, periodMs: 60_000 } }, stopOrder: 'together' });
    const { runner, logged, take } = runTree(system, supervisor([plan('hub'), supervisor([plan('main'), strict], { id: 'session', strategy: 'restForOne', policy: never, restart: 'transient' })]));
    await runner.start();
    await runner.addChild('channels', plan('display/0'));
    await runner.addChild('channels', plan('inputs/0'));
    for (const generation of [1, 2, 3]) {
      await logged(`display/0#${generation} up`);
      running(system, 'display/0').address.tell({ kind: 'throw' });
    }
    await logged('session gave up for channels: intensity');
    expect(take().slice(-5)).toEqual(['display/0#3 failed', 'inputs/0#1 shutdown', 'channels gave up for display/0: intensity', 'main#1 shutdown', 'session gave up for channels: intensity']);
    expect(system.children.map(({ id }) => id)).toEqual(['hub']);
    await runner.stop();
  }));

  test('what cannot start ends what had started before it, and the start says why', () => withTree(async (system) => {
    const { runner, log } = runTree(system, tree, { main: { startFails: true } });
    await expect(runner.start()).rejects.toThrow('main#1 did not start: will not start');
    expect(log).toEqual(['writer#1 up', 'hub#1 up', 'main cannot start', 'session gave up for main: start', 'hub#1 shutdown', 'writer#1 shutdown', 'top gave up for session: start']);
    expect(system.children).toEqual([]);
  }));

  test('an added child that cannot start says why to who added it', () => withTree(async (system) => {
    const { runner, log } = runTree(system, tree, { log: { startFails: true } });
    await runner.start();
    await expect(runner.addChild('channels', plan('log', { restart: 'temporary' }))).rejects.toThrow('log#1 did not start: will not start');
    expect(runner.phase('log')).toBeNull();
    await runner.stop();
    expect(log).toContain('main#1 shutdown');
  }));

  test('what waits for its restart when all ends is never started', () => withTree(async (system) => {
    const waits = supervisor([], { id: 'channels', policy: { kind: 'budgets', budgets: channelBudgets }, stopOrder: 'together' });
    const { runner, logged, log } = runTree(system, supervisor([waits]));
    await runner.start();
    await runner.addChild('channels', plan('display/0', { restart: 'transient' }));
    running(system, 'display/0').address.tell({ kind: 'exit', reason: { kind: 'downstreamClosed', detail: 'fin' } });
    await logged('display/0 again after lostPeer');
    expect(runner.phase('display/0')?.kind).toBe('waiting');
    await runner.stop();
    expect(log).toEqual(['display/0#1 up', 'display/0#1 downstreamClosed', 'display/0 again after lostPeer']);
  }));
});
