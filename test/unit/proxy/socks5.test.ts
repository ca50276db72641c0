// What is said to a SOCKS5 proxy, byte by byte, and what each of its answers comes to.
import { describe, expect, test } from 'vitest';
import type { ProxyCredentials, ProxyEffect } from '#app/proxy/proxy-exchange.js';
import { beginSocks5, stepSocks5 } from '#app/proxy/socks5.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const login = { username: 'me', password: 'secret' };

/** Everything that is sent and the last effect, for these answers one after the other. */
function talk(host: string, credentials: ProxyCredentials | null, answers: readonly string[]): { readonly sent: string[]; readonly last: ProxyEffect | undefined } {
  let { state, effects } = beginSocks5({ host, port: 5901 }, credentials);
  const all = [...effects];
  for (const answer of answers) {
    ({ state, effects } = stepSocks5(state, Buffer.from(answer, 'hex')));
    all.push(...effects);
  }
  return { sent: all.flatMap((effect) => (effect.kind === 'send' ? [hex(effect.bytes)] : [])), last: all.at(-1) };
}

const nameHex = Buffer.from('vm.example').toString('hex');

describe('the exchange', () => {
  test('without credentials asks for the name, so that the proxy resolves it', () => {
    const { sent, last } = talk('vm.example', null, ['0500', `05000001${'7f000001'}170d`]);
    expect(sent).toEqual(['050100', `05010003${'0a'}${nameHex}170d`]);
    expect(last).toEqual({ kind: 'established', rest: new Uint8Array(0) });
  });

  test('with credentials logs in when the proxy wants it, and not when it does not', () => {
    const login1 = `0102${Buffer.from('me').toString('hex')}06${Buffer.from('secret').toString('hex')}`;
    expect(talk('vm.example', login, ['0502', '0100', '0500000100000000'.concat('0000')]).sent).toEqual(['05020002', login1, `050100030a${nameHex}170d`]);
    expect(talk('vm.example', login, ['0500', '05000001000000000000']).sent).toEqual(['05020002', `050100030a${nameHex}170d`]);
    // Seen in the field: the version of SOCKS in place of the login's.
    expect(talk('vm.example', login, ['0502', '0500', '05000001000000000000']).last?.kind).toBe('established');
  });

  test('sends addresses as addresses', () => {
    expect(talk('192.0.2.7', null, ['0500']).sent[1]).toBe('05010001c0000207170d');
    expect(talk('2001:db8::1', null, ['0500']).sent[1]).toBe('0501000420010db8000000000000000000000001170d');
    expect(talk('::ffff:192.0.2.7', null, ['0500']).sent[1]).toBe('0501000400000000000000000000ffffc0000207170d');
    expect(talk('fe80::1%eth0', null, ['0500']).sent[1]).toBe('05010004fe800000000000000000000000000001170d');
    for (const name of ['256.1.1.1', '1.2.3', '1::2::3', ':::', '1:2:3:4:5:6:7', 'abcde::', '1.2.3.4::']) expect(talk(name, null, ['0500']).sent[1]).toMatch(/^05010003/);
  });

  test.each([
    ['an IPv4 address', '05000001c0a80001170d'],
    ['a name', '05000003036162630000'],
    ['an IPv6 address', `05000004${'00'.repeat(16)}170d`],
  ])('leaves what follows a reply with %s to the target', (_, reply) => {
    expect(talk('vm.example', null, ['0500', `${reply}52454451`]).last).toEqual({ kind: 'established', rest: new Uint8Array(Buffer.from('REDQ')) });
    expect(talk('vm.example', null, [`0500${reply}52`]).last).toEqual({ kind: 'established', rest: Uint8Array.of(0x52) });
    expect(talk('vm.example', null, ['0500', reply.slice(0, -2)]).last?.kind).toBe('send');
  });
});

describe('a fault', () => {
  test.each<[string, ProxyCredentials | null, readonly string[], string, string, RegExp]>([
    ['no method without credentials', null, ['05ff'], 'auth', 'SOCKS_METHODS_REFUSED', /wants credentials/],
    ['no method with credentials', login, ['05ff'], 'auth', 'SOCKS_METHODS_REFUSED', /another way to log in/],
    ['a method that was not offered', null, ['0502'], 'protocol', 'SOCKS_METHOD', /login method 2/],
    ['another such method', login, ['0501'], 'protocol', 'SOCKS_METHOD', /login method 1/],
    ['wrong credentials', login, ['0502', '0101'], 'auth', 'SOCKS_LOGIN_1', /does not accept the credentials/],
    ['reply 1', null, ['0500', '0501'], 'failed', 'SOCKS_REPLY_1', /general failure/],
    ['reply 2', null, ['0500', '0502'], 'denied', 'SOCKS_REPLY_2', /rules do not allow/],
    ['reply 3', null, ['0500', '0503'], 'failed', 'SOCKS_REPLY_3', /network is unreachable/],
    ['reply 4', null, ['0500', '0504000100'], 'failed', 'SOCKS_REPLY_4', /host is unreachable/],
    ['reply 5', null, ['0500', '0505'], 'failed', 'SOCKS_REPLY_5', /refused the connection/],
    ['reply 6', null, ['0500', '0506'], 'failed', 'SOCKS_REPLY_6', /hops/],
    ['reply 7', null, ['0500', '0507'], 'failed', 'SOCKS_REPLY_7', /does not connect/],
    ['reply 8', null, ['0500', '0508'], 'failed', 'SOCKS_REPLY_8', /kind of address/],
    ['reply 9', null, ['0500', '0509'], 'failed', 'SOCKS_REPLY_9', /unassigned reply 9/],
    ['an HTTP server', null, ['48545450'], 'protocol', 'PROXY_NOT_SOCKS5', /it said "HTTP"/],
    ['SOCKS4', null, ['005b'], 'protocol', 'PROXY_NOT_SOCKS5', /not a SOCKS5 proxy/],
    ['another version later', null, ['0500', '04'], 'protocol', 'PROXY_NOT_SOCKS5', /not a SOCKS5/],
    ['an unknown address type', null, ['0500', '05000009'], 'protocol', 'SOCKS_ADDRESS_TYPE', /address type 9/],
  ])('%s is named', (_, credentials, answers, kind, code, words) => {
    expect(talk('vm.example', credentials, answers).last).toMatchObject({ kind: 'failed', fault: { kind, code, message: expect.stringMatching(words) } });
  });

  test('what SOCKS cannot carry is refused before anything is sent', () => {
    expect(talk('x'.repeat(256), null, [])).toMatchObject({ sent: [], last: { fault: { code: 'PROXY_TARGET' } } });
    for (const credentials of [{ username: 'me', password: '' }, { username: 'é'.repeat(128), password: 'x' }]) {
      expect(talk('vm', credentials, [])).toMatchObject({ sent: [], last: { fault: { kind: 'auth', code: 'SOCKS_CREDENTIALS' } } });
    }
  });
});
