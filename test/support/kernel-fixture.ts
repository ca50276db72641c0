// An actor system on real threads for one test, which must leave nothing behind: after the test every actor is ended, and a
// worker or port that still lives fails it.

import { expect } from 'vitest';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import type { ActorSystemOptions } from '#app/actors/kernel/actor-system.js';
import type { JsonValue } from '#app/actors/kernel/actor.js';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { Host } from '#app/actors/kernel/host.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';

/** Turns of the loop in which the handles of closed ports and threads must be gone. */
const CLOSING_TURNS_MAX = 200;

/** Runs `body` with a system of its own and ends it, whatever happened. */
export async function withSystem(body: (system: ActorSystem) => Promise<void>, options: ActorSystemOptions = {}): Promise<void> {
  const portsBefore = ports();
  const { host, timersWaiting } = countingHost();
  const system = new ActorSystem(host, options);
  try {
    await body(system);
  } finally {
    await system.stopAll();
  }
  expect(system.children).toEqual([]);
  expect(timersWaiting()).toBe(0);
  for (let turns = 0; ports() > portsBefore && turns < CLOSING_TURNS_MAX; turns++) await new Promise((resolve) => void setImmediate(resolve));
  expect(ports()).toBeLessThanOrEqual(portsBefore);
}

/** Ports and threads; the test runner's own are in the number from the start. */
function ports(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;
}

/** Node's host, with its timers counted: the test runner's own timers come and go, so the process's count says nothing. */
function countingHost(): { host: Host; timersWaiting: () => number } {
  const host = createNodeHost();
  const waiting = new Set<symbol>();
  const after: Host['timers']['after'] = (ms, run) => {
    const timer = Symbol('timer');
    waiting.add(timer);
    const cancel = host.timers.after(ms, () => {
      waiting.delete(timer);
      run();
    });
    return () => {
      waiting.delete(timer);
      cancel();
    };
  };
  return { host: { ...host, timers: { ...host.timers, after } }, timersWaiting: () => waiting.size };
}

export interface EchoState {
  readonly generation: number;
  readonly received: readonly { text: string | null; sender: string; generation: number; lane: string }[];
  readonly results: readonly (string | { error: string | null; text: string | null; heldMs: number })[];
}

/** What an echo actor remembers. */
export async function echoState(child: ChildHandle): Promise<EchoState> {
  const state: JsonValue = await child.observe(5_000);
  // The echo actor's own shape: test/support/actors/echo.mjs.
  return state as unknown as EchoState;
}

/** Asks until the state is as wanted: an answer of each question, never a pause, stands between two tries. */
export async function echoStateWhen(child: ChildHandle, wanted: (state: EchoState) => boolean): Promise<EchoState> {
  for (let asked = 0; asked < 10_000; asked++) {
    const state = await echoState(child);
    if (wanted(state)) return state;
  }
  throw new Error(`${child.id} never came to the wanted state`);
}
