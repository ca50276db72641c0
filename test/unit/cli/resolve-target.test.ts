import { describe, expect, test } from 'vitest';
import { connectionTarget } from '#app/cli/connection-target.js';
import { resolveTarget } from '#app/cli/resolve-target.js';

const never = async (): Promise<never> => {
  throw new Error('the resolver was asked');
};
const failing = (code: string) => async (): Promise<never> => {
  throw Object.assign(new Error(`getaddrinfo ${code}`), { code });
};
const tcp = (address: string, port: number) => ({ transport: 'tcp', address, port, tls: null });

describe('a target', () => {
  test('given by address is dialled as it is, without a server name', async () => {
    const target = connectionTarget({ host: '::1', port: 5900, tlsPort: 5901, caPem: 'ca', hostSubject: 'CN=a' });
    expect(await resolveTarget(target, never)).toEqual({
      ok: true,
      value: [{ plain: tcp('::1', 5900), secure: { transport: 'tcp', address: '::1', port: 5901, tls: { serverName: null, caPem: 'ca', hostSubject: 'CN=a' } } }],
    });
    expect(await resolveTarget(connectionTarget({ host: 'fe80::1%eth0', port: 1 }), never)).toMatchObject({ ok: true, value: [{ plain: { address: 'fe80::1%eth0' } }] });
  });

  test('given by name is dialled by each of its addresses in order, the name kept for TLS', async () => {
    const target = connectionTarget({ host: 'vm.example', tlsPort: 5901 });
    const secure = (address: string) => ({ plain: null, secure: { transport: 'tcp', address, port: 5901, tls: { serverName: 'vm.example', caPem: null, hostSubject: null } } });
    expect(await resolveTarget(target, async () => ['::1', '127.0.0.1'])).toEqual({ ok: true, value: [secure('::1'), secure('127.0.0.1')] });
  });

  test('on a unix socket has a plain endpoint only', async () => {
    expect(await resolveTarget(connectionTarget({ unixPath: '/s' }), never)).toEqual({ ok: true, value: [{ plain: { transport: 'unix', path: '/s' }, secure: null }] });
  });

  test('behind a proxy is never resolved here; the proxy is, each of its addresses a way', async () => {
    const asked: string[] = [];
    const resolve = async (host: string): Promise<string[]> => {
      asked.push(host);
      return ['::1', '127.0.0.1'];
    };
    const proxy = { kind: 'socks5', host: 'proxy.example', port: 1080, username: 'me', password: 'secret' } as const;
    const hop = (address: string) => ({ protocol: 'socks5', address, port: 1080, tls: null, credentials: { username: 'me', password: 'secret' } });
    const way = (address: string) => ({
      plain: { transport: 'proxied', proxy: hop(address), host: 'vm.inside', port: 5900, tls: null },
      secure: { transport: 'proxied', proxy: hop(address), host: 'vm.inside', port: 5901, tls: { serverName: 'vm.inside', caPem: 'ca', hostSubject: null } },
    });
    expect(await resolveTarget(connectionTarget({ host: 'vm.inside', port: 5900, tlsPort: 5901, caPem: 'ca', proxy }), resolve)).toEqual({ ok: true, value: [way('::1'), way('127.0.0.1')] });
    expect(asked).toEqual(['proxy.example']);
  });

  test('behind an https proxy trusts the system for the proxy, beside the CA that was given', async () => {
    const proxy = { kind: 'https', host: '192.0.2.1', port: 443, username: null, password: null } as const;
    const resolved = await resolveTarget(connectionTarget({ host: '192.0.2.7', tlsPort: 5901, caPem: 'the given CA', proxy }), never);
    const [way] = resolved.ok ? resolved.value : [];
    const secure = way?.secure?.transport === 'proxied' ? way.secure : null;
    expect(secure).toMatchObject({ proxy: { protocol: 'httpConnect', credentials: null, tls: { serverName: null, hostSubject: null } }, tls: { serverName: null, caPem: 'the given CA' } });
    expect(secure?.proxy.tls?.caPem).toMatch(/^the given CA\n-*/);
    expect(secure?.proxy.tls?.caPem).toContain('BEGIN CERTIFICATE');
  });

  test('that is a token for the proxy has no server name, and is shown nowhere', async () => {
    const proxy = { kind: 'http', host: '192.0.2.1', port: 3128, username: null, password: null } as const;
    const target = connectionTarget({ host: 'pvespiceproxy:65A1:104:node1::c0ffee', tlsPort: 61000, hostSubject: 'CN=node1', proxy });
    expect(await resolveTarget(target, never)).toMatchObject({ ok: true, value: [{ secure: { host: 'pvespiceproxy:65A1:104:node1::c0ffee', tls: { serverName: null, hostSubject: 'CN=node1' } } }] });
    expect(target.label).toBe('a server behind the HTTP proxy 192.0.2.1:3128');
  });

  test('behind a proxy is named in ASCII, as requests need it', async () => {
    const proxy = { kind: 'http', host: '192.0.2.1', port: 3128, username: null, password: null } as const;
    expect(await resolveTarget(connectionTarget({ host: 'bücher.example', port: 1, proxy }), never)).toMatchObject({ ok: true, value: [{ plain: { host: 'xn--bcher-kva.example' } }] });
    expect(await resolveTarget(connectionTarget({ host: 'bü cher', port: 1, proxy }), never)).toMatchObject({ ok: false, problem: { code: 'proxy.host' } });
    const named = { ...proxy, host: 'proxy.example' };
    expect(await resolveTarget(connectionTarget({ host: 'vm', port: 1, proxy: named }), failing('ENOTFOUND'))).toMatchObject({ ok: false, problem: { code: 'resolve.notFound', message: expect.stringContaining('proxy.example') } });
  });

  test('whose name cannot be resolved says whether it is unknown, unanswered or late', async () => {
    const target = connectionTarget({ host: 'vm.example', port: 5900 });
    expect(await resolveTarget(target, failing('ENOTFOUND'))).toMatchObject({ ok: false, problem: { code: 'resolve.notFound', exit: 'connectFailed', message: expect.stringContaining('vm.example') } });
    expect(await resolveTarget(target, async () => [])).toMatchObject({ ok: false, problem: { code: 'resolve.notFound' } });
    expect(await resolveTarget(target, failing('EAI_AGAIN'))).toMatchObject({ ok: false, problem: { code: 'resolve.failed', message: expect.stringContaining('DNS') } });
    expect(await resolveTarget(target, async () => new Promise(() => {}), 1)).toMatchObject({ ok: false, problem: { code: 'resolve.timeout' } });
  });
});
