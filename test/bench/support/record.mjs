// docs/measurements.md, for scripts: a command replaces its own section, as the long proofs replace theirs (test/real/support/measurements.ts).
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MEASUREMENTS = new URL('../../../docs/measurements.md', import.meta.url);
const HEAD = '# Measurements\n\nWhat the long proofs and the benchmarks measured, each by the command it names. Numbers are of one machine and one run; what\nholds elsewhere is what each section claims.\n';

/**
 * @param title of the section
 * @param command how to get it again; said with date, commit and Node's version
 * @param paragraphs its text; `machine` is said behind Node's version
 */
export function recordSection(title, command, paragraphs, machine = '') {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', cwd: new URL('./', MEASUREMENTS) }).trim();
  const section = [`## ${title}`, `\`${command}\`, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${process.versions.node}${machine}.`, ...paragraphs].join('\n\n');
  const before = existsSync(MEASUREMENTS) ? readFileSync(MEASUREMENTS, 'utf8') : HEAD;
  const sections = before.split(/^(?=## )/m).filter((part) => !part.startsWith(`## ${title}\n`));
  writeFileSync(MEASUREMENTS, `${[...sections.map((part) => part.trimEnd()), section].join('\n\n')}\n`);
}
