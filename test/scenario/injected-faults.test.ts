// The program itself, as a process, with faults in its actors: what it says of each, that the rest of the session goes on, and that it can be left
// with a thread inside a system call that never returns.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const FAULTS = 'src/actors/fault-injection.ts';
const folder = mkdtempSync(join(tmpdir(), 'ryll-faults-'));
const started: Running[] = [];
let server: Running;

interface Running {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** The first line that fits, now or later; rejects with everything that was said when the process ends without it. */
  line(fits: RegExp): Promise<string>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

function start(args: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, RYLL_TEST_FAULTS: '1', TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const heard = (line: string): void => {
    lines.push(line);
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', heard);
  createInterface({ input: child.stderr }).on('line', heard);
  const ended = new Promise<number | string>((resolve) => void child.once('close', (code, signal) => resolve(code ?? signal ?? '')));
  const running: Running = {
    child, lines, ended,
    line: (fits) => new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((line) => fits.test(line));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${String(fits)}:\n${lines.join('\n')}`)));
    }),
  };
  started.push(running);
  return running;
}

const connect = (address: string, ...args: readonly string[]): Running => start(['connect', '--direct', address, '--headless', '--frozen-after', '1', ...args]);
const addressOf = async (): Promise<string> => (await server.line(/^listening on/)).split(' ')[2] ?? '';

beforeAll(() => {
  server = start(['serve', '--port', '0']);
});

afterAll(async () => {
  // Of a test that failed: some of them are in an endless loop.
  for (const { child } of started) if (child !== server.child) child.kill('SIGKILL');
  server.child.kill();
  await server.ended;
  rmSync(folder, { recursive: true });
});

test('each fault of one session is named, with file and line where a thread had to be ended, and the main channel goes on', async () => {
  const client = connect(await addressOf(),
    '--inject', 'display/0:spin@1s', '--inject', 'inputs/0:wait@1s', '--inject', 'cursor/0:throw@1s', '--inject', 'playback/0:cut@1s');
  await client.line(new RegExp(`display/0#1 frozen: silent for .* s in 'timer', in commit \\(${FAULTS}:\\d+\\)`));
  await client.line(new RegExp(`inputs/0#1 frozen: silent for .* s in 'timer', in commit \\(${FAULTS}:\\d+\\)`));
  await client.line(/cursor\/0#1 failed: injected fault/);
  await client.line(/playback\/0 .*the connection was cut by an injected fault/);
  client.child.kill('SIGINT');
  expect(await client.ended).toBe(130);
  expect(client.lines.filter((line) => line.includes('main/0#'))).toEqual([]);
}, 60_000);

test('a heap that grows too far is that channel\'s failure', async () => {
  // A full heap is collected again and again before it is given up: that takes its time on a busy machine, and is no freeze.
  const client = connect(await addressOf(), '--frozen-after', '30', '--inject', 'port/0:heap@0s');
  await client.line(/port\/0#1 failed: .*memory/i);
  client.child.kill('SIGINT');
  expect(await client.ended).toBe(130);
  expect(client.lines.filter((line) => /#1 (failed|frozen)/.test(line) && !line.includes('port/0#1'))).toEqual([]);
}, 60_000);

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
