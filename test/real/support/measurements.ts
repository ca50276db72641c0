// docs/measurements.md: what the long proofs measured, one section each, with date and commit. A proof replaces its own section.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { runTool } from './run.ts';

const PATH = new URL('../../../docs/measurements.md', import.meta.url).pathname;
const HEAD = '# Measurements\n\nWhat the long proofs and the benchmarks measured, each by the command it names. Numbers are of one machine and one run; what\nholds elsewhere is what each section claims.\n';

/** Writes the section `## title`; `command` is how to get it again. */
export const recordMeasurement = async (title: string, command: string, body: readonly string[]): Promise<void> => {
  const commit = (await runTool('git', ['describe', '--always', '--dirty'])).trim();
  const date = new Date().toISOString().slice(0, 10);
  const section = `## ${title}\n\n\`${command}\`, ${date}, commit ${commit}, Node ${process.versions.node}.\n\n${body.join('\n')}\n`;
  const before = existsSync(PATH) ? readFileSync(PATH, 'utf8') : HEAD;
  const sections = before.split(/^(?=## )/m).filter((part) => !part.startsWith(`## ${title}\n`));
  writeFileSync(PATH, `${[...sections.map((part) => part.trimEnd()), section.trimEnd()].join('\n\n')}\n`);
};
