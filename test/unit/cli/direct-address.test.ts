import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { parseDirectAddress } from '#app/cli/direct-address.js';

describe('a direct address', () => {
  test.each<[string, string, number | null, number | null]>([
    ['localhost:5900', 'localhost', 5900, null],
    ['127.0.0.1:5900:5901', '127.0.0.1', 5900, 5901],
    ['vm.example::5901', 'vm.example', null, 5901],
    ['vm.example:0:5901', 'vm.example', null, 5901],
    ['[::1]:5900', '::1', 5900, null],
    ['[fe80::1%eth0]:5900:5901', 'fe80::1%eth0', 5900, 5901],
    ['bücher.example:1', 'bücher.example', 1, null],
    ['a_b-c.:65535', 'a_b-c.', 65_535, null],
  ])('%s is read', (text, host, port, tlsPort) => {
    expect(parseDirectAddress(text)).toEqual({ kind: 'address', host, port, tlsPort });
  });

  test.each<[string, RegExp]>([
    ['', /HOST:PORT/],
    ['localhost', /HOST:PORT/],
    ['::1:5900', /brackets/],
    ['2001:db8::7', /brackets/],
    [':5900', /host is missing/],
    ['a:', /neither/],
    ['a:0', /neither/],
    ['a:65536', /"65536" is not a port/],
    ['a:5900:x', /"x" is not a TLS port/],
    ['a:+5', /not a port/],
    ['[vm]:5900', /not an IPv6/],
    ['[]:5900', /not an IPv6/],
    ['a b:5900', /not a host name/],
    ['-a:5900', /not a host name/],
    ['a/b:5900', /not a host name/],
  ])('%j is refused, and says why', (text, message) => {
    expect(parseDirectAddress(text)).toMatchObject({ kind: 'malformed', message: expect.stringMatching(message) });
  });

  test('any text gives an address with a usable port or a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('a', '.', ':', '[', ']', '5', '0', '%') })), (text) => {
        const result = parseDirectAddress(text);
        if (result.kind === 'malformed') return result.message !== '';
        return result.host !== '' && (result.port ?? result.tlsPort ?? 0) > 0;
      }),
    );
  });
});
