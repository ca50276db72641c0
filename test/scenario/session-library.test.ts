// The library, imported by the package's name as its users import it: a session of one's own from its start to its end, and joining one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach, connect, RequestRefused, SessionUnreachable, type OwnSession } from 'ryll-actors';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';

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

test('the end is the session’s, with its exit code, and is said once', async () => {
  expect(await own.disconnect()).toBe(0);
  expect(await own.exited).toBe(0);
  await expect(own.client.status()).rejects.toBeInstanceOf(SessionUnreachable);
}, deadlineMs);
