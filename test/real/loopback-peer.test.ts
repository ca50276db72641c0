// The loopback server judged by somebody else's client: spice-gtk's library (lab/peer-stats.py). What it draws must be the scene's own
// picture in every codec, and what it is refused it must understand. A server that only our client can talk to proves nothing.
import { join } from 'node:path';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { compressions } from '#app/loopback/image-sender.js';
import { listen, type Listener } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer, type LoopbackOptions } from '#app/loopback/server.js';
import { ChannelType } from '#app/protocol/constants.js';
import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { numberIn, scenePicture } from '../support/scene-picture.ts';
import { pki } from '../support/pki.ts';
import { comparePixels } from './support/picture.ts';
import { readPpm } from './support/read-truth.ts';
import { run } from './support/run.ts';
import { LAB, scratchFolder } from './support/servers.ts';

interface PeerReport {
  readonly channels: Readonly<Record<string, { readonly events: readonly string[] }>>;
  readonly counts: Readonly<Record<string, unknown>>;
  readonly failed: readonly string[];
}

let open: { readonly server: LoopbackServer; readonly listeners: readonly Listener[] } | null = null;
afterEach(async () => {
  open?.server.close();
  await Promise.all((open?.listeners ?? []).map((listener) => listener.close()));
  open = null;
});

async function serve(options: Partial<LoopbackOptions>): Promise<{ readonly server: LoopbackServer; readonly ports: readonly string[] }> {
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, pingEveryMs: 500, quietPingEveryMs: 500, ...options });
  const at = { address: '127.0.0.1', port: 0 };
  const listeners = [await listen(server, { kind: 'tcp', ...at }), await listen(server, { kind: 'tls', ...at, certPem: pki.server, keyPem: pki.serverKey })];
  open = { server, listeners };
  return { server, ports: listeners.map(({ port }) => String(port)) };
}

/** Connects the peer for some seconds. The Debian Python, as another one has no gi. */
async function runPeer(args: readonly string[], seconds = 4): Promise<{ readonly report: PeerReport; readonly shot: string }> {
  const shot = join(scratchFolder('loopback-peer'), 'screen.ppm');
  const { stdout, stderr } = await run('/usr/bin/python3', [join(LAB, 'peer-stats.py'), ...args, '--seconds', String(seconds), '--quiet', '--screenshot', shot], { timeoutMs: (seconds + 20) * 1000 });
  if (stdout === '') throw new Error(`the peer said nothing: ${stderr}`);
  return { report: JSON.parse(stdout) as PeerReport, shot };
}

const stopAt = 20;
const faultless = { violations: {}, ended: [] };

test.each(compressions)('%s: the peer opens every channel, answers every PING, and draws the known picture', async (compression) => {
  const { server, ports: [port = ''] } = await serve({ compression, lastPicture: stopAt });
  const { report, shot } = await runPeer(['--port', port]);
  expect(report.failed).toEqual([]);
  const opened = Object.entries(report.channels).filter(([, { events }]) => events.includes('OPENED')).map(([name]) => name);
  expect(opened.toSorted()).toEqual(['cursor:0', 'display:0', 'inputs:0', 'main:0', 'playback:0', 'port:0', 'record:0', 'usbredir:0', 'webdav:0']);
  const picture = readPpm(shot);
  expect([numberIn(picture), comparePixels(picture, scenePicture(stopAt))]).toMatchObject([stopAt, { equal: true }]);
  const { channels, ...rest } = server.observe();
  expect(rest).toMatchObject(faultless);
  for (const name of ['main/0', 'display/0', 'cursor/0', 'inputs/0', 'record/0', 'usbredir/0']) expect([name, channels[name]?.['pongsReceived']]).toEqual([name, expect.toSatisfy((pongs: number) => pongs >= 3)]);
});

test('the peer floods along without falling out of step', async () => {
  const { server, ports: [port = ''] } = await serve({ scene: 'flood', lastPicture: 300 });
  const { report, shot } = await runPeer(['--port', port], 8);
  expect(report.failed).toEqual([]);
  const picture = readPpm(shot);
  const number = numberIn(picture);
  expect(number).toBe(300);
  expect(comparePixels(picture, scenePicture(number)).equal).toBe(true);
  expect(server.observe()).toMatchObject(faultless);
});

test('the peer resizes the screen through the agent', async () => {
  const { server, ports: [port = ''] } = await serve({ lastPicture: stopAt });
  const { report } = await runPeer(['--port', port, '--resize', '1024x768'], 6);
  expect(report.failed).toEqual([]);
  expect(server.observe()).toMatchObject({ ...faultless, channels: { 'display/0': { width: 1024, height: 768 } } });
});

test('the peer hears the tone and sees the pointer', async () => {
  const { ports: [port = ''] } = await serve({ scene: 'still' });
  const { report } = await runPeer(['--port', port], 6);
  expect(report.counts).toMatchObject({ 'playback:0 playback-start': expect.toSatisfy((starts: number) => starts >= 2), 'cursor:0 cursor-hide': 1 });
  expect(Number(report.counts['playback:0 pcm-bytes'])).toBeGreaterThan(48_000 * 4 * 3);
});

test('what the peer types and moves arrives, with its acknowledgements', async () => {
  const { server, ports: [port = ''] } = await serve({ scene: 'still' });
  const { report } = await runPeer(['--port', port, '--motion', '40', '--latency', '3'], 6);
  expect(report.failed).toEqual([]);
  const inputs = server.observe().channels['inputs/0'];
  expect(Number(inputs?.['movements'])).toBeGreaterThan(40);
  expect(JSON.stringify(inputs?.['actions'])).toMatch(/key/);
});

test('a ticket: right opens, wrong and missing are refused as such', async () => {
  const { server, ports: [port = ''] } = await serve({ ticket: { password: 'secret', validUntilMs: null } });
  expect((await runPeer(['--port', port, '--password', 'secret'], 2)).report.failed).toEqual([]);
  for (const password of [['--password', 'not it'], []]) {
    expect((await runPeer(['--port', port, ...password], 4)).report.failed.join('\n')).toMatch(/ERROR_AUTH/);
  }
  expect(server.observe()).toMatchObject({ refusals: { permissionDenied: 2 }, sessions: 1 });
});

test('TLS alone, and TLS for the channels that must have it', async () => {
  const ca = join(scratchFolder('ca'), 'ca.pem');
  writeFileSync(ca, pki.ca);
  const { server, ports: [port = '', tlsPort = ''] } = await serve({ securedTypes: [ChannelType.main, ChannelType.inputs], lastPicture: stopAt });
  for (const ways of [['--tls-port', tlsPort, '--ca-file', ca], ['--port', port, '--tls-port', tlsPort, '--ca-file', ca]]) {
    const { report, shot } = await runPeer(ways);
    expect(report.failed).toEqual([]);
    expect(comparePixels(readPpm(shot), scenePicture(stopAt)).equal).toBe(true);
  }
  expect(server.observe()).toMatchObject({ violations: {}, refusals: { needSecured: expect.any(Number) } });
});
