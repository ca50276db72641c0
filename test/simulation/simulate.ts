// One simulated life under one seed: faults at seeded moments, invariants all the while, and in liveness mode some quiet minutes
// at its end after which everything has to be whole. The same options give the same life, which its trace hash says.

import { chooseFault } from './faults.ts';
import type { InvariantName, Violation } from './invariants.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly hours: number;
  readonly mode: 'safety' | 'liveness';
  readonly sabotage?: InvariantName;
}

export interface SimulationResult {
  readonly options: SimulationOptions;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly tail: readonly string[];
  readonly sessions: number;
  readonly reconnectsByHand: number;
  readonly faults: number;
  readonly pings: number;
  readonly connections: number;
  readonly escalations: number;
  readonly lines: number;
}

const hourMs = 3_600_000;
/** After the last fault: keepalive of a lost connection, the longest outage and the re-links behind it. */
const healMs = 300_000;
const meanFaultMs = 240_000;
const pingEveryMs = 15_000;
/** As a session has it, in every tenth seed. */
const keepaliveIdleMs = 10_000;
/** The hub's own pace is four times a second, and nothing else in an idle session happens as often. */
const sampleEveryMs = 60_000;
/** Fills the mailbox of a consumer that never reads. */
const busySampleEveryMs = 1_000;

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, mode, sabotage = null } = options;
  const isBusy = seed % 10 === 0 || sabotage === 'mailboxBounds';
  const world = new World({ seed, sabotage, channels: 'all', consumerReads: seed % 3 !== 0, pictures: true, pingEveryMs, keepaliveIdleMs: seed % 10 === 5 ? keepaliveIdleMs : null, sampleEveryMs: isBusy ? busySampleEveryMs : sampleEveryMs });
  const random = world.random.fork();
  const endMs = options.hours * hourMs;
  const calmMs = mode === 'liveness' ? Math.max(0, endMs - healMs) : endMs;
  let struck = 0;
  world.startServer();
  await world.openSession();
  for (;;) {
    const atMs = world.nowMs - Math.log(1 - random.next()) * meanFaultMs;
    await world.advanceTo(Math.min(atMs, calmMs));
    if (world.nowMs >= calmMs) break;
    const fault = chooseFault(random);
    world.note(`fault ${fault.name}`);
    const target = fault.strike(world, random);
    world.note(`aimed at ${target ?? 'nothing'}`);
    if (target !== null) struck += 1;
  }
  if (mode === 'liveness') await heal(world, endMs);
  await world.end();
  return {
    options,
    violations: world.watchers.violations,
    hash: world.trace.digest(),
    tail: world.trace.tail(),
    sessions: world.sessions,
    reconnectsByHand: world.reconnectsByHand,
    faults: struck,
    pings: world.seen.pings,
    connections: world.seen.connections,
    escalations: world.seen.escalations,
    lines: world.trace.lines,
  };
}

async function heal(world: World, endMs: number): Promise<void> {
  for (const connection of world.spoiled) connection.cut('rst');
  world.disk.failing = null;
  world.relapse = null;
  if (world.server === null) world.startServer();
  await world.advanceTo(Math.max(endMs, world.nowMs + healMs));
  // A picture may be on its way just now.
  for (let second = 0; second < 5 && world.pixelsWrong() !== 0; second++) await world.advanceTo(world.nowMs + 1_000);
  world.see({ kind: 'healed', connected: world.session?.run.connected ?? false, missing: world.missing(), pixelsWrong: world.pixelsWrong() });
}

/** What a person needs to see the failure again. */
export function describeFailure({ options, violations, hash, tail }: SimulationResult): string {
  const { seed, hours, mode } = options;
  const broken = violations.slice(0, 10).map(({ invariant, atMs, what }) => `  ${invariant} at ${(atMs / 1000).toFixed(3)} s: ${what}`);
  return [
    `seed ${seed} fails in ${mode} mode (trace ${hash}):`,
    ...broken,
    ...(violations.length > broken.length ? [`  and ${violations.length - broken.length} more`] : []),
    `replay: npm run simulate -- --seed ${seed} --hours ${hours} --mode ${mode}`,
    ...tail.slice(-30).map((line) => `    ${line}`),
  ].join('\n');
}
