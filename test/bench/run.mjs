// Runs every benchmark of this folder, one process after the other. `--quick` only sees that they run; `--record` puts what they print
// into docs/measurements.md, with date, commit and machine. Names choose: `npm run bench -- parse decode`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { recordSection } from './support/record.mjs';

const FOLDER = new URL('./', import.meta.url);

const options = process.argv.slice(2).filter((one) => one.startsWith('--'));
const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.bench.mjs') && (wanted.length === 0 || wanted.includes(name.replace('.bench.mjs', '')))).sort();
if (scripts.length === 0) {
  console.error('no such benchmark');
  process.exit(2);
}

const loadBefore = loadavg()[0];
const outputs = [];
for (const script of scripts) {
  console.log(`== ${script}\n`);
  const { status, stdout } = spawnSync(process.execPath, [new URL(script, FOLDER).pathname, ...(options.includes('--quick') ? ['--quick'] : [])], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(stdout);
  if (status !== 0) process.exit(status ?? 1);
  outputs.push(`### ${script}\n\n\`\`\`text\n${stdout.trimEnd()}\n\`\`\``);
}
if (options.includes('--record')) {
  // Some alone have a section of their own, and leave that of all of them as it is.
  const names = wanted.toSorted().join(' ');
  recordSection(names === '' ? 'Benchmarks' : `Benchmarks: ${names}`, `npm run bench -- ${names === '' ? '' : `${names} `}--record`, [
    `The machine was shared and noisy: its load was ${loadBefore.toFixed(1)} when this began. Read the ratios and their spread, not the times; test/bench/README.md says what is fair to compare.`,
    ...outputs,
  ], `, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`);
}
