// Which proxy counts, and where its password comes from.
import { describe, expect, test } from 'vitest';
import { fail, succeed } from '#app/cli/cli-problem.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { applyProxy, type ProxyOptions } from '#app/cli/proxy-source.js';
import type { ProxySetting } from '#app/cli/proxy-setting.js';

const files: Readonly<Record<string, string>> = { good: 'from the file\n', empty: '\n', binary: '\u0000' };
const io = {
  readFile: async (path: string) => (files[path] === undefined ? fail('source.unreadable', 'sourceInvalid', 'no such file') : succeed(path === 'binary' ? Uint8Array.of(0xff) : Buffer.from(files[path] ?? ''))),
};
const ofFile: ProxySetting = { kind: 'http', host: 'inside.example', port: 3128, username: 'me', password: 'written' };
const apply = async (options: ProxyOptions, environment?: string, proxy: ProxySetting | null = null, unixPath: string | null = null) =>
  applyProxy({ target: connectionTarget({ host: unixPath === null ? 'vm' : null, port: 1, unixPath, proxy }), notes: ['before'] }, options, environment, io);
const proxyOf = async (...args: Parameters<typeof apply>) => {
  const result = await apply(...args);
  return result.ok ? result.value.target.proxy : result.problem.code;
};

describe('the proxy is', () => {
  test('that of the command line before that of the file, and none where none is wanted', async () => {
    expect(await proxyOf({})).toBeNull();
    expect(await proxyOf({}, undefined, ofFile)).toEqual(ofFile);
    expect(await proxyOf({ proxy: 'socks5://other.example' }, undefined, ofFile)).toMatchObject({ kind: 'socks5', host: 'other.example' });
    expect(await proxyOf({ proxy: 'none' }, undefined, ofFile)).toBeNull();
  });

  test('refused as the command line when it makes no sense', async () => {
    expect(await apply({ proxy: 'gopher://x:hush@y' })).toMatchObject({ ok: false, problem: { code: 'proxy.malformed', exit: 'usage', message: expect.not.stringContaining('hush') } });
    expect(await proxyOf({ proxy: 'http://h' }, undefined, null, '/run/vm.sock')).toBe('proxy.unix');
    expect(await proxyOf({ proxy: 'none' }, undefined, ofFile, '/run/vm.sock')).toBeNull();
  });
});

describe('its password is', () => {
  const proxy = 'http://me@proxy.example';

  test('that of the file, then of the environment, then of the address', async () => {
    expect(await proxyOf({ proxy, proxyPasswordFile: 'good' }, 'from the environment')).toMatchObject({ username: 'me', password: 'from the file' });
    expect(await proxyOf({ proxy: 'http://me:given@proxy.example' }, 'from the environment')).toMatchObject({ password: 'from the environment' });
    expect(await proxyOf({}, 'from the environment', ofFile)).toMatchObject({ password: 'from the environment' });
    expect(await proxyOf({}, '', ofFile)).toMatchObject({ password: 'written' });
    expect(await proxyOf({ proxy })).toMatchObject({ password: null });
    // It may be there for another proxy.
    expect(await proxyOf({ proxy: 'http://proxy.example' }, 'from the environment')).toMatchObject({ username: null, password: null });
  });

  test('warned about where everybody can read it, and nowhere else', async () => {
    expect(await apply({ proxy: 'http://me:given@proxy.example' })).toMatchObject({ value: { notes: ['before', expect.stringContaining('every user of this machine')] } });
    expect(await apply({ proxy })).toMatchObject({ value: { notes: ['before'] } });
    expect(await apply({}, undefined, ofFile)).toMatchObject({ value: { notes: ['before'] } });
  });

  test.each<[ProxyOptions, string | undefined, string]>([
    [{ proxyPasswordFile: 'good' }, undefined, 'proxy.missing'],
    [{ proxy: 'none', proxyPasswordFile: 'good' }, undefined, 'proxy.missing'],
    [{ proxy: 'http://proxy.example', proxyPasswordFile: 'good' }, undefined, 'proxy.userMissing'],
    [{ proxy: 'http://me@proxy.example', proxyPasswordFile: 'absent' }, undefined, 'source.unreadable'],
    [{ proxy: 'http://me@proxy.example', proxyPasswordFile: 'binary' }, undefined, 'password.invalid'],
    [{ proxy: 'http://me@proxy.example', proxyPasswordFile: 'empty' }, undefined, 'proxy.passwordInvalid'],
    [{ proxy: 'http://me@proxy.example' }, 'x'.repeat(256), 'proxy.passwordInvalid'],
    [{ proxy: 'socks5://me@proxy.example' }, undefined, 'proxy.passwordMissing'],
  ])('missing or of no use with %j: %s', async (options, environment, code) => {
    expect(await proxyOf(options, environment)).toBe(code);
  });
});
