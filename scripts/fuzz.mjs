// npm run fuzz -- [--messages N] [--images N] [--seed S] [--target NAME] [--collect]
// N mutated messages over all channels and streams together, and N images for each decoder (default: a tenth of the messages). A process
// that works for two minutes of processor time on one thousand inputs hangs: it is ended, and the inputs are named.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    images: { type: 'string' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    collect: { type: 'boolean', default: false },
  },
});
const messages = Number(values.messages);
const asked = { messages, images: Number(values.images ?? Math.ceil(messages / 10)), seed: Number(values.seed), target: values.target ?? null, collect: values.collect };
if (![asked.messages, asked.images, asked.seed].every((number) => Number.isInteger(number) && number >= 0)) {
  process.stderr.write('usage: npm run fuzz -- [--messages N] [--images N] [--seed S] [--target NAME] [--collect]\n');
  process.exit(2);
}

const cpuSecondsMax = 120;
const lookEveryMs = 5_000;
const clockTicksPerSecond = 100;
const child = spawn('npx', ['vitest', 'run', '--config', 'test/fuzz/vitest.config.ts'], { env: { ...process.env, RYLL_FUZZ: JSON.stringify(asked) }, stdio: ['ignore', 'pipe', 'inherit'], detached: true });

let last = '';
let cpuAtLast = 0;
let hung = false;

/** Seconds of processor time of the child's process group; the system's own count, whatever else the machine does. */
const cpuSeconds = () => {
  const ps = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  let ticks = 0;
  const visit = (pid) => {
    try {
      const fields = ps(pid);
      ticks += Number(fields[11]) + Number(fields[12]);
      for (const one of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)) visit(Number(one));
    } catch {
      // It has ended meanwhile.
    }
  };
  visit(child.pid);
  return ticks / clockTicksPerSecond;
};

child.stdout.setEncoding('utf8').on('data', (text) => {
  for (const line of text.split('\n')) {
    if (line.startsWith('fuzzing ')) {
      last = line;
      cpuAtLast = cpuSeconds();
    } else if (line.trim() !== '') process.stdout.write(`${line}\n`);
  }
});
const watch = setInterval(() => {
  if (last === '' || cpuSeconds() - cpuAtLast < cpuSecondsMax) return;
  hung = true;
  process.stdout.write(`hangs: ${last}, within the next 1000 inputs under seed ${asked.seed}\n`);
  process.kill(-child.pid, 'SIGKILL');
}, lookEveryMs);
child.on('close', (code) => {
  clearInterval(watch);
  process.exitCode = hung ? 1 : (code ?? 1);
});
