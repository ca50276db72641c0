// What is said to an HTTP proxy, and what each of its answers comes to.
import { describe, expect, test } from 'vitest';
import { beginHttpConnect, stepHttpConnect } from '#app/proxy/http-connect.js';
import type { ProxyCredentials, ProxyEffect } from '#app/proxy/proxy-exchange.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const target = { host: 'vm.example', port: 5900 };
const sent = (host = 'vm.example', credentials: ProxyCredentials | null = null): string => {
  const [effect] = beginHttpConnect({ host, port: 5900 }, credentials).effects;
  return effect?.kind === 'send' ? text(effect.bytes) : JSON.stringify(effect);
};
const answer = (reply: string, credentials: ProxyCredentials | null = null): readonly ProxyEffect[] => stepHttpConnect(beginHttpConnect(target, credentials).state, Buffer.from(reply, 'latin1')).effects;
const login = { username: 'me', password: 'secret' };

describe('the request', () => {
  test('is a CONNECT as the reference client says it', () => {
    expect(sent()).toBe('CONNECT vm.example:5900 HTTP/1.0\r\nHost: vm.example:5900\r\nProxy-Connection: keep-alive\r\nUser-Agent: ryll-actors\r\n\r\n');
  });

  test('has IPv6 addresses in brackets, and tokens with colons as they are', () => {
    expect(sent('2001:db8::1')).toContain('CONNECT [2001:db8::1]:5900 ');
    expect(sent('10.0.0.1')).toContain('CONNECT 10.0.0.1:5900 ');
    expect(sent('pvespiceproxy:65A1B2C3:104:node1::c0ffee')).toContain('CONNECT pvespiceproxy:65A1B2C3:104:node1::c0ffee:5900 ');
  });

  test.each([
    [{ username: 'Aladdin', password: 'open sesame' }, 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='], // RFC 7617, 2
    [{ username: 'test', password: '123£' }, 'dGVzdDoxMjPCow=='], // RFC 7617, 2.1
    [{ username: 'me', password: '' }, 'bWU6'],
    [{ username: 'a', password: 'b' }, 'YTpi'],
  ])('carries %j as Basic credentials', (credentials, encoded) => {
    expect(sent('vm.example', credentials)).toContain(`\r\nProxy-Authorization: Basic ${encoded}\r\n`);
    expect(sent()).not.toContain('Authorization');
  });

  test.each(['vm example', 'vm\r\nX: y', 'vm\0', 'bücher.example', ''])('is never split or spoilt by the host %j', (host) => {
    expect(beginHttpConnect({ host, port: 1 }, null).effects).toMatchObject([{ kind: 'failed', fault: { kind: 'protocol', code: 'PROXY_TARGET' } }]);
  });
});

describe('an answer', () => {
  test.each([
    ['HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n', ''],
    ['HTTP/1.1 200 Connection established\r\n\r\nREDQ', 'REDQ'],
    ['HTTP/1.1 204\r\n\r\n\r\n', '\r\n'],
    ['HTTP/1.0 200 OK\n\nrest', 'rest'],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest', 'rest'],
  ])('%j opens the tunnel, and what follows its head belongs to the target', (reply, rest) => {
    const [effect, ...more] = answer(reply);
    expect(more).toEqual([]);
    expect(effect?.kind === 'established' ? text(effect.rest) : effect).toBe(rest);
  });

  test.each<[string, ProxyCredentials | null, string, string, RegExp]>([
    ['HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n', null, 'auth', 'HTTP_407', /wants credentials: "407 Proxy/],
    ['HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n', login, 'auth', 'HTTP_407', /does not accept the credentials/],
    ['HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n', login, 'auth', 'HTTP_407', /login by Negotiate, NTLM/],
    ['HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: basic\r\n\r\n', login, 'auth', 'HTTP_407', /does not accept/],
    ['HTTP/1.1 407\r\n\r\n', login, 'auth', 'HTTP_407', /does not accept/],
    ['HTTP/1.1 401 invalid ticket\r\n\r\n', null, 'denied', 'HTTP_401', /"401 invalid ticket"/],
    ['HTTP/1.0 401 Unauthorized\r\nServer: tinyproxy/1.11.1\r\n\r\n', login, 'auth', 'HTTP_401', /does not accept the credentials/],
    ['HTTP/1.1 403 Access violation\r\n\r\n', null, 'denied', 'HTTP_403', /does not allow.*"403 Access violation"/],
    ['HTTP/1.1 405 Method Not Allowed\r\n\r\n', null, 'denied', 'HTTP_405', /405/],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n<html>', null, 'failed', 'HTTP_502', /made no connection: "502 Bad Gateway"/],
    ['HTTP/1.1 503 Service Unavailable\r\n\r\n', null, 'failed', 'HTTP_503', /503/],
    ['HTTP/1.1 504 Gateway Timeout\r\n\r\n', null, 'failed', 'HTTP_504', /504/],
    ['HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n', null, 'failed', 'HTTP_302', /302/],
    ['SSH-2.0-OpenSSH_9.2\r\n', null, 'protocol', 'PROXY_NOT_HTTP', /not an HTTP proxy: it said "SSH-2.0/],
    ['\x05\x00', null, 'protocol', 'PROXY_NOT_HTTP', /it said "\?\?"/],
    ['HTTPS\r\n', null, 'protocol', 'PROXY_NOT_HTTP', /not an HTTP proxy/],
    ['HTTP/1.1 2000 no\r\n\r\n', null, 'protocol', 'PROXY_NOT_HTTP', /no status/],
    ['HTTP/1.1 ok\r\n\r\n', null, 'protocol', 'PROXY_NOT_HTTP', /no status: "HTTP\/1.1 ok"/],
  ])('%j is a fault with a name', (reply, credentials, kind, code, words) => {
    expect(answer(reply, credentials)).toMatchObject([{ kind: 'failed', fault: { kind, code, message: expect.stringMatching(words) } }]);
  });

  test('that is not whole is waited for, and one without an end is given up at 16 KiB', () => {
    expect(answer('HTTP/1.1 200 OK\r\nX: y\r\n')).toEqual([]);
    expect(answer('HT')).toEqual([]);
    expect(answer(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(16_360)}`)).toEqual([]);
    for (const endless of [`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(3_000)}`, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2_000)]) {
      expect(answer(endless)).toMatchObject([{ kind: 'failed', fault: { kind: 'protocol', code: 'PROXY_HEAD_TOO_LONG' } }]);
    }
  });

  test('is quoted short and without anything that acts on a terminal', () => {
    const [effect] = answer(`HTTP/1.1 500 \x1b[2J\x07${'x'.repeat(1_000)}\r\n\r\n`);
    const message = effect?.kind === 'failed' ? effect.fault.message : '';
    expect(message).toMatch(/"500 \?\[2J\?x+\.\.\."/);
    expect(message.length).toBeLessThan(320);
  });
});
