// A whole session through a proxy, on threads and real sockets: every channel goes through it, links that are made again too, and a proxy
// that does not let it through ends it with its own problem.
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { problemOf } from '#app/cli/outcome-problem.js';
import { parseProxyUri } from '#app/cli/proxy-setting.js';
import { resolveTarget } from '#app/cli/resolve-target.js';
import { listen } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { ChannelProxy } from '../support/channel-proxy.ts';
import { httpProxy, socksProxy, type ProxyScript, type TestProxy } from '../support/proxies.ts';
import { testSession } from '../support/session-fixture.ts';
import { until } from '../support/until.ts';

const channels = ['main/0', 'display/0', 'cursor/0', 'inputs/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const password = { text: '', origin: 'none' } as const;

/** The session, the proxy that it goes through, and behind that one that can cut a channel. */
async function session(kind: 'http' | 'socks5', script: ProxyScript, credentials: string) {
  const server = new LoopbackServer(createNodeHost(), { ...defaultLoopbackOptions, scene: 'still' });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  cleanUps.push(async () => {
    server.close();
    await listener.close();
  });
  const cutter = await ChannelProxy.start(listener.port ?? 0);
  cleanUps.push(() => cutter.close());
  const proxy: TestProxy = await (kind === 'http' ? httpProxy(script) : socksProxy(script));
  cleanUps.push(() => proxy.close());
  const setting = parseProxyUri(`${kind}://${credentials}127.0.0.1:${proxy.port}`);
  if (typeof setting === 'string') throw new Error(setting);
  // A name that exists nowhere: who resolved it here would find nothing.
  const target = connectionTarget({ host: 'vm.invalid', port: cutter.port, proxy: setting });
  const endpoints = await resolveTarget(target);
  if (!endpoints.ok) throw new Error(endpoints.problem.message);
  const made = testSession(createNodeHost(), 0, { target, endpoints: endpoints.value });
  cleanUps.push(() => made.run.stop());
  await made.run.start();
  return { ...made, target, proxy, cutter };
}

describe.each(['http', 'socks5'] as const)('through a proxy of kind %s', (kind) => {
  test('every channel is linked, one that is cut is linked again, and its loss is told with its kind', async () => {
    const { run, channel, lines, proxy, cutter } = await session(kind, { login: 'me:secret' }, 'me:secret@');
    const isUp = (id: string, generation: number): boolean => run.actors.some((actor) => actor.id === id && actor.exit === null && actor.handle.generation === generation) && channel(id).state === 'linked';
    for (const id of channels) await until(`${id} is linked`, () => isUp(id, 1));
    expect(proxy.asked).toEqual(channels.map(() => `vm.invalid:${cutter.port}`));
    expect(channel('inputs/0').last_loss).toBeNull();

    // Through an HTTP or SOCKS proxy a reset of the far connection arrives as this proxy closes: in order.
    cutter.cut('inputs/0', 'fin');
    await until('inputs is linked again', () => isUp('inputs/0', 2));
    expect(proxy.asked).toHaveLength(channels.length + 1);
    expect(channel('inputs/0').last_loss).toEqual({ kind: 'eof', detail: 'closed by the peer', at: expect.any(Number) });
    expect(lines.filter((line) => line.includes('linking again'))).toEqual(['inputs/0 lost its connection (eof: closed by the peer), linking again now']);
    expect(channels.filter((id) => channel(id).last_loss !== null)).toEqual(['inputs/0']);
  });

  test.each<[string, ProxyScript, string, string, string]>([
    ['wants credentials', { login: 'me:secret' }, '', 'proxy.credentialsMissing', 'authFailed'],
    ['refuses the credentials', { login: 'me:secret' }, 'me:wrong@', 'proxy.credentialsRefused', 'authFailed'],
    ['does not allow the target', { refuse: kind === 'http' ? Buffer.from('HTTP/1.1 403 Forbidden\r\n\r\n') : Buffer.of(5, 2, 0, 1) }, '', 'proxy.denied', 'connectFailed'],
    ['cannot reach the target', { refuse: kind === 'http' ? Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n') : Buffer.of(5, 5, 0, 1) }, '', 'proxy.failed', 'connectFailed'],
    ['is none', { refuse: Buffer.from('220 mail.example ESMTP\r\n') }, '', 'proxy.protocol', 'connectFailed'],
  ])('one that %s ends it, and its problem says so', async (_, script, credentials, code, exit) => {
    const { run, target, channel, lines } = await session(kind, script, credentials);
    const problem = problemOf(await run.ended, target, password);
    expect(problem).toMatchObject({ code, exit });
    expect(problem.message).not.toMatch(/secret|wrong/);
    expect(channel('main/0').last_loss).toMatchObject({ kind: 'proxy' });
    expect(lines.some((line) => line.startsWith('main/0 not linked (proxy): '))).toBe(true);
  });
});
