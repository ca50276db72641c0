// The command line's commands for a running session, against the real program: what reaches the guest's server, what is printed, and every
// exit code. The session shows a still scene, so that pictures are what they were.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { RequestRefused, SessionUnreachable } from '#app/client/control-connection.js';
import { SessionClient } from '#app/client/session-client.js';
import type { ControlCommand } from '#app/cli/control-arguments.js';
import { controlCommand, listCommand } from '#app/cli/control-commands.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { readPng, readPngBytes } from '../real/support/read-png.ts';
import { until } from '../support/until.ts';

const PROGRAM = new URL('../../dist/cli/main.js', import.meta.url).pathname;
const deadlineMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'ryll-commands-'));
const socket = join(folder, 'ryll-actors', 'guest.sock');
const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still' });
let listener: Listener;
let session: ChildProcess;
let exited: Promise<number | null>;

/** Keys and buttons as the server heard them: `+1d` a key down, `-1d` up, `+b1` a button. */
function heard(): string[] {
  const { actions } = server.observe().channels['inputs/0'] as { readonly actions: readonly { readonly kind: string; readonly value: { readonly code?: number; readonly button?: number } }[] };
  return actions.map(({ kind, value }) => `${kind === 'keyDown' || kind === 'mousePress' ? '+' : '-'}${value.code?.toString(16) ?? `b${value.button}`}`);
}

/** What a command did, in this process; the session is another one. */
async function ask(command: ControlCommand): Promise<{ readonly exit: string; readonly out: string; readonly error: string; readonly heard: string[] }> {
  let [out, error] = ['', ''];
  const before = heard().length;
  const exit = await controlCommand(command, { socket }, { out: (text) => (out += text), error: (text) => (error += text) });
  const sent = (await SessionClient.open(socket, 'test').then(async (client) => {
    const stats = await client.request('stats');
    await client.close();
    return stats;
  }))['channels'] as readonly { readonly channel: string; readonly messages_out: number }[];
  // All that the session sent was heard when the server has as many messages.
  const count = sent.find(({ channel }) => channel === 'inputs/0')?.messages_out ?? 0;
  await until('the server heard it', () => Number((server.observe().channels['inputs/0'] as { readonly messagesIn?: number }).messagesIn ?? count) >= count);
  return { exit, out, error, heard: heard().slice(before) };
}

beforeAll(async () => {
  listener = await listen(server, { kind: 'unix', path: join(folder, 'server') });
  session = spawn(process.execPath, [PROGRAM, 'connect', `spice+unix://${listener.address}`, '--headless', '--name', 'guest'], { stdio: 'ignore', env: { ...process.env, XDG_RUNTIME_DIR: folder } });
  exited = new Promise((resolve) => { session.once('close', resolve); });
  await until('the session’s picture', async () => {
    if (!existsSync(socket)) return false;
    const client = await SessionClient.open(socket, 'test').catch(() => null);
    const status = await client?.status();
    await client?.close();
    return status?.surfaces.length === 1 && status.agentConnected;
  }, deadlineMs);
}, deadlineMs);

afterAll(async () => {
  if (session.exitCode === null) session.kill('SIGTERM');
  await exited;
  server.close();
  await listener.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the private folder and the socket are for their owner only', () => {
  expect([statSync(join(folder, 'ryll-actors')).mode & 0o777, statSync(socket).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('key presses chords, type types, and Enter follows', async () => {
  expect(await ask({ kind: 'key', chords: ['ctrl-a', 'F2'], state: 'press' })).toMatchObject({ exit: 'ok', heard: ['+1d', '+1e', '-9e', '-9d', '+3c', '-bc'] });
  expect(await ask({ kind: 'key', chords: ['left'], state: 'press' })).toMatchObject({ heard: ['+4be0', '-cbe0'] });
  expect(await ask({ kind: 'type', text: 'aB', enter: true, delayMs: 0 })).toMatchObject({ exit: 'ok', heard: ['+1e', '-9e', '+2a', '+30', '-b0', '-aa', '+1c', '-9c'] });
});

test('what a client holds is released when it goes, but not what another holds too', async () => {
  const [one, other] = [await SessionClient.open(socket, 'one'), await SessionClient.open(socket, 'other')];
  const before = heard().length;
  await one.key('ctrl-shift', { state: 'down' });
  await other.key('shift', { state: 'down' });
  await one.button('left', { state: 'down' });
  await one.close();
  await until('the control key and the button are up', () => ['-9d', '-b1'].every((release) => heard().slice(before).includes(release)));
  expect(heard().slice(before)).not.toContain('-aa');
  await other.close();
  await until('the shift key is up', () => heard().slice(before).includes('-aa'));
});

test('a paste ends with its client, and what was half typed is released', async () => {
  const client = await SessionClient.open(socket, 'leaving');
  const before = heard().length;
  const typed = client.type('A'.repeat(4_000), { charDelayMs: 20 }).catch((error: unknown) => error);
  await until('it types', () => heard().slice(before).length >= 8);
  await client.close();
  expect(await typed).toBeInstanceOf(Error);
  await until('all is released', () => {
    const keys = heard().slice(before);
    return keys.filter((key) => key.startsWith('+')).length === keys.filter((key) => key.startsWith('-')).length && keys;
  });
  const after = (await ask({ kind: 'key', chords: ['x'], state: 'press' })).heard;
  expect(after).toEqual(['+2d', '-ad']);
});

test('click moves and clicks; the wheel turns; in this guest the mouse cannot be moved by so much', async () => {
  expect(await ask({ kind: 'click', x: 30, y: 40, button: 'right', count: 2, display: 0 })).toMatchObject({ exit: 'ok', heard: ['+b3', '-b3', '+b3', '-b3'] });
  expect((server.observe().channels['inputs/0'] as { readonly movement: unknown }).movement).toMatchObject({ x: 30, y: 40 });
  expect(await ask({ kind: 'scroll', direction: 'down', steps: 2 })).toMatchObject({ heard: ['+b5', '-b5', '+b5', '-b5'] });
  expect(await ask({ kind: 'move', x: 5, y: 6, display: 0, relative: true })).toMatchObject({ exit: 'sessionRefused', error: 'ryll-actors: The session said: the guest’s mouse is absolute; use mouse_move. [session.bad_state]\n' });
});

test('a screenshot is written whole, a region is that part of it, and a file that cannot be written is an exit code of its own', async () => {
  const file = join(folder, 'all.png');
  expect(await ask({ kind: 'screenshot', file })).toMatchObject({ exit: 'ok', out: `wrote ${file}, 640x400\n` });
  const all = readPng(file);
  const client = await SessionClient.open(socket, 'test');
  const part = readPngBytes(Buffer.from((await client.screenshot({ region: { left: 100, top: 50, right: 140, bottom: 60 } })).png));
  await client.close();
  const row = (y: number): Uint8Array => all.rgb.subarray(((y + 50) * 640 + 100) * 3, ((y + 50) * 640 + 140) * 3);
  expect(Buffer.concat(Array.from({ length: 10 }, (_, y) => row(y))).equals(Buffer.from(part.rgb))).toBe(true);
  expect(await ask({ kind: 'screenshot', file: join(folder, 'missing', 'x.png') })).toMatchObject({ exit: 'outputFailed', error: expect.stringContaining('[output.screenshot]') });
  expect(await ask({ kind: 'screenshot', file, region: { left: 0, top: 0, right: 641, bottom: 1 } })).toMatchObject({ exit: 'sessionRefused' });
});

test('waits come or time out, each with its exit code', async () => {
  expect(await ask({ kind: 'wait', wait: { kind: 'stable', quietSeconds: 0.1 }, timeoutSeconds: 30 })).toMatchObject({ exit: 'ok', out: '' });
  expect(await ask({ kind: 'wait', wait: { kind: 'changed' }, timeoutSeconds: 0.05 })).toMatchObject({ exit: 'waitTimedOut', error: 'ryll-actors: The session said: the picture did not change within 50 ms. [session.timeout]\n' });
  expect(await ask({ kind: 'wait', wait: { kind: 'agent', connected: true }, timeoutSeconds: 1 })).toMatchObject({ exit: 'ok' });
});

test('wait image finds a part of the screen where it is, and says where', async () => {
  const client = await SessionClient.open(socket, 'test');
  const region = { left: 320, top: 200, right: 384, bottom: 240 };
  const { png } = await client.screenshot({ region });
  const template = join(folder, 'template.png');
  writeFileSync(template, png);
  const { exit, out } = await ask({ kind: 'wait', wait: { kind: 'image', file: template, tolerance: 0, differing: 0 }, timeoutSeconds: 30 });
  const [x = 0, y = 0] = out.trim().split(' ').map(Number);
  expect(exit).toBe('ok');
  expect((await client.screenshot({ region: { left: x, top: y, right: x + 64, bottom: y + 40 } })).png).toEqual(png);
  expect(await client.waitImage(png, { region })).toEqual({ x: 320, y: 200 });
  await expect(client.waitImage(png, { region: { ...region, right: 383 }, timeoutMs: 200 })).rejects.toMatchObject({ code: 'timeout' });
  await expect(client.waitImage(Buffer.from('no PNG'), {})).rejects.toMatchObject({ code: 'bad_params', message: 'the template is no PNG file' });
  await client.close();
  expect(await ask({ kind: 'wait', wait: { kind: 'image', file: join(folder, 'nowhere.png'), tolerance: 0, differing: 0 }, timeoutSeconds: 1 })).toMatchObject({ exit: 'sourceInvalid' });
});

test('traffic names messages and their sizes, the newest last, and no content', async () => {
  const client = await SessionClient.open(socket, 'test');
  await client.key('a');
  // The keys are taken by the session first and sent by the channel then.
  const messages = await until('the keys were sent', async () => {
    const traffic = (await client.request('traffic', { channels: ['inputs/0'], limit: 2 })) as { readonly messages: readonly Readonly<Record<string, unknown>>[] };
    return traffic.messages.at(-1)?.['name'] === 'keyUp' ? traffic.messages : undefined;
  });
  await client.close();
  expect(messages.map(({ channel, direction, name, bytes }) => [channel, direction, name, bytes])).toEqual([['inputs/0', 'sent', 'keyDown', 10], ['inputs/0', 'sent', 'keyUp', 10]]);
  expect(Object.keys(messages[0] ?? {})).toEqual(['channel', 'sequence', 'ts_secs', 'direction', 'message', 'name', 'bytes']);
});

test('stats and notifications are what the session knows; an event of the traffic comes by itself', async () => {
  expect(JSON.parse((await ask({ kind: 'stats' })).out)).toMatchObject({ connected: true, ended: 'running' });
  const client = await SessionClient.open(socket, 'test');
  const first = (await client.request('notifications', { limit: 1 })) as { readonly notifications: readonly unknown[]; readonly last_id: number };
  expect([first.notifications.length, first.last_id > 0]).toEqual([1, true]);
  expect((await client.request('notifications', { since_id: first.last_id }))['notifications']).toEqual([]);
  const traffic = client.waitEvent('traffic', { filter: { channel: 'inputs/0' }, timeoutMs: 30_000 });
  const typing = client.type('x'.repeat(200), { charDelayMs: 10 });
  expect(Object.keys(await traffic)).toEqual(['channel', 'over_ms', 'bytes_in', 'bytes_out', 'messages_in', 'messages_out']);
  await typing;
  await client.close();
});

test('a socket that nobody listens on, that says something else or that refuses is told with its exit code', async () => {
  const path = join(folder, 'other');
  await expect(SessionClient.open(path, 'test')).rejects.toBeInstanceOf(SessionUnreachable);
  const other = createServer((stream) => stream.resume().end('SSH-2.0\n')).listen(path);
  await new Promise((resolve) => { other.once('listening', resolve); });
  await expect(SessionClient.open(path, 'test')).rejects.toMatchObject({ name: 'SessionUnreachable', message: expect.stringContaining('control protocol') });
  await new Promise((resolve) => { other.close(resolve); });
  const client = await SessionClient.open(socket, 'test');
  await expect(client.request('teleport')).rejects.toBeInstanceOf(RequestRefused);
  await client.close();
  await expect(client.status()).rejects.toBeInstanceOf(SessionUnreachable);
});

test('list shows what lives and removes what does not; a session is found by being the only one, and ends when it is told to', async () => {
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const run = (...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => spawnSync(process.execPath, [PROGRAM, ...args], { env, encoding: 'utf8' });
  const stale = join(folder, 'ryll-actors', 'stale.sock');
  // A process that dies leaves its socket.
  spawnSync(process.execPath, ['-e', 'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))', stale]);
  expect(existsSync(stale)).toBe(true);
  expect(run('list')).toMatchObject({ status: 0, stdout: `guest  pid ${session.pid}  connected  ${listener.address}\n` });
  expect(existsSync(stale)).toBe(false);
  expect(JSON.parse(run('status', '--json').stdout)).toMatchObject({ name: 'guest', pid: session.pid, state: 'connected', spice_connected: true, surfaces: [{ width: 640 }] });
  expect(run('status', '--session', 'nobody')).toMatchObject({ status: 16, stderr: expect.stringMatching(/^ryll-actors: No session at .*nobody\.sock: .*\[session\.unreachable\]\n$/) });
  expect(run('disconnect', '--session', 'guest').status).toBe(0);
  expect(await exited).toBe(0);
  expect(run('status')).toMatchObject({ status: 16, stderr: expect.stringContaining('No session runs') });
  let out = '';
  expect(await listCommand({ json: false }, { out: (text) => (out += text), error: () => undefined })).toBe('ok');
  expect(out).not.toContain('guest');
  expect(readFileSync(join(folder, 'all.png')).length).toBeGreaterThan(0);
}, deadlineMs);
