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

  test('whose name cannot be resolved says whether it is unknown, unanswered or late', async () => {
    const target = connectionTarget({ host: 'vm.example', port: 5900 });
    expect(await resolveTarget(target, failing('ENOTFOUND'))).toMatchObject({ ok: false, problem: { code: 'resolve.notFound', exit: 'connectFailed', message: expect.stringContaining('vm.example') } });
    expect(await resolveTarget(target, async () => [])).toMatchObject({ ok: false, problem: { code: 'resolve.notFound' } });
    expect(await resolveTarget(target, failing('EAI_AGAIN'))).toMatchObject({ ok: false, problem: { code: 'resolve.failed', message: expect.stringContaining('DNS') } });
    expect(await resolveTarget(target, async () => new Promise(() => {}), 1)).toMatchObject({ ok: false, problem: { code: 'resolve.timeout' } });
  });
});
