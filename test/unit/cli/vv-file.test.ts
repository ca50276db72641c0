import { describe, expect, test } from 'vitest';
import { parseVvFile } from '#app/cli/vv-file.js';
import { pki } from '../../support/pki.ts';

const parse = (...lines: string[]) => parseVvFile(new TextEncoder().encode(['[virt-viewer]', ...lines].join('\n')));
const SPICE = ['type=spice', 'host=vm.example', 'port=5900'];
const escaped = (pem: string): string => pem.replaceAll('\n', '\\n');

describe('a connection file', () => {
  test('with every key that is honoured is read whole', () => {
    expect(
      parse(
        'type=spice', 'host=vm.example', 'port=5900', 'tls-port=5901', 'password=a;b#c', `ca=${escaped(pki.ca)}`,
        'host-subject=C=DE,O=Example\\\\, Inc,CN=vm', 'secure-channels=main;inputs;', 'disable-channels=usbredir;', 'title=My VM',
        'delete-this-file=1', 'ticket-valid-until=1700000000', 'fullscreen=0', 'x-note=y',
      ),
    ).toEqual({
      kind: 'vv',
      target: {
        host: 'vm.example', port: 5900, tlsPort: 5901, unixPath: null, password: 'a;b#c', caPem: pki.ca, hostSubject: 'C=DE,O=Example\\, Inc,CN=vm',
        secureChannels: ['main', 'inputs'], disableChannels: ['usbredir'], title: 'My VM', label: 'My VM', singleUse: true, ticketValidUntilMs: 1_700_000_000_000, proxy: null,
      },
      ignoredKeys: ['fullscreen', 'x-note'],
      warnings: [],
    });
  });

  test.each<[string, string[], Record<string, unknown>]>([
    ['only a TLS port', ['type=spice', 'host=a', 'tls-port=5901', 'port=-1'], { port: null, tlsPort: 5901, label: 'a:5901 (TLS)' }],
    ['an IPv6 host in brackets', ['type=spice', 'host=[::1]', 'port=5900'], { host: '::1', label: '[::1]:5900' }],
    ['a unix socket', ['type=spice', 'unix-path=/run/vm.sock'], { host: null, unixPath: '/run/vm.sock', label: '/run/vm.sock' }],
    ['None and nothing, as portals write what they do not have', [...SPICE, 'password=None', 'tls-port=', 'ca=none', 'secure-channels='], { password: null, tlsPort: null, caPem: null, secureChannels: [] }],
    ['all channels over TLS', [...SPICE, 'tls-port=5901', 'secure-channels=all'], { secureChannels: ['all'] }],
  ])('with %s is read', (_, lines, expected) => {
    expect(parse(...lines)).toMatchObject({ kind: 'vv', target: expected });
  });

  test.each<[string[], number, RegExp]>([
    [['host=a', 'port=1'], 0, /no type/],
    [['type=vnc', 'host=a'], 2, /not to "vnc"/],
    [['type=spice', 'port=5900'], 0, /no host/],
    [['type=spice', 'host=a b', 'port=1'], 3, /host/],
    [['type=spice', 'host=a'], 0, /neither port nor tls-port/],
    [['type=spice', 'host=a', 'port=65536'], 4, /port/],
    [['type=spice', 'host=a', 'port=59OO'], 4, /port/],
    [[...SPICE, 'unix-path=/s'], 5, /excludes/],
    [[...SPICE, `password=${'x'.repeat(61)}`], 5, /61 bytes/],
    [[...SPICE, `password=${'ü'.repeat(31)}`], 5, /62 bytes/],
    [[...SPICE, 'ca=/etc/ca.pem'], 5, /PEM/],
    [[...SPICE, 'ca=-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----'], 5, /certificate 1 of 1/],
    [[...SPICE, 'host-subject=vm'], 5, /column 1/],
    [[...SPICE, 'host-subject=O=a\\, b'], 5, /escape/],
    [[...SPICE, 'tls-port=1', 'secure-channels=main;displya'], 6, /"displya"/],
    [[...SPICE, 'secure-channels=main'], 5, /no tls-port/],
    [[...SPICE, 'proxy=http://p:3128'], 5, /proxy/],
  ])('%j is refused at line %i', (lines, line, message) => {
    expect(parse(...lines)).toMatchObject({ kind: 'malformed', line, message: expect.stringMatching(message) });
  });

  test('of another kind is refused', () => {
    expect(parseVvFile(new TextEncoder().encode('[other]\na=b\n'))).toMatchObject({ kind: 'malformed', message: expect.stringContaining('[virt-viewer]') });
  });

  test('whose hints make no sense is used without them, and says so', () => {
    expect(parse(...SPICE, 'ticket-valid-until=soon', 'delete-this-file=yes')).toMatchObject({
      kind: 'vv',
      target: { ticketValidUntilMs: null, singleUse: false },
      warnings: expect.arrayContaining([expect.stringContaining('line 5'), expect.stringContaining('line 6')]),
    });
  });
});
