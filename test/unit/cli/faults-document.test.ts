// docs/faults.md lists the faults, and the corpus plays them: a fault that is in neither would be one that nobody knows and nothing proves.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actorFaultKinds } from '#app/actors/fault-injection.js';
import { diskFaultKinds } from '#app/capture/writer-message.js';
import { servedFaultHelp } from '#app/cli/served-faults.js';
import { loopbackFaultKinds } from '#app/loopback/fault-script.js';
import { linkFaults } from '../../scenario/faults/link-faults.ts';
import { abortFaults, actorRuns } from '../../scenario/faults/process-faults.ts';
import { serverFaults } from '../../scenario/faults/server-faults.ts';
import { wireFaults } from '../../scenario/faults/wire-faults.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/faults.md', import.meta.url), 'utf8');
const sessions = [...serverFaults, ...linkFaults, ...wireFaults];
const injected = [...actorRuns.flatMap(({ entries }) => entries), ...abortFaults];

test.each([['the server', loopbackFaultKinds], ['actors', actorFaultKinds], ['disks', diskFaultKinds]])('the table of faults of %s is whole and says what the program says', (_of, kinds) => {
  const rows = Object.entries(kinds).map(([kind, meaning]) => `| \`${kind}\` | ${meaning} |`);
  expect(DOCUMENT).toContain(`| fault | what happens |\n|---|---|\n${rows.join('\n')}\n\n`);
});

test('serve --help lists each fault of the server', () => {
  for (const [kind, meaning] of Object.entries(loopbackFaultKinds)) expect(servedFaultHelp()).toMatch(new RegExp(`^  ${kind} +${meaning.replaceAll(/[()/.]/g, '\\$&')}$`, 'm'));
});

test('the corpus has every fault, and each entry a name of its own', () => {
  const kindOf = (text: string): string | undefined => /:([A-Za-z]+?)(?:[=@]|x(?:\d|all)|$)/.exec(text)?.[1];
  const played = (texts: readonly string[]): string[] => [...new Set(texts.map((text) => kindOf(text) ?? text))].toSorted();
  expect(played(sessions.flatMap(({ faults }) => faults))).toEqual(Object.keys(loopbackFaultKinds).toSorted());
  // Threads that cannot be ended make an end of their own: they are in test/scenario/injected-faults.test.ts.
  expect(played([...injected.map(({ inject }) => inject), 'writer:diskHang', 'display/0:block'])).toEqual([...Object.keys(actorFaultKinds), ...Object.keys(diskFaultKinds)].toSorted());
  const names = [...sessions, ...injected].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});
