import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { parseSpiceUri } from '#app/cli/spice-uri.js';

describe('a spice address', () => {
  test.each<[string, Record<string, unknown>]>([
    ['spice://vm.example:5900', { host: 'vm.example', port: 5900, tlsPort: null, password: null }],
    ['SPICE://vm.example:5900/', { host: 'vm.example', port: 5900 }],
    ['spice://vm.example?port=5900&tls-port=5901', { port: 5900, tlsPort: 5901 }],
    ['spice://vm.example:5900?tls-port=5901;password=a%26b%20c', { port: 5900, tlsPort: 5901, password: 'a&b c' }],
    ['spice://vm.example?tls-port=5901', { port: null, tlsPort: 5901 }],
    ['spice://[2001:db8::7]:5900', { host: '2001:db8::7', port: 5900, label: '[2001:db8::7]:5900' }],
    ['spice+tls://vm.example:5901', { host: 'vm.example', port: null, tlsPort: 5901 }],
    ['spice+tls://vm.example:5901?password=x', { tlsPort: 5901, password: 'x' }],
    ['spice+unix:///run/my%20vm.sock', { host: null, unixPath: '/run/my vm.sock', label: '/run/my vm.sock' }],
  ])('%s is read', (uri, target) => {
    expect(parseSpiceUri(uri)).toMatchObject({ kind: 'target', target, warnings: [] });
  });

  test('with a path is used without it, and says so', () => {
    expect(parseSpiceUri('spice://vm:5900/console')).toMatchObject({ kind: 'target', warnings: [expect.stringContaining('path')] });
  });

  test.each<[string, RegExp]>([
    ['vnc://vm:5900', /expected spice/],
    ['spice://vm', /neither/],
    ['spice://:5900', /host is missing/],
    ['spice://vm:5900?port=5901', /twice/],
    ['spice://vm?port=5900&port=5901', /twice/],
    ['spice://vm:5900?color=red', /"color" is unknown/],
    ['spice://vm:99999', /not a port/],
    ['spice://vm?tls-port=x', /tls-port=/],
    ['spice://user@vm:5900', /SASL/],
    ['spice://::1:5900', /brackets/],
    ['spice://vm:5900#x', /# part/],
    ['spice://vm:5900?password=%ff', /% escape/],
    [`spice://vm:5900?password=${'x'.repeat(61)}`, /61 bytes/],
    ['spice+tls://vm:5901?tls-port=5902', /after the host only/],
    ['spice+tls://vm', /neither/],
    ['spice+unix://run/vm.sock', /absolute/],
    ['spice+unix:///a%00b', /NUL/],
  ])('%s is refused, and says why', (uri, message) => {
    expect(parseSpiceUri(uri)).toMatchObject({ kind: 'malformed', message: expect.stringMatching(message) });
  });

  test('of a size that nobody writes is refused unread', () => {
    expect(parseSpiceUri(`spice://${'a'.repeat(9000)}:1`)).toMatchObject({ kind: 'malformed', message: expect.stringContaining('longer') });
  });

  test('of any text gives a target or a reason', () => {
    const tail = fc.string({ unit: fc.constantFrom('a', ':', '/', '?', '&', ';', '=', '%', '5', '[', ']', '#', '@', 'port', 'password') });
    fc.assert(fc.property(fc.constantFrom('spice://', 'spice+tls://', 'spice+unix://'), tail, (scheme, rest) => ['target', 'malformed'].includes(parseSpiceUri(scheme + rest).kind)));
  });
});
