// A real QEMU behind real proxies: tinyproxy (HTTP CONNECT), stunnel and tinyproxy (HTTPS), microsocks (SOCKS5); plain channels and TLS
// inside the tunnel; credentials right, wrong and missing; channels that are linked again; everything that a proxy refuses.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChannelProxy } from '../support/channel-proxy.ts';
import { linkedChannels } from './support/qmp.ts';
import { freePort, PROXY_CA, startRealProxy, type RealProxy, type RealProxyKind } from './support/real-proxies.ts';
import { scratchFolder, startServer, type Server } from './support/servers.ts';
import { channelOf, INTERRUPTED, runSession, startSession, type Ended, type SessionOptions } from './support/session.ts';
import { until } from './support/still.ts';
import { strangerCa, writeVv } from './support/vv-file.ts';

const EXIT = { ok: 0, usage: 2, connectFailed: 4, tlsFailed: 5, authFailed: 6 } as const;
const LINK_MS = 20_000;
const USER = 'me';
/** tinyproxy's configuration has no other characters. */
const PASSWORD: Readonly<Record<RealProxyKind, string>> = { http: 'p4ss-w0rd.x', https: 'p4ss-w0rd.x', socks5: 'p@ss:w0rd%/x' };
const CHANNELS = ['main/0', 'display/0', 'inputs/0', 'cursor/0'];

const file = (name: string, text: string): string => {
  const path = join(scratchFolder(name), name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

const expectRefusal = (ended: Ended, code: number, ...sentence: readonly RegExp[]): void => {
  expect({ code: ended.code, timedOut: ended.timedOut, said: ended.stderr }).toMatchObject({ code, timedOut: false });
  for (const words of sentence) expect(ended.stderr).toMatch(words);
  for (const password of Object.values(PASSWORD)) expect(ended.stderr + ended.stdout).not.toContain(password);
  expect(ended.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(channelOf(ended.stats(), 'main/0').last_loss).toMatchObject({ kind: 'proxy' });
};

let plain: Server;
let secured: Server;
beforeAll(async () => {
  plain = await startServer('qemu-bios');
  secured = await startServer('qemu-bios', { TLS: 'only' });
});
afterAll(async () => {
  await plain.stop();
  await secured.stop();
});

describe.each<[string, RealProxyKind]>([['tinyproxy', 'http'], ['stunnel before tinyproxy', 'https'], ['microsocks', 'socks5']])('through %s', (_, kind) => {
  let open: RealProxy;
  let guarded: RealProxy;
  const password = PASSWORD[kind];
  /** As it has to stand in an address. */
  const encoded = `${USER}:${encodeURIComponent(password)}@`;
  beforeAll(async () => {
    open = await startRealProxy(kind);
    guarded = await startRealProxy(kind, { login: [USER, password] });
  });
  afterAll(async () => {
    await open.stop();
    await guarded.stop();
  });
  // microsocks tries only the first address of a name, so the name would decide by the machine's own file of hosts.
  const host = kind === 'socks5' ? '127.0.0.1' : 'localhost';
  const address = (): string => `${host}:${plain.get('SPICE_PORT')}`;
  const proxied = (proxy: RealProxy, credentials = ''): string[] => ['--proxy', `${kind}://${credentials}127.0.0.1:${proxy.port}`, ...(kind === 'https' ? ['--ca-file', PROXY_CA] : [])];
  const refused = (proxy: RealProxy, credentials = '', env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    runSession({ source: ['--direct', address()], more: proxied(proxy, credentials), env });

  /** A session until all channels are linked: each through the proxy, and nothing was lost. */
  const expectSession = async (server: Server, proxy: RealProxy, options: SessionOptions): Promise<Ended> => {
    const before = proxy.connections();
    const session = startSession(options);
    await until('all channels are linked through the proxy', LINK_MS, async () => (proxy.connections() - before >= CHANNELS.length && (await linkedChannels(server)).length >= CHANNELS.length ? true : null));
    const ended = await session.end();
    expect({ code: ended.code, said: ended.stderr }).toMatchObject({ code: INTERRUPTED });
    const stats = ended.stats();
    expect(stats.channels.map(({ channel, last_loss }) => [channel, last_loss])).toEqual(expect.arrayContaining(CHANNELS.map((channel) => [channel, null])));
    expect(proxy.connections() - before).toBe(stats.channels.length);
    return ended;
  };
  const expectPlain = (proxy: RealProxy, credentials = '', more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    expectSession(plain, proxy, { source: ['--direct', address()], more: [...proxied(proxy, credentials), ...more], env });

  test('plain: every channel goes through it', async () => {
    expect((await expectPlain(open)).stderr).toBe('');
  });

  test('plain, with the right credentials: from the environment, from a file, and encoded in the address', async () => {
    await expectPlain(guarded, `${USER}@`, [], { RYLL_PROXY_PASSWORD: password });
    await expectPlain(guarded, `${USER}@`, ['--proxy-password-file', file('proxy-password', `${password}\n`)]);
    expect((await expectPlain(guarded, encoded)).stderr).toContain('every user of this machine can read it');
  });

  test('TLS inside, as a connection file says it: host, CA, proxy and its credentials', async () => {
    // The file's CA signed the server's certificate, and has to be told of the proxy's as well.
    const caPath = file('both.pem', readFileSync(secured.get('SPICE_CA'), 'utf8') + (kind === 'https' ? readFileSync(PROXY_CA, 'utf8') : ''));
    const vv = writeVv(secured, { caPath, keys: { proxy: `${kind}://${encoded}127.0.0.1:${guarded.port}` } });
    const ended = await expectSession(secured, guarded, { source: ['--file', vv], more: ['-v'] });
    expect(ended.stdout).toMatch(/main\/0 linked \(TLS\)/);
    expect(ended.stderr + ended.stdout).not.toContain(password);
  });

  test('TLS inside with a CA that is not the server\'s: the server is refused, not the proxy', async () => {
    const caPath = file('strangers.pem', readFileSync(await strangerCa(), 'utf8') + (kind === 'https' ? readFileSync(PROXY_CA, 'utf8') : ''));
    const ended = await runSession({ source: ['--file', writeVv(secured, { caPath, keys: { proxy: `${kind}://127.0.0.1:${open.port}` } })] });
    expect(ended.code).toBe(EXIT.tlsFailed);
    expect(ended.stderr).toMatch(/\[tls\.untrusted\]/);
    expect(channelOf(ended.stats(), 'main/0').last_loss).toMatchObject({ kind: 'tls' });
  });

  test('wrong credentials, and none', async () => {
    expectRefusal(await refused(guarded, `${USER}@`, { RYLL_PROXY_PASSWORD: 'not it' }), EXIT.authFailed, /proxy 127\.0\.0\.1:\d+ refused the credentials of "me"/, /\[proxy\.credentialsRefused\]/);
    expectRefusal(await refused(guarded), EXIT.authFailed, /RYLL_PROXY_PASSWORD/, /\[proxy\.credentialsMissing\]/);
  });

  test('a server that the proxy cannot reach, and a proxy that is not there', async () => {
    const closed = await freePort();
    const unreached = await runSession({ source: ['--direct', `127.0.0.1:${closed}`], more: proxied(open) });
    expectRefusal(unreached, EXIT.connectFailed, /was reached and 127\.0\.0\.1:\d+ was not/, /\[proxy\.failed\]/);
    const gone = await runSession({ source: ['--direct', address()], more: ['--proxy', `${kind}://127.0.0.1:${closed}`] });
    expectRefusal(gone, EXIT.connectFailed, /cannot be reached \(ECONNREFUSED\)/, /\[proxy\.unreached\]/);
  });

  test('a channel that is cut behind the proxy is linked again through it', async () => {
    const cutter = await ChannelProxy.start(Number(plain.get('SPICE_PORT')));
    try {
      const before = guarded.connections();
      const session = startSession({ source: ['--direct', `${host}:${cutter.port}`], more: proxied(guarded, `${USER}@`), env: { RYLL_PROXY_PASSWORD: password } });
      const allLinked = () => until('four channels are linked', LINK_MS, async () => ((await linkedChannels(plain)).length >= 4 ? true : null));
      await allLinked();
      const first = cutter.dialled;
      for (const channel of ['inputs/0', 'display/0']) {
        cutter.cut(channel);
        await until(`${channel} is linked again`, LINK_MS, () => (cutter.count(channel) === 2 ? true : null));
        await allLinked();
      }
      const ended = await session.end();
      expect({ code: ended.code, said: ended.stderr }).toEqual({ code: INTERRUPTED, said: '' });
      expect(cutter.dialled).toBe(first + 2);
      expect(guarded.connections() - before).toBe(first + 2);
      expect(channelOf(ended.stats(), 'inputs/0')).toMatchObject({ generation: 2, last_loss: { kind: 'eof' } });
      expect(channelOf(ended.stats(), 'display/0')).toMatchObject({ generation: 2, last_loss: { kind: 'eof' } });
      expect(channelOf(ended.stats(), 'main/0')).toMatchObject({ generation: 1, last_loss: null });
    } finally {
      await cutter.close();
    }
  });
});

describe('what is refused', () => {
  test('by tinyproxy\'s rules is told as such', async () => {
    const proxy = await startRealProxy('http', { onlyPort: 443 });
    const ended = await runSession({ source: ['--direct', `localhost:${plain.get('SPICE_PORT')}`], more: ['--proxy', `127.0.0.1:${proxy.port}`] });
    expectRefusal(ended, EXIT.connectFailed, /does not let connections through to localhost:\d+ \(.*403/, /\[proxy\.denied\]/);
    await proxy.stop();
  });

  test('an https proxy whose certificate is from nobody we know, and one that is none', async () => {
    const proxy = await startRealProxy('https');
    const source = ['--direct', `localhost:${plain.get('SPICE_PORT')}`];
    expectRefusal(await runSession({ source, more: ['--proxy', `https://127.0.0.1:${proxy.port}`] }), EXIT.tlsFailed, /give its CA with --ca-file/, /\[proxy\.tls\]/);
    expectRefusal(await runSession({ source, more: ['--proxy', `http://127.0.0.1:${proxy.port}`] }), EXIT.connectFailed, /\[proxy\.protocol\]/);
    await proxy.stop();
  });

  test('--proxy none goes without the connection file\'s proxy', async () => {
    const vv = writeVv(secured, { keys: { proxy: `http://127.0.0.1:${await freePort()}` } });
    const ended = await runSession({ source: ['--file', vv], more: ['--proxy', 'none'] });
    expect({ code: ended.code, said: ended.stderr }).toMatchObject({ code: EXIT.ok });
  });
});
