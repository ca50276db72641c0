// The library, imported by the package's name as its users import it: a session of one's own from its start to its end, and joining one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach, connect, RequestRefused, SessionUnreachable, type OwnSession } from 'ryll-actors';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { until } from '../support/until.ts';

const deadlineMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'ryll-library-'));
const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still' });
let listener: Listener;
let own: OwnSession;

beforeAll(async () => {
  listener = await listen(server, { kind: 'unix', path: join(folder, 'server') });
  own = await connect({ source: `spice+unix://${listener.address}`, args: ['--name', 'mine'] });
}, deadlineMs);

afterAll(async () => {
  await own.disconnect();
  server.close();
  await listener.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a session that was started is up, and does what it is asked', async () => {
  const { client } = own;
  expect(await client.describe()).toMatchObject({ name: 'mine', state: 'connected' });
  await client.waitChanged({ timeoutMs: 1 }).catch(() => undefined);
  await client.waitStable({ quietMs: 50, timeoutMs: 30_000 });
  expect(await client.screenshot({ region: { left: 0, top: 0, right: 8, bottom: 4 } })).toMatchObject({ width: 8, height: 4 });
  await client.key('a');
  await client.type('ok', { charDelayMs: 0 });
  await expect(client.moveBy(1, 1)).rejects.toBeInstanceOf(RequestRefused);
});

test('one that cannot be is told with what it said and its exit code', async () => {
  await expect(connect({ source: `spice+unix://${folder}/nobody` })).rejects.toMatchObject({ name: 'SessionUnreachable', message: expect.stringMatching(/exit code 4: [^]*nobody/) });
  await expect(attach({ session: 'nobody' })).rejects.toBeInstanceOf(SessionUnreachable);
}, deadlineMs);

test('connect --detach returns when the session is up, which goes on and is ended by its name; one that cannot be has its exit code', async () => {
  const program = new URL('../../dist/cli/main.js', import.meta.url).pathname;
  const other = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'still' });
  const address = await listen(other, { kind: 'unix', path: join(folder, 'other') });
  // Not synchronously: this process is the server.
  const run = (...args: string[]): Promise<{ readonly code: number | null; readonly out: string }> => new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (out += String(bytes)));
    child.once('close', (code) => resolve({ code, out }));
  });
  expect(await run('connect', `spice+unix://${folder}/nobody`, '--detach', '--name', 'none')).toMatchObject({ code: 4, out: expect.stringContaining('nobody') });
  const started = await run('connect', `spice+unix://${address.address}`, '--detach', '--name', 'behind');
  expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/^behind {2}pid \d+ {2}connected/) });
  const pid = Number(/pid (\d+)/.exec(started.out)?.[1]);
  expect(await run('disconnect', '--session', 'behind')).toMatchObject({ code: 0 });
  await until('its process has gone', () => { try { return !process.kill(pid, 0); } catch { return true; } });
  other.close();
  await address.close();
}, deadlineMs);

test('the end is the session’s, with its exit code, and is said once', async () => {
  expect(await own.disconnect()).toBe(0);
  expect(await own.exited).toBe(0);
  await expect(own.client.status()).rejects.toBeInstanceOf(SessionUnreachable);
}, deadlineMs);
