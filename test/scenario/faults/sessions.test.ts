// The fault corpus in virtual time: every entry is a whole session with its server in this thread; minutes pass in milliseconds. What the session does about
// its faults is looked at, and whether the reports of it name them: docs/diagnosis-corpus.md is the table of that, and this test says that it is true.
import { beforeAll, describe, expect, test } from 'vitest';
import { noFault } from '#app/capture/verdict.js';
import { linkFaults } from './link-faults.ts';
import { namedFaults, strangers, unseen } from './fault-verdicts.ts';
import { serverFaults } from './server-faults.ts';
import { expectPlayed, playSession, type EntryVerdicts, type SessionEntry } from './session-entry.ts';
import { loadActors } from '../../support/virtual-session.ts';
import { wireFaults } from './wire-faults.ts';

beforeAll(loadActors);

/** Reports are files that wait for a real disk. */
const patienceMs = 60_000;

const rows: string[] = [];

describe.each([['server', serverFaults], ['link', linkFaults], ['wire', wireFaults]] as const)('%s faults', (_theme, entries) => {
  test.each(entries)('$name', async (entry) => {
    const { played, verdicts } = await playSession(entry);
    expectPlayed(entry, played);
    expectNamed(entry, verdicts);
    expect(played).toBeDefined();
  }, patienceMs);
});

/** The automatic report names what had happened by then, the last one all of it; neither names anything else. */
function expectNamed({ name, faults: injected, ticket }: SessionEntry, { automatic, last }: EntryVerdicts): void {
  // A ticket that ends shows on the channel that comes to use it again.
  const faults = ticket === undefined ? injected : [...injected, ...injected.map((fault) => fault.replace(/:.*/, ':ticket'))];
  const found = namedFaults(faults, last);
  rows.push(row(faults, automatic === null ? 'none' : automatic.summary, last.causes.map(({ cause, subject, confidence }) => `${cause} of ${subject} (${confidence})`), name in unseen ? `not named: ${unseen[name]}` : 'named'));
  const missed = found.filter(({ by }) => by === null).map(({ fault }) => fault);
  expect(missed, 'faults that are not named').toEqual(name in unseen ? missed : []);
  expect(missed.length > 0, 'an entry is only listed as unseen when it is').toBe(name in unseen);
  expect(automatic === null || namedFaults(faults, automatic).some(({ by }) => by !== null) || name in unseen, 'the automatic report names one of them').toBe(true);
  const others = [automatic, last].flatMap((verdict) => (verdict === null || name in unseen ? [] : strangers(faults, verdict)));
  expect(others, 'causes that are none').toEqual([]);
}

const row = (faults: readonly string[], automatic: string, causes: readonly string[], verdict: string): string =>
  `| ${faults.map((fault) => `\`${fault}\``).join(' ')} | ${automatic} | ${causes.join(', ') || noFault} | ${verdict} |`;

test('the table of faults and verdicts in the documents is what was seen', async () => {
  expect(rows).toHaveLength(serverFaults.length + linkFaults.length + wireFaults.length);
  await expect(`${head}${rows.join('\n')}\n`).toMatchFileSnapshot('../../../docs/diagnosis-corpus.md');
});

const head = `# What the verdict says of each fault

Written by \`test/scenario/faults/sessions.test.ts\`, which plays every session of the [corpus](faults.md) with reports as \`connect\` makes them: their zips are written by
the program's own writer and read again, and the verdict is given nothing else. The automatic report is the last that a loss or the session's end wrote by itself; the
last report is one that somebody takes when the time is over, and of a session that has ended the automatic one. The test fails when a fault is not named, when anything is
named that was not injected, and when this page is stale (\`npx vitest run test/scenario/faults/sessions.test.ts -u\` writes it). How a verdict comes about is in
[diagnosis.md](diagnosis.md).

| faults | automatic report | last report | |
|---|---|---|---|
`;
