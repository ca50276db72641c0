// Runs every benchmark of this folder, one process after the other. `--quick` only sees that they run; `--record` puts what they print
// into docs/measurements.md, with date, commit and machine. Names choose: `npm run bench -- parse decode`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

const FOLDER = new URL('./', import.meta.url);
const MEASUREMENTS = new URL('../../docs/measurements.md', FOLDER);
const TITLE = 'Benchmarks';
const HEAD = '# Measurements\n\nWhat the long proofs and the benchmarks measured, each by the command it names. Numbers are of one machine and one run; what\nholds elsewhere is what each section claims.\n';

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
if (options.includes('--record')) record();

/** Replaces this command's section, as the long proofs replace theirs (test/real/support/measurements.ts). */
function record() {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', cwd: FOLDER }).trim();
  const section = [
    `## ${TITLE}`,
    `\`npm run bench -- --record\`, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${process.versions.node}, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}).`,
    `The machine was shared and noisy: its load was ${loadBefore.toFixed(1)} when this began. Read the ratios and their spread, not the times; test/bench/README.md says what is fair to compare.`,
    ...outputs,
  ].join('\n\n');
  const before = existsSync(MEASUREMENTS) ? readFileSync(MEASUREMENTS, 'utf8') : HEAD;
  const sections = before.split(/^(?=## )/m).filter((part) => !part.startsWith(`## ${TITLE}\n`));
  writeFileSync(MEASUREMENTS, `${[...sections.map((part) => part.trimEnd()), section].join('\n\n')}\n`);
}
