// `npm run simulate`: as many seeds and hours as are asked for. A seed that fails says how to see it again; it is lived twice, because
// a failure that depends on anything but its seed is worth knowing at once.
import { expect, test } from 'vitest';
import { describeFailure, simulate, type SimulationOptions } from './simulate.ts';

interface Asked {
  readonly seeds: readonly number[];
  readonly hours: number;
  readonly mode: SimulationOptions['mode'] | 'both';
}

// Written by scripts/simulate.mjs.
const asked = JSON.parse(process.env['RYLL_SIMULATION'] ?? '{"seeds":[1],"hours":2,"mode":"both"}') as Asked;
const modes = asked.mode === 'both' ? (['safety', 'liveness'] as const) : [asked.mode];
const sayEverySeeds = 25;

test(`${asked.seeds.length} seeds of ${asked.hours} h`, async () => {
  const failed: string[] = [];
  const startCpu = process.cpuUsage();
  const sums = { lives: 0, faults: 0, sessions: 0, pings: 0, escalations: 0 };
  for (const [index, seed] of asked.seeds.entries()) {
    for (const mode of modes) {
      const options = { seed, hours: asked.hours, mode };
      const result = await simulate(options);
      sums.lives += 1;
      for (const key of ['faults', 'sessions', 'pings', 'escalations'] as const) sums[key] += result[key];
      if (asked.seeds.length === 1) console.log(`seed ${seed} ${mode}: trace ${result.hash}, ${result.lines} facts, ${result.faults} faults, ${result.sessions} sessions`);
      if (result.violations.length === 0) continue;
      const again = await simulate(options);
      failed.push(`${describeFailure(result)}\n  lived again: trace ${again.hash}${again.hash === result.hash ? '' : ', which is another: something outside the seed decides'}`);
      console.log(failed.at(-1));
    }
    if ((index + 1) % sayEverySeeds === 0) console.log(`${index + 1} of ${asked.seeds.length} seeds, ${failed.length} failures`);
  }
  const { user, system } = process.cpuUsage(startCpu);
  console.log(`${((user + system) / 1e6 / sums.lives).toFixed(2)} s of processor time a life`);
  console.log(`${sums.lives} lives of ${asked.hours} h: ${sums.sessions} sessions, ${sums.faults} faults, ${sums.pings} PINGs, ${sums.escalations} escalations, ${failed.length} failures`);
  expect(failed).toEqual([]);
});
