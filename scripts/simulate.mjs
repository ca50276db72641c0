// npm run simulate -- [--seeds N] [--hours H] [--seed S] [--mode safety|liveness|both] [--jobs J]
// Simulated lives of the whole client and its server: N seeds from 1 on, or from S on; with --seed alone that one. Each job is a process.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, hours: { type: 'string', default: '2' }, seed: { type: 'string' }, mode: { type: 'string', default: 'both' }, jobs: { type: 'string' } },
});
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? (values.seed === undefined ? 20 : 1));
const hours = Number(values.hours);
const jobs = Math.min(count, Number(values.jobs ?? availableParallelism()));
if (![first, count, jobs].every((number) => Number.isInteger(number)) || !(count > 0 && jobs > 0 && hours > 0) || !['safety', 'liveness', 'both'].includes(values.mode)) {
  process.stderr.write('usage: npm run simulate -- [--seeds N] [--hours H] [--seed S] [--mode safety|liveness|both] [--jobs J]\n');
  process.exit(2);
}

const run = (job) =>
  new Promise((resolve) => {
    const seeds = Array.from({ length: count }, (_, index) => first + index).filter((_, index) => index % jobs === job);
    const env = { ...process.env, RYLL_SIMULATION: JSON.stringify({ seeds, hours, mode: values.mode }) };
    const child = spawn('npx', ['vitest', 'run', '--config', 'test/simulation/vitest.config.ts'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => resolve(code ?? 1));
  });
const codes = await Promise.all(Array.from({ length: jobs }, (_, job) => run(job)));
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;
