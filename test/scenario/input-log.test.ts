// The input log of captures that the program makes: keys, text and a click come over the control socket, and the lines must be those of the messages that the
// server heard, without what they were unless --intimate asks for it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import type { ControlCommand } from '#app/cli/control-arguments.js';
import { controlCommand } from '#app/cli/control-commands.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { connectProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-input-log-'));
const deadlineMs = 60_000;
let server: LoopbackServer;
let listener: Listener;

beforeAll(async () => {
  server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still' });
  listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  server.close();
  await listener.close();
  rmSync(folder, { recursive: true });
});

interface Captured {
  readonly directory: string;
  readonly text: string;
  readonly lines: readonly Record<string, unknown>[];
  readonly metadata: { readonly input_log: string; readonly files: readonly { readonly channel: string; readonly input_log?: unknown }[] };
  readonly said: string;
}

/** A session in which `aB` and Enter are typed and something is clicked. */
async function captured(name: string, ...more: readonly string[]): Promise<Captured> {
  const directory = join(folder, name);
  const socket = join(folder, `${name}.sock`);
  const program = connectProgram(folder, listener.address, '--control-socket', socket, '--channels', 'main,display,inputs', '--capture', directory, '--no-video', '--no-reconnect', ...more);
  const does = async (command: ControlCommand): Promise<void> => {
    let trouble = '';
    const exit = await controlCommand(command, { socket }, { out: () => undefined, error: (text) => (trouble += text) });
    if (exit !== 'ok') throw new Error(`${exit}: ${trouble}`);
  };
  try {
    await program.line(/inputs\/0 linked$/);
    await until('the picture', () => server.observe().channels['display/0']?.['picture'] !== undefined, deadlineMs);
    await does({ kind: 'type', text: 'aB', enter: true, delayMs: 0 });
    await does({ kind: 'click', x: 123, y: 87, button: 'left', display: 0, count: 1 });
    // Both were taken by the session; the inputs channel sends them, and the writer writes them, a moment later.
    const log = join(directory, 'inputs.log');
    await until('the click is in the log', () => existsSync(log) && readFileSync(log, 'utf8').includes('mouseRelease'), deadlineMs);
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(130);
  } finally {
    program.child.kill('SIGKILL');
    await program.ended;
  }
  const text = readFileSync(join(directory, 'inputs.log'), 'utf8');
  // Written by the program: objects.
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  return { directory, text, lines, metadata: JSON.parse(readFileSync(join(directory, 'metadata.json'), 'utf8')) as Captured['metadata'], said: program.lines.join('\n') };
}

const typed = ['keyDown', 'keyUp', 'keyDown', 'keyDown', 'keyUp', 'keyUp', 'keyDown', 'keyUp'];
const codes = [0x1e, 0x9e, 0x2a, 0x30, 0xb0, 0xaa, 0x1c, 0x9c];
const clicked = ['mousePosition', 'mousePress', 'mouseRelease'];
/** The client tells the server its lock keys by itself. */
const ofTheUser = ({ kind }: Record<string, unknown>): boolean => kind !== 'keyModifiers';

test('by default it has the kind and the time of each input, and no key, button or place', async () => {
  const { directory, lines, text, metadata, said } = await captured('redacted');
  expect(lines.filter(ofTheUser).map(({ kind }) => kind)).toEqual([...typed, ...clicked]);
  expect(new Set(lines.flatMap((line) => Object.keys(line)))).toEqual(new Set(['time_secs', 'kind']));
  const times = lines.map((line) => Number(line['time_secs']));
  expect(times.every((time, at) => time > 0 && time >= (times[at - 1] ?? 0))).toBe(true);
  // With the times gone there is no number left, of a key or otherwise.
  expect(text.replaceAll(/"time_secs":[\d.e-]+/g, '')).not.toMatch(/\d/);
  expect(metadata).toMatchObject({ input_log: 'redacted' });
  expect(metadata.files.find(({ channel }) => channel === 'inputs/0')).toMatchObject({ input_log: { name: 'inputs.log', lines: lines.length } });
  expect(metadata.files.filter(({ input_log }) => input_log !== undefined)).toHaveLength(1);
  expect(readdirSync(directory).filter((file) => file.endsWith('.log'))).toEqual(['inputs.log']);
  expect(statSync(join(directory, 'inputs.log')).mode & 0o777).toBe(0o600);
  expect(said).not.toContain('plain words');
}, 2 * deadlineMs);

test('with --intimate it has them all, and the client warns before it connects', async () => {
  const { lines, metadata, said } = await captured('intimate', '--intimate');
  const inputs = lines.filter(ofTheUser);
  expect(inputs.map(({ kind }) => kind)).toEqual([...typed, ...clicked]);
  expect(inputs.flatMap(({ code }) => (code === undefined ? [] : [code]))).toEqual(codes);
  expect(inputs.slice(typed.length)).toMatchObject([{ x: 123, y: 87, display: 0 }, { button: 1 }, { button: 1 }]);
  expect(metadata).toMatchObject({ input_log: 'intimate' });
  expect(said).toMatch(/warning: every key and pointer position is written in plain words into the input log in .*intimate, passwords that are typed included/);
}, 2 * deadlineMs);
