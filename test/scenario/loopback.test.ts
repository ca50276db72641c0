// The loopback server on real sockets: a bare client over each way of travelling, the product's own client as a process of its own, and
// `serve` and `demo` as users start them. What the server saw of the product's client must be faultless.
import { createServer } from 'node:net';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { listen, type Listener, type Listening } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '#app/loopback/server.js';
import { ChannelType } from '#app/protocol/constants.js';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { MAIN, startCli } from '../real/support/cli.ts';
import { comparePixels } from '../real/support/picture.ts';
import { readPng } from '../real/support/read-png.ts';
import type { Finished } from '../real/support/run.ts';
import { BareClient } from '../support/bare-client.ts';
import { dialSocket, type Where } from '../support/dial-socket.ts';
import { displayInit } from '../support/loopback-world.ts';
import { pki } from '../support/pki.ts';
import { numberIn, scenePicture } from '../support/scene-picture.ts';
import { until } from '../support/until.ts';

// Whole programs start here, each with a dozen threads, beside whatever else the machine does.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'ryll-loopback-'));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let open: { readonly server: LoopbackServer; readonly listeners: readonly Listener[] } | null = null;
const clients: { close(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  open?.server.close();
  await Promise.all((open?.listeners ?? []).map((listener) => listener.close()));
  open = null;
});

const tcp: Listening = { kind: 'tcp', address: '127.0.0.1', port: 0 };
const tls: Listening = { kind: 'tls', address: '127.0.0.1', port: 0, certPem: pki.server, keyPem: pki.serverKey };

async function serve(options: Partial<LoopbackOptions>, ...listenings: readonly Listening[]): Promise<{ readonly server: LoopbackServer; readonly ports: readonly number[] }> {
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, ...options });
  const listeners = await Promise.all(listenings.map((listening) => listen(server, listening)));
  open = { server, listeners };
  return { server, ports: listeners.map(({ port }) => port ?? 0) };
}

function bare<C extends 1 | 2>(type: C, where: Where, options: ConstructorParameters<typeof BareClient>[2] = {}): BareClient<C> {
  const client = new BareClient(type, dialSocket(where), options);
  clients.push(client);
  return client;
}

describe('a bare client', () => {
  test.each<[string, Listening]>([['TCP', tcp], ['TLS', tls], ['a unix socket', { kind: 'unix', path: path('bare.sock') }]])('has a session over %s, with pictures that keep coming', async (_, listening) => {
    const { server, ports } = await serve({}, listening);
    const where: Where = listening.kind === 'unix' ? { path: listening.path } : { port: ports[0] ?? 0, tls: listening.kind === 'tls' };
    const main = bare(ChannelType.main, where);
    const init = await until('INIT', () => main.all('init')[0]);
    const display = bare(ChannelType.display, where, { connectionId: init.value.sessionId });
    await until('the display is linked', () => display.linked);
    display.send('init', displayInit);
    await until('100 messages', () => display.messages.length > 100);
    expect(server.observe()).toMatchObject({ violations: {}, refusals: {}, sessions: 1, channels: { 'display/0': { initialised: true } } });
    expect(main.all('ping').length).toBe(listening.kind === 'unix' ? 0 : 3);
  });

  test('is told to encrypt a channel, does, and is let in', async () => {
    const { ports } = await serve({ securedTypes: [ChannelType.main] }, tcp, tls);
    const plain = bare(ChannelType.main, { port: ports[0] ?? 0, tls: false });
    await until('the plain connection is closed', () => plain.closed);
    expect(plain.refused).toMatchObject({ kind: 'refused', name: 'needSecured' });
    const secure = bare(ChannelType.main, { port: ports[1] ?? 0, tls: true });
    await until('INIT', () => secure.all('init')[0]);
  });

  test('that does not speak SPICE is told so and closed, and the next is served', async () => {
    const { server, ports } = await serve({}, tcp);
    const where = { port: ports[0] ?? 0, tls: false };
    let received = '';
    let closed = false;
    const socket = dialSocket(where)({ received: (bytes) => { received += Buffer.from(bytes).toString('latin1'); }, drained: () => undefined, closed: () => { closed = true; } });
    clients.push({ close: () => socket.destroy() });
    socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await until('closed', () => closed);
    expect([received.slice(0, 4), server.observe().refusals]).toEqual(['REDQ', { notSpice: 1 }]);
    await until('INIT', () => bare(ChannelType.main, where).all('init').length >= 0);
  });
});

const connect = async (where: readonly string[], ...more: readonly string[]): Promise<Finished> => startCli(['connect', ...where, '--headless', ...more], { timeoutMs: 60_000 }).finished;

describe('the client of this project', () => {
  const stopAt = 12;

  // Every codec goes through the client's canvas in test/unit/loopback; whole sessions take the mixture and the one with a memory.
  test.each(['auto', 'glz'] as const)('draws the known picture, compressed as %s, and breaks no rule', async (compression) => {
    const { server, ports } = await serve({ compression, lastPicture: stopAt, pingEveryMs: 50 }, tcp);
    const shot = path(`${compression}.png`);
    const client = startCli(['connect', '--direct', `127.0.0.1:${ports[0]}`, '--headless', '--screenshot', shot], { timeoutMs: 60_000 });
    const seen = () => server.observe().channels;
    await until('the last picture', () => seen()['display/0']?.['picture'] === stopAt, 30_000);
    // A PONG that was sent after the last picture says that the client has drawn it: a channel handles its messages in order.
    const pings = Number(seen()['display/0']?.['pingsSent']);
    await until('a PONG after it', () => Number(seen()['display/0']?.['pongsReceived']) > pings + 1, 30_000);
    client.signal('SIGINT');
    const { code, stderr } = await client.finished;
    expect([code, stderr]).toEqual([130, '']);
    const picture = readPng(shot);
    expect([numberIn(picture), comparePixels(picture, scenePicture(stopAt))]).toMatchObject([stopAt, { equal: true }]);
    const { violations, ended, channels } = server.observe();
    expect({ violations, ended }).toEqual({ violations: {}, ended: [] });
    expect(channels['main/0']).toMatchObject({ attached: true, agentStarted: true, unaskedPongs: 0 });
  });

  test('answers 200 PINGs a second while the scene floods it', async () => {
    const { server, ports } = await serve({ scene: 'flood', pingEveryMs: 5 }, tcp);
    const client = startCli(['connect', '--direct', `127.0.0.1:${ports[0]}`, '--headless'], { timeoutMs: 60_000 });
    const seen = (channel: string, what: string): number => Number(server.observe().channels[channel]?.[what] ?? 0);
    await until('the flood is under way', () => seen('display/0', 'picture') > 10, 40_000);
    const pongs = seen('main/0', 'pongsReceived');
    await until('200 PONGs more', () => seen('main/0', 'pongsReceived') > pongs + 200, 40_000);
    client.signal('SIGINT');
    expect((await client.finished).code).toBe(130);
    expect(server.observe().violations).toEqual({});
  });

  test('is refused with a wrong ticket, and goes over to TLS where it must', async () => {
    const { server, ports } = await serve({ ticket: { password: 'secret', validUntilMs: null }, securedTypes: [ChannelType.main, ChannelType.inputs] }, tcp, tls);
    const address = `127.0.0.1:${ports[0]}:${ports[1]}`;
    writeFileSync(path('ca.pem'), pki.ca);
    writeFileSync(path('wrong'), 'not it\n', { mode: 0o600 });
    writeFileSync(path('right'), 'secret\n', { mode: 0o600 });
    const ways = ['--direct', address, '--ca-file', path('ca.pem')];
    expect((await connect(ways, '--password-file', path('wrong'))).code).toBe(6);
    expect(server.observe().refusals).toMatchObject({ permissionDenied: 1 });
    const client = startCli(['connect', ...ways, '--headless', '--password-file', path('right')], { timeoutMs: 60_000 });
    await until('inputs and display are linked', () => ['inputs/0', 'display/0'].every((name) => server.observe().channels[name]?.['linked'] === true), 30_000);
    client.signal('SIGINT');
    expect((await client.finished).code).toBe(130);
    expect(server.observe().violations).toEqual({});
  });
});

/** Whether nothing answers there any more. */
const isDeaf = async (address: string): Promise<boolean> => {
  let closed = false;
  const client = new BareClient(ChannelType.main, dialSocket({ port: Number(address.split(':')[1]), tls: false }));
  clients.push(client);
  await until('an answer or none', () => {
    closed = client.closed;
    return closed || client.linked;
  });
  return closed && !client.linked;
};

describe('serve', () => {
  test('says where it listens, on each listener, and ends by Ctrl+C', async () => {
    writeFileSync(path('server.pem'), pki.server);
    writeFileSync(path('server.key'), pki.serverKey);
    const serving = startCli(['serve', '--port', '0', '--tls-port', '0', '--tls-cert', path('server.pem'), '--tls-key', path('server.key'), '--unix', path('serve.sock')]);
    await until('the unix socket', () => existsSync(path('serve.sock')));
    const main = bare(ChannelType.main, { path: path('serve.sock') });
    await until('INIT', () => main.all('init')[0]);
    serving.signal('SIGINT');
    const { code, stdout } = await serving.finished;
    expect(code).toBe(130);
    expect(stdout.split('\n')).toEqual([expect.stringMatching(/^listening on 127\.0\.0\.1:\d+$/), expect.stringMatching(/^listening on 127\.0\.0\.1:\d+ \(TLS\)$/), `listening on ${path('serve.sock')}`, '']);
    expect(existsSync(path('serve.sock'))).toBe(false);
  });

  test('that cannot listen says why and what to do, with its own exit code', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await until('listening', () => taken.listening);
    const address = taken.address();
    const port = address !== null && typeof address === 'object' ? String(address.port) : '';
    const inUse = await startCli(['serve', '--port', port]).finished;
    taken.close();
    const noFile = await startCli(['serve', '--tls-port', '0', '--tls-cert', path('none.pem'), '--tls-key', path('none.key')]).finished;
    writeFileSync(path('junk.pem'), 'junk');
    const noCertificate = await startCli(['serve', '--tls-port', '0', '--tls-cert', path('junk.pem'), '--tls-key', path('junk.pem')]).finished;
    expect([inUse, noFile, noCertificate].map(({ code }) => code)).toEqual([13, 13, 13]);
    expect(inUse.stderr).toMatch(/port 0 takes a free one.*\[serve\.addressInUse\]/);
    expect(noFile.stderr).toMatch(/check --tls-cert.*\[serve\.fileMissing\]/);
    expect(noCertificate.stderr).toMatch(/certificate and its key.*\[serve\.certificate\]/);
  });
});

describe('demo', () => {
  const listeningAt = (text: string): string | undefined => /listens on (\S+?);/.exec(text)?.[1];

  test('off a terminal: it says for how long, ends by itself with a picture, and leaves no server', async () => {
    const { code, stderr } = await startCli(['demo', '--duration', '4'], { cwd: folder, timeoutMs: 60_000 }).finished;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/connects to it for 4 s\ndemo: the last picture is in .*demo\.png\n$/)]);
    expect(readPng(path('demo.png'))).toMatchObject({ width: 640, height: 400 });
    expect(await isDeaf(listeningAt(stderr) ?? '')).toBe(true);
  });

  test.each<[NodeJS.Signals, number | null]>([['SIGINT', 130], ['SIGTERM', 143], ['SIGKILL', null]])('ended by %s it leaves no server', async (signal, code) => {
    const child = spawn(process.execPath, [MAIN, 'demo'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => { text += more; });
    child.stdout.setEncoding('utf8').on('data', (more: string) => { text += more; });
    const ended = new Promise<number | null>((resolve) => { child.once('close', (with_) => resolve(with_)); });
    const address = await until('the address', () => listeningAt(text));
    // A signal to a program that has not begun to listen for signals is not answered by an exit code.
    if (code !== null) await until('the session', () => text.includes('session connected'));
    child.kill(signal);
    expect(await ended).toBe(code);
    await until('nobody listens', () => isDeaf(address));
  });
});
