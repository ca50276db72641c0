// What `--proxy` and the `proxy` key of a connection file mean, and what is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProxyUri, proxyLabel } from '#app/cli/proxy-setting.js';

const none = { username: null, password: null };

describe('a proxy is read from', () => {
  test.each([
    ['http://proxy.example:8080', { kind: 'http', host: 'proxy.example', port: 8080, ...none }],
    ['https://proxy.example:443/', { kind: 'https', host: 'proxy.example', port: 443, ...none }],
    ['socks5://127.0.0.1:9050', { kind: 'socks5', host: '127.0.0.1', port: 9050, ...none }],
    ['socks5h://proxy.example:1080', { kind: 'socks5', host: 'proxy.example', port: 1080, ...none }],
    ['SOCKS5://Proxy.example', { kind: 'socks5', host: 'Proxy.example', port: 1080, ...none }],
    ['http://[2001:db8::1]:3128', { kind: 'http', host: '2001:db8::1', port: 3128, ...none }],
    // Ports that are left out are those of the reference client.
    ['http://proxy.example', { kind: 'http', host: 'proxy.example', port: 3128, ...none }],
    ['https://proxy.example', { kind: 'https', host: 'proxy.example', port: 3129, ...none }],
    // No scheme is HTTP.
    ['proxy.example:3128', { kind: 'http', host: 'proxy.example', port: 3128, ...none }],
    [' proxy.example ', { kind: 'http', host: 'proxy.example', port: 3128, ...none }],
    ['user:secret@proxy.example', { kind: 'http', host: 'proxy.example', port: 3128, username: 'user', password: 'secret' }],
    ['http://user@proxy.example', { kind: 'http', host: 'proxy.example', port: 3128, username: 'user', password: null }],
    ['http://user:@proxy.example', { kind: 'http', host: 'proxy.example', port: 3128, username: 'user', password: null }],
    ['http://d%6Fmain%5Cuser:p%40ss%3Aw%2Frd%25@proxy.example:1', { kind: 'http', host: 'proxy.example', port: 1, username: 'domain\\user', password: 'p@ss:w/rd%' }],
    // Only the last @ ends the credentials: people forget to encode the others.
    ['http://user:p@ss@proxy.example:1', { kind: 'http', host: 'proxy.example', port: 1, username: 'user', password: 'p@ss' }],
  ])('%s', (text, setting) => {
    expect(parseProxyUri(text)).toEqual(setting);
  });
});

describe('a proxy is refused, with the reason:', () => {
  test.each([
    ['', 'the host is missing'],
    ['http://', 'the host is missing'],
    ['socks4://proxy.example:1080', 'socks4:// proxies are not supported'],
    ['ftp://proxy.example', 'ftp:// proxies are not supported'],
    ['http://proxy.example:0', 'is not a port'],
    ['http://proxy.example:65536', 'is not a port'],
    ['http://proxy.example:port', 'is not a port'],
    ['http://proxy.example:3128/path', 'no path'],
    ['http://proxy.example?x', 'no path'],
    ['::1', 'brackets'],
    ['http://[::1', 'cannot be read'],
    ['http://pro xy', 'is not a host name'],
    ['http://%@proxy.example', 'a bad % escape'],
    ['http://:secret@proxy.example', 'the user name: it is empty'],
    ['http://us%3Aer:secret@proxy.example', 'colon'],
    ['http://user:se%0Acret@proxy.example', 'control character'],
    [`http://user:${'x'.repeat(256)}@proxy.example`, 'at most 255'],
    [`http://${'x'.repeat(2048)}`, 'longer than'],
  ])('%s', (text, words) => {
    expect(parseProxyUri(text)).toContain(words);
  });
});

test('what is wrong is said without the credentials', () => {
  const secret = fc.stringMatching(/^[a-z]{12}$/);
  fc.assert(
    fc.property(secret, secret, fc.constantFrom('http://U:P@host:99999', 'U:P@ho st', 'gopher://U:P@host', 'http://U:P%zz@host', 'http://U:P@host/path', 'http://U:P%00@host'), (user, password, form) => {
      const problem = parseProxyUri(form.replace('U', user).replace('P', password));
      expect(typeof problem).toBe('string');
      expect(problem).not.toContain(user);
      expect(problem).not.toContain(password);
    }),
  );
});

test('any text is a setting or a problem in words, and a setting can be dialled', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(https?|socks5h?):\/\/[a-z:@%[\]0-9.]{0,30}$/));
  fc.assert(
    fc.property(text, (uri) => {
      const setting = parseProxyUri(uri);
      const isDialable = typeof setting !== 'string' && setting.host !== '' && setting.port > 0 && setting.port < 65_536 && (setting.username !== null || setting.password === null);
      expect(isDialable || (typeof setting === 'string' && setting.length > 5)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('its label has no credentials and IPv6 in brackets', () => {
  expect(proxyLabel({ kind: 'socks5', host: '::1', port: 1080 })).toBe('the SOCKS5 proxy [::1]:1080');
});
