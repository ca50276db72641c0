// A display channel of a real session that dies again and again, of a throw and of being ended by turns, and is linked again each time until its
// picture is there: what the process held before and afterwards. The server is a process of its own, so that all that is counted is the client's.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import type { SessionRun } from '#app/cli/session-run.js';
import { ChannelType } from '#app/protocol/constants.js';
import { channelBudgets, type RestartBudget } from '#app/supervisor/restart-budget.js';
import { isMarked, isStale, openSurface } from '#app/surface/shared-surface.js';
import { heldResources, type HeldResources } from './held-resources.ts';
import { testSession } from './session-fixture.ts';
import { until } from './until.ts';

const shareMax = 0.1;
/** What has just ended takes its time to be gone: threads are joined, ports closed, pages given back. */
const settleMs = 30_000;
const id = 'display/0';

export interface RestartSoak {
  /** The first count came after the deaths that warm up, the last when all had settled. */
  readonly counts: readonly HeldResources[];
  /** What is more than a tenth above the first count at the end. */
  readonly grown: readonly (keyof HeldResources)[];
}

/** @param steps how often it is counted on the way: each count collects the heaps of all threads */
export async function soakRestarts(restarts: number, warmUp: number, steps: number): Promise<RestartSoak> {
  const server = fork(new URL('../bench/support/loopback-process.mjs', import.meta.url), [JSON.stringify({ scene: 'still', pingEveryMs: 20 })], { execArgv: [] });
  const [{ port }] = (await once(server, 'message')) as [{ readonly port: number }];
  const often: RestartBudget = { restartsMax: restarts + warmUp, periodMs: 3_600_000, waitsMs: [0], waitMsMin: 0 };
  const { run } = testSession(createNodeHost(), port, {
    filter: new Set(['main', 'display', 'inputs']), frozenMs: 60_000, channelBudgets: { ...channelBudgets, lostPeer: often, crash: often, frozen: often },
  });
  try {
    for (const type of [ChannelType.main, ChannelType.display, ChannelType.inputs]) takeRing(run, type);
    await run.start();
    await untilPainted(run, 1, null);
    await die(run, warmUp);
    const first = await heldResources();
    const counts = [first];
    for (let step = 1; step <= steps; step++) {
      await die(run, Math.floor((step * restarts) / steps) - Math.floor(((step - 1) * restarts) / steps));
      counts.push(await (step < steps ? heldResources() : settled(first)));
    }
    return { counts, grown: grownSince(first, counts.at(-1) ?? first) };
  } finally {
    await run.stop();
    server.disconnect();
    await once(server, 'exit');
  }
}

function grownSince(first: HeldResources, now: HeldResources): readonly (keyof HeldResources)[] {
  return (Object.keys(first) as (keyof HeldResources)[]).filter((name) => now[name] > first[name] * (1 + shareMax));
}

/** Counts until nothing is above what it was, or the time is over. */
async function settled(first: HeldResources): Promise<HeldResources> {
  const endMs = performance.now() + settleMs;
  for (;;) {
    const now = await heldResources();
    if (grownSince(first, now).length === 0 || performance.now() > endMs) return now;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
}

/** A traffic ring grows into memory that is its own from the start; it is taken here, so that it is no growth later. */
function takeRing(run: SessionRun, type: number): void {
  const { tap } = run.memory.channel(type, 0);
  const [usual] = tap.classes;
  const [block] = tap.blocks;
  if (usual !== undefined && block !== undefined) new Uint8Array(block, 0, usual.retained * tap.segmentBytes).fill(0);
}

const display = (run: SessionRun) => {
  const found = run.actors.find((actor) => actor.id === id);
  if (found === undefined) throw new Error(`${id} was never started`);
  return found;
};

/** The screen's memory: each generation of the channel makes its own. */
const screen = (run: SessionRun): SharedArrayBuffer | null => run.surfaces.find(({ channel }) => channel === id)?.buffer ?? null;

async function untilPainted(run: SessionRun, generation: number, before: SharedArrayBuffer | null): Promise<void> {
  await until(`${id}#${generation} has painted`, () => {
    const buffer = screen(run);
    if (buffer === null || buffer === before) return false;
    const { exit, handle } = display(run);
    const surface = openSurface(buffer);
    return exit === null && handle.generation === generation && isMarked(surface) && !isStale(surface);
  }, 60_000);
}

async function die(run: SessionRun, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const { handle } = display(run);
    const before = screen(run);
    // A command that is none: the actor throws.
    if (handle.generation % 2 === 0) handle.address.tell({ kind: 'command', command: null });
    else void handle.kill({ kind: 'frozen' });
    await handle.exited;
    await untilPainted(run, handle.generation + 1, before);
  }
}
