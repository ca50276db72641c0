// The program itself, as a process, with faults that hold a thread or the main thread: that it can be left all the same, and what it leaves as
// evidence. What it says of each fault in its actors is the fault corpus's (test/scenario/faults).
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectProgram, startProgram, type RunningProgram } from '../support/program.ts';

const FAULTS = 'src/actors/fault-injection.ts';
const folder = mkdtempSync(join(tmpdir(), 'ryll-faults-'));
const started: RunningProgram[] = [];
let server: RunningProgram;

const connect = (address: string, ...args: readonly string[]): RunningProgram => {
  const client = connectProgram(folder, address, '--frozen-after', '1', ...args);
  started.push(client);
  return client;
};
const addressOf = async (): Promise<string> => (await server.line(/^listening on/)).split(' ')[2] ?? '';

beforeAll(() => {
  server = startProgram(folder, ['serve', '--port', '0']);
});

afterAll(async () => {
  // Of a test that failed: some of them are in an endless loop.
  for (const { child } of started) child.kill('SIGKILL');
  server.child.kill();
  await server.ended;
  rmSync(folder, { recursive: true });
});

test('Ctrl+C with a hung disk and a channel inside a system call ends with 130, in the shutdown times of its parts', async () => {
  const client = connect(await addressOf(), '--capture', join(folder, 'capture'), '--inject', 'writer:diskHang@1s', '--inject', 'display/0:block@1s');
  await client.line(/writer#1 on disk: a file call does not return/);
  await client.line(/display\/0#1 frozen: .*inside native code, sleeping, in the system call read/);
  client.child.kill('SIGINT');
  expect(await client.ended).toBe(130);
  expect(client.lines.join('\n')).toMatch(/display\/0#1, writer#1 did not stop in time: .*\[shutdown\.timedOut\]/);
}, 60_000);

test('a process that was stopped and goes on asks everybody for a sign of life and calls nobody frozen but who is', async () => {
  // The last fault comes when all that stood still has been judged: by then the watchdog would have ended others too.
  const client = connect(await addressOf(), '--inject', 'inputs/0:spin@6s');
  await client.line(/session connected/);
  await client.line(/display\/0 linked/);
  client.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  client.child.kill('SIGCONT');
  await client.line(/watchdog nothing ran for \d+\.\d s .*everything is asked for a sign of life/);
  await client.line(/inputs\/0#1 frozen/);
  client.child.kill('SIGINT');
  expect(await client.ended).toBe(130);
  expect(client.lines.filter((line) => /frozen|lost|main thread/.test(line) && !line.includes('inputs/0'))).toEqual([]);
}, 60_000);

test('a second signal does not wait for them', async () => {
  const client = connect(await addressOf(), '--capture', join(folder, 'second'), '--inject', 'writer:diskHang@1s');
  await client.line(/writer#1 on disk/);
  client.child.kill('SIGINT');
  client.child.kill('SIGTERM');
  // Whichever the system delivers second.
  expect([130, 143]).toContain(await client.ended);
  expect(client.lines.filter((line) => line.includes('shutdown.timedOut'))).toEqual([]);
}, 60_000);

test('a main thread that loops leaves its stack in a file', async () => {
  const client = connect(await addressOf(), '--inject', 'hub:spin@1s');
  // Nothing is said from then on, perhaps not even that the session is connected.
  const stack = (): string | null => {
    const made = readdirSync(folder).find((name) => name.startsWith(`ryll-actors-${client.child.pid}-`));
    try {
      return made === undefined ? null : readFileSync(join(folder, made, 'main-thread.txt'), 'utf8');
    } catch {
      return null;
    }
  };
  for (;;) {
    const text = stack();
    if (text?.includes('listOnTimeout') === true) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(stack()).toMatch(new RegExp(`process ${client.child.pid}: the main thread has done nothing for \\d+ ms\\n    at commit \\(${FAULTS}:\\d+:\\d+\\)`));
  client.child.kill('SIGKILL');
  expect(await client.ended).toBe('SIGKILL');
}, 60_000);
