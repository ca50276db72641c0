// The loopback server's faults on real sockets, as a client's system sees them: what virtual time cannot show, namely that a reset is one on TCP and under
// TLS, that a server which stops reading fills the client's buffers, and that nothing of a connection without a close is left when the listener ends.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { parseServedFault } from '#app/cli/served-faults.js';
import { listen, type Listener, type Listening } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { ChannelType } from '#app/protocol/constants.js';
import { afterAll, afterEach, expect, test } from 'vitest';
import { BareClient } from '../support/bare-client.ts';
import { until } from '../support/until.ts';

const pki = (name: string): string => readFileSync(new URL(`../support/pki/${name}`, import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'ryll-loopback-'));
const open: { readonly listener: Listener; readonly server: LoopbackServer; readonly sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { listener, server, sockets } of open.splice(0)) {
    server.close();
    await listener.close();
    // The listener's end has closed them from the other side.
    for (const socket of sockets) await until('the socket is closed', () => socket.destroyed);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Linked {
  readonly client: BareClient<1>;
  readonly socket: Socket;
  readonly server: LoopbackServer;
  /** The system's code, when the socket failed. */
  readonly failed: Promise<string | null>;
}

const tcp: Listening = { kind: 'tcp', address: '127.0.0.1', port: 0 };
const tls: Listening = { kind: 'tls', address: '127.0.0.1', port: 0, certPem: pki('server.pem'), keyPem: pki('server.key') };

async function link(listening: Listening, faults: readonly string[]): Promise<Linked> {
  const parsed = faults.map((text) => {
    const fault = parseServedFault(text);
    if (typeof fault === 'string') throw new Error(fault);
    return fault;
  });
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, scene: 'idle', faults: parsed });
  const listener = await listen(server, listening);
  const { port } = listener;
  const socket = listening.kind === 'unix' ? connectTcp({ path: listening.path }) : listening.kind === 'tls' ? connectTls({ port: port ?? 0, host: '127.0.0.1', ca: pki('ca.pem'), checkServerIdentity: () => undefined }) : connectTcp({ port: port ?? 0, host: '127.0.0.1' });
  open.push({ listener, server, sockets: [socket] });
  const failed = new Promise<string | null>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve(null));
  });
  await new Promise<void>((resolve) => void socket.once(listening.kind === 'tls' ? 'secureConnect' : 'connect', () => resolve()));
  const client = new BareClient(ChannelType.main, (events) => {
    socket.on('data', (bytes: Buffer) => events.received(bytes));
    socket.on('close', () => events.closed());
    return { write: (bytes) => void socket.write(bytes), end: () => void socket.end(), destroy: () => void socket.destroy() };
  }, { channelCaps: [0b0110] });
  return { client, socket, server, failed };
}

test.each([['TCP', tcp], ['TLS', tls]] as const)('rst is a reset on %s, and the server has forgotten the channel', async (_name, listening) => {
  // While nothing is on its way: a client that writes into a reset connection hears of that instead.
  const { failed, server } = await link(listening, ['main:rst@200ms']);
  expect(await failed).toBe('ECONNRESET');
  expect(server.observe().channels['main/0']).toMatchObject({ linked: false });
});

test('rst on a unix socket is a close', async () => {
  const { socket, client } = await link({ kind: 'unix', path: join(folder, 'socket') }, ['main:rst@message:3']);
  await until('it is closed', () => socket.destroyed);
  expect(client.closed).toBe(true);
});

test('fin is an end in order', async () => {
  const { failed, client } = await link(tcp, ['main:fin@message:3']);
  expect(await failed).toBeNull();
  expect(client.messages).toHaveLength(3);
});

test('a server that has stopped reading leaves the client with what its system will not take', async () => {
  const { client, socket } = await link(tcp, ['main:stopReading']);
  await until('it is linked', () => client.linked);
  for (let sent = 0; sent < 64; sent++) socket.write(new Uint8Array(1 << 20));
  await until('the buffers are full', () => socket.writableLength > 16 << 20);
  const before = socket.writableLength;
  await new Promise((resolve) => void setTimeout(resolve, 100));
  // It may have grown: the client goes on answering PINGs.
  expect(socket.writableLength).toBeGreaterThanOrEqual(before);
  expect(socket.destroyed).toBe(false);
});

test.each(['halfOpen', 'spin'])('after %s not a byte comes, and no close', async (kind) => {
  const { client, socket } = await link(tcp, [`main:${kind}@message:3`]);
  await until('three messages have come', () => client.messages.length === 3);
  const before = socket.bytesRead;
  for (let sent = 0; sent < 10; sent++) client.send('pong', { id: 1, timestamp: 0n });
  await new Promise((resolve) => void setTimeout(resolve, 100));
  expect([socket.bytesRead, socket.destroyed, client.messages.length]).toEqual([before, false, 3]);
});

test('an idle connection is cut by a reset', async () => {
  const { failed } = await link(tcp, ['main:idle=150ms/rst']);
  expect(await failed).toBe('ECONNRESET');
});

test('bytes one at a time and late are the same messages', async () => {
  const { client } = await link({ kind: 'unix', path: join(folder, 'split') }, ['main:split@link', 'main:delay=5ms@link']);
  await until('all have come', () => client.messages.some(({ kind }) => kind === 'uuid'));
  expect(client.messages.map(({ kind }) => kind)).toEqual(['init', 'name', 'uuid']);
});
