// The fault corpus in processes: the program as it ships, with faults in its actors. The run in which actors are ended for their silence is alone, because a
// process that shares two cores with five others is silent for seconds while it starts; those others run together, each started when the one before has
// its channels. The two entries that end
// the process look at what it leaves: every capture file whole, up to the last second. All others leave reports, which are given to the verdict.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pingsIn } from '../../support/captured-pings.ts';
import { connectProgram, type RunningProgram } from '../../support/program.ts';
import { namedFaults, strangers } from './fault-verdicts.ts';
import { verdictsIn } from '../../support/verdicts-in.ts';
import { readStreams } from '../../support/read-pcap.ts';
import { abortFaults, actorRuns, type ActorRun } from './process-faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-faults-'));
const pingEveryMs = 20;
/** A second of PINGs. */
const lostPingsMax = 1_000 / pingEveryMs;
const patienceMs = 90_000;
/** What a verdict says, and is right, where six processes share two cores. */
const busyMachine = /^(lateBytes|linkTimedOut|machineSuspended|actorNotStarted) of /;

interface Served {
  readonly server: LoopbackServer;
  readonly program: RunningProgram;
  readonly capture: string;
}

const listeners: Listener[] = [];
const programs = new Map<string, Served>();

async function start(name: string, capture: boolean, args: readonly string[]): Promise<void> {
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still', pingEveryMs, quietPingEveryMs: pingEveryMs });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  listeners.push(listener);
  const path = join(folder, name.replaceAll(' ', '-'));
  programs.set(name, { server, capture: path, program: connectProgram(folder, listener.address, ...(capture ? ['--capture', path] : []), ...args) });
}

const rows: string[] = [];
const head = `# What the verdict says of faults in actors, writer and disk

Written by \`test/scenario/faults/processes.test.ts\`, which runs the program with faults in its [actors](faults.md) and gives the zips that it leaves to the verdict: those
that a failure wrote by itself, and snapshots where nothing is lost. It fails when a fault is not named and when this page is stale.

| fault | named |
|---|---|
`;
const reportsOf = (name: string): string => join(folder, `${name.replaceAll(' ', '-')}-reports`);

function running(name: string): Served {
  const served = programs.get(name);
  if (served === undefined) throw new Error(`${name} was not started`);
  return served;
}

/** A process that starts beside five others that start may miss the deadline of a link. */
async function mainLinked(name: string): Promise<void> {
  await running(name).program.line(/main\/0 linked$/);
}

async function startRun({ name, capture, args, entries }: ActorRun): Promise<void> {
  await start(name, capture, [...args, '--bug-report-dir', reportsOf(name), ...entries.flatMap(({ inject }) => ['--inject', inject])]);
}

async function startTogether(): Promise<void> {
  if (programs.has(abortFaults[0]?.name ?? '')) return;
  for (const run of actorRuns) {
    if (run.alone) continue;
    await startRun(run);
    await mainLinked(run.name);
  }
  for (const { name, inject } of abortFaults) {
    await start(name, true, ['--frozen-after', '60', '--channels', 'main,display,cursor', '--inject', inject]);
    await mainLinked(name);
  }
}

afterAll(async () => {
  for (const { program } of programs.values()) program.child.kill('SIGKILL');
  for (const { program } of programs.values()) await program.ended;
  for (const { server } of programs.values()) server.close();
  for (const listener of listeners) await listener.close();
  rmSync(folder, { recursive: true });
});

describe.each(actorRuns)('$name', (run) => {
  const { name, entries, exit, last } = run;
  beforeAll(() => (run.alone ? startRun(run) : startTogether()), 3 * patienceMs);

  test.each(entries)('$name', async ({ names }) => {
    const { program } = running(name);
    for (const fits of names) expect(await program.line(fits)).toMatch(fits);
  }, patienceMs);

  test('and its reports name each fault by what is in them', async () => {
    const reports = reportsOf(name);
    const faults = entries.map(({ inject }) => inject.replace(/^((?:\w+\/)?\w+):spin/, '$1:spinClient'));
    const unnamed = async (): Promise<string[]> => {
      const verdicts = await verdictsIn(reports);
      return faults.filter((fault) => !verdicts.some((verdict) => namedFaults([fault], verdict).some(({ by }) => by !== null)));
    };
    // What no loss reports is in the next snapshot of the session.
    await expect.poll(unnamed, { timeout: patienceMs / 2, interval: 500 }).toEqual([]);
    const verdicts = await verdictsIn(reports);
    for (const [at, fault] of faults.entries()) rows.push(`| \`${entries[at]?.inject ?? ''}\` | ${verdicts.flatMap((verdict) => namedFaults([fault], verdict)).find(({ by }) => by !== null)?.by?.replace(/ \(.*/, '') ?? 'not named'} |`);
    const others = new Set(verdicts.flatMap((verdict) => strangers(faults, verdict)));
    expect([...others].filter((cause) => !busyMachine.test(cause))).toEqual([]);
  }, patienceMs);

  test(`and main has gone on; then it ends with ${exit}`, async () => {
    const { program, server } = running(name);
    const pongs = (): number => Number(server.observe().channels['main/0']?.['pongsReceived']);
    const before = pongs();
    await expect.poll(pongs, { timeout: patienceMs / 2 }).toBeGreaterThan(before);
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(exit);
    expect(program.lines.filter((line) => line.includes('main/0#') || entries.some(({ never }) => never?.test(line) === true))).toEqual([]);
    expect(program.lines.at(-1)).toMatch(last);
    expect(server.observe().violations).toEqual({});
  }, patienceMs);
});

describe.each(abortFaults)('$name ends the whole process', ({ name, signal, says }) => {
  beforeAll(startTogether, 3 * patienceMs);

  test('by the signal that it should, and not by a word of ours', async () => {
    const { program } = running(name);
    expect(await program.ended).toBe(signal);
    expect(program.lines).toEqual(expect.arrayContaining(says.map((fits) => expect.stringMatching(fits) as unknown)));
  }, patienceMs);

  test('and every capture file that it leaves is whole, up to the last second of PINGs', () => {
    const { server, capture } = running(name);
    const files = readdirSync(capture).filter((file) => file.endsWith('.pcapng'));
    expect(files.toSorted()).toEqual(['cursor-0.pcapng', 'display-0.pcapng', 'main-0.pcapng']);
    for (const file of files) expect(readStreams(readFileSync(join(capture, file)))).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(capture, 'metadata.json'), 'utf8'))).toBeTypeOf('object');
    // A PING that was answered had been tapped; one that was only sent may never have been read.
    const answered = Number(server.observe().channels['main/0']?.['pongsReceived']);
    const written = pingsIn(readFileSync(join(capture, 'main-0.pcapng')));
    expect(written).toBeGreaterThan(0);
    expect(answered - written).toBeLessThanOrEqual(lostPingsMax);
  });
});

test('the table of faults and verdicts in the documents is what was seen', async () => {
  const ended = abortFaults.map(({ inject, signal }) => `| \`${inject}\` | leaves no report: the process ends with ${signal} at once, and its capture is what there is |`);
  await expect(`${head}${[...rows, ...ended].join('\n')}\n`).toMatchFileSnapshot('../../../docs/diagnosis-processes.md');
});
