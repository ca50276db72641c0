// How a channel is lost, on real TCP and TLS sockets: the peer's FIN, its RST, TLS that ends with and without a close notify, a peer that
// speaks nonsense, and our own patience; before the link and after it. Each is told apart.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import type { Endpoint, ProxyHop } from '#app/actors/kernel/host.js';
import { lossOfConnection, lossOfLink, type Loss } from '#app/protocol/loss-kind.js';
import { ChannelType } from '#app/protocol/constants.js';
import type { LinkDeadlines } from '#app/protocol/channel-link.js';
import { ChannelWorld } from '../support/channel-world.ts';
import { plainPeer, tcp, tls } from '../support/dialled.ts';
import { httpProxy } from '../support/proxies.ts';
import type { RawScript } from '../support/raw-server.ts';
import { rawTcpServer, type RawTcpServer } from '../support/raw-tcp-server.ts';
import { until } from '../support/until.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const impatient: LinkDeadlines = { dialMs: 150, linkMs: 150, authenticateMs: 150 };

async function server(script: RawScript, secured: boolean): Promise<RawTcpServer> {
  const made = await rawTcpServer(script, { tls: secured });
  cleanUps.push(() => made.close());
  return made;
}

async function lost(endpoint: Endpoint, deadlines?: LinkDeadlines, linked?: () => void): Promise<Loss> {
  const world = new ChannelWorld(createNodeHost(), { placement: 'local' });
  cleanUps.push(() => world.system.stopAll());
  await world.startHub();
  await world.start(ChannelType.inputs, 0, { plain: endpoint, ...(deadlines === undefined ? {} : { deadlines }) });
  if (linked !== undefined) {
    await until('inputs is linked', () => world.events('inputs/0').some((event) => event.kind === 'linkPhaseChanged' && event.phase === 'linked'));
    linked();
  }
  return Promise.race([
    world.event('inputs/0', 'connectionLost').then(({ cause }) => lossOfConnection(cause)),
    world.event('inputs/0', 'linkFailed').then(({ failure }) => lossOfLink(failure)),
  ]);
}

const endings: Readonly<Record<string, (socket: Socket) => void>> = {
  'a FIN': (socket) => socket.end(),
  'a RST': (socket) => socket.resetAndDestroy(),
  'a close notify and a FIN': (socket) => socket.end(),
  // Node does not show the TCP socket under a TLS server's socket otherwise.
  'a bare FIN': (socket) => (Reflect.get(socket, '_parent') as Socket).end(),
};

describe('an established channel is lost by', () => {
  test.each([
    ['a FIN', false, 'eof'],
    ['a RST', false, 'rst'],
    ['a close notify and a FIN', true, 'eof'],
    ['a bare FIN', true, 'truncated'],
  ] as const)('%s (TLS: %s): %s', async (ending, secured, kind) => {
    const spice = await server({}, secured);
    const loss = await lost(secured ? tls(spice.port) : tcp(spice.port), undefined, () => {
      const [peer] = spice.peers;
      if (peer !== undefined) endings[ending]?.(spice.socketOf(peer));
    });
    expect(loss.kind).toBe(kind);
    expect(loss.detail).not.toBe('');
  });

  test('bytes that are no messages', async () => {
    const spice = await server({}, false);
    expect(await lost(tcp(spice.port), undefined, () => spice.peers[0]?.sendBytes(new Uint8Array(64).fill(0xff)))).toMatchObject({ kind: 'protocol' });
  });
});

describe('a channel does not come about because of', () => {
  test.each([['a plain', false], ['a TLS', true]] as const)('our own patience, with %s server that does not judge the ticket', async (_, secured) => {
    const spice = await server({ holdResult: true }, secured);
    expect(await lost(secured ? tls(spice.port) : tcp(spice.port), impatient)).toEqual({ kind: 'timeout', detail: 'no answer within 0.15 s (authenticating)' });
  });

  test('our own patience, with TLS that is never answered', async () => {
    const mute = await plainPeer((socket) => socket.resume());
    cleanUps.push(() => mute.close());
    expect(await lost(tls(mute.port), impatient)).toEqual({ kind: 'timeout', detail: 'no answer within 0.15 s (dialing)' });
  });

  test('our own patience with a proxy, which is the proxy\'s silence and not the server\'s', async () => {
    const mute = await httpProxy({ mute: true });
    cleanUps.push(() => mute.close());
    const proxy = { protocol: 'httpConnect', address: '127.0.0.1', port: mute.port, tls: null, credentials: null } as const;
    const through = (hop: ProxyHop): Endpoint => ({ transport: 'proxied', proxy: hop, host: 'vm.invalid', port: 5900, tls: null });
    expect(await lost(through(proxy), impatient)).toEqual({ kind: 'proxy', detail: 'the proxy did not say within 0.15 s whether it reached the server' });
    // TLS with the proxy never comes up: it was not reached at all.
    expect(await lost(through({ ...proxy, tls: { serverName: null, caPem: null, hostSubject: null } }), impatient)).toEqual({ kind: 'proxy', detail: 'no answer within 0.15 s' });
  });

  test('a port on which nothing listens, a ticket that is refused, and a FIN in the middle of the link', async () => {
    const gone = await plainPeer(() => undefined);
    await gone.close();
    expect((await lost(tcp(gone.port))).kind).toBe('refused');
    const strict = await server({ password: 'right' }, false);
    expect(await lost(tcp(strict.port))).toMatchObject({ kind: 'auth', detail: 'the server answered permissionDenied' });
    const closing = await plainPeer((socket) => socket.once('data', () => socket.end()));
    cleanUps.push(() => closing.close());
    expect((await lost(tcp(closing.port))).kind).toBe('eof');
  });
});
