import { describe, expect, test } from 'vitest';
import { parseVvFile } from '#app/cli/vv-file.js';
import { pki } from '../../support/pki.ts';

const NOW_MS = 1_700_000_000_000;
const parseText = (text: string) => parseVvFile(new TextEncoder().encode(text), NOW_MS);
const parse = (...lines: string[]) => parseText(['[virt-viewer]', ...lines].join('\n'));
const SPICE = ['type=spice', 'host=vm.example', 'port=5900'];
const escaped = (pem: string): string => pem.replaceAll('\n', '\\n');
const targetOf = (...lines: string[]) => {
  const file = parse(...lines);
  if (file.kind === 'unusable') throw new Error(file.faults[0].message);
  return file.target;
};

describe('a connection file', () => {
  test('with every key that makes a target is read whole', () => {
    expect(
      parse(
        'type=spice', 'host=vm.example', 'port=5900', 'tls-port=5901', 'password=a;b#c', `ca=${escaped(pki.ca)}`,
        'host-subject=C=DE,O=Example\\\\, Inc,CN=vm', 'secure-channels=main;inputs;', 'disable-channels=webdav;', 'title=My VM',
        'delete-this-file=1', 'ticket-valid-until=1700000001', 'enable-usbredir=0', 'enable-smartcard=0', 'proxy=socks5://a:b@p.example',
      ),
    ).toMatchObject({
      kind: 'usable',
      target: {
        host: 'vm.example', port: 5900, tlsPort: 5901, unixPath: null, password: 'a;b#c', caPem: pki.ca, hostSubject: 'C=DE,O=Example\\, Inc,CN=vm',
        secureChannels: ['main', 'inputs'], disableChannels: ['webdav', 'smartcard', 'usbredir'], title: 'My VM', label: 'My VM (behind the SOCKS5 proxy p.example:1080)',
        singleUse: true, ticketValidUntilMs: 1_700_000_001_000, proxy: { kind: 'socks5', host: 'p.example', port: 1080, username: 'a', password: 'b' },
      },
      warnings: [],
    });
  });

  test.each<[string, string[], Record<string, unknown>]>([
    ['only a TLS port', ['type=spice', 'host=a', 'tls-port=5901', 'port=-1'], { port: null, tlsPort: 5901, label: 'a:5901 (TLS)' }],
    ['an IPv6 host in brackets', ['type=spice', 'host=[::1]', 'port=5900'], { host: '::1', label: '[::1]:5900' }],
    ['a proxy', [...SPICE, 'proxy=https://me:p%40ss@proxy.example'], { proxy: { kind: 'https', host: 'proxy.example', port: 3129, username: 'me', password: 'p@ss' } }],
    ['a unix socket', ['type=spice', 'unix-path=/run/vm.sock'], { host: null, unixPath: '/run/vm.sock', label: '/run/vm.sock' }],
    ['None and nothing, as portals write what they do not have', [...SPICE, 'password=None', 'tls-port=', 'ca=none', 'secure-channels=', 'proxy=', 'title='], { password: null, tlsPort: null, caPem: null, secureChannels: [], proxy: null, title: null }],
    ['all channels over TLS', [...SPICE, 'tls-port=5901', 'secure-channels=all'], { secureChannels: ['all'] }],
    ['a type in capitals', ['type=SPICE', 'host=a', 'port=1'], { host: 'a' }],
    ['a title and no proxy', [...SPICE, 'title=My VM'], { title: 'My VM', label: 'My VM (vm.example:5900)' }],
    ['a title that counts windows', [...SPICE, 'title=My VM:%d - more'], { title: 'My VM - more' }],
    ['a proxy and no title', [...SPICE, 'host=ticket', 'proxy=http://p.example:8080'], { label: 'a server behind the HTTP proxy p.example:8080' }],
    ['switches that are on', [...SPICE, 'enable-usbredir=1', 'enable-smartcard=1'], { disableChannels: [] }],
  ])('with %s is read', (_, lines, expected) => {
    expect(targetOf(...lines)).toMatchObject(expected);
  });

  test.each<[string[], number, RegExp]>([
    [['host=a', 'port=1'], 0, /no type/],
    [['type=vnc', 'host=a'], 2, /^type: a VNC console.*SPICE only/],
    [['type=ovirt', 'host=a'], 2, /not to "ovirt"/],
    [['type=spice', 'port=5900'], 0, /no host/],
    [['type=spice', 'host=a b', 'port=1'], 3, /host/],
    [['type=spice', 'host=vm:5900', 'port=1'], 3, /IPv6/],
    [['type=spice', 'host=-a', 'port=1'], 3, /host name/],
    [['type=spice', 'host=a'], 0, /neither port nor tls-port/],
    [['type=spice', 'host=a', 'port=65536'], 4, /port/],
    [['type=spice', 'host=a', 'port=59OO'], 4, /port/],
    [[...SPICE, 'unix-path=/s'], 5, /excludes/],
    [['type=spice', 'unix-path=/s', 'proxy=http://p'], 3, /excludes/],
    [[...SPICE, `password=${'x'.repeat(61)}`], 5, /61 bytes/],
    [[...SPICE, `password=${'ü'.repeat(31)}`], 5, /62 bytes/],
    [[...SPICE, 'ca=/etc/ca.pem'], 5, /PEM/],
    [[...SPICE, 'ca=-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----'], 5, /certificate 1 of 1/],
    [[...SPICE, 'host-subject=vm'], 5, /column 1/],
    [[...SPICE, 'host-subject=O=a\\, b'], 5, /escape/],
    [[...SPICE, 'tls-port=1', 'secure-channels=main;displya'], 6, /"displya".*did you mean "display"/],
    [[...SPICE, 'secure-channels=main'], 5, /no tls-port/],
    [[...SPICE, 'proxy=gopher://me:hush@p:3128'], 5, /proxy: gopher:\/\/ proxies are not supported; known are http, https and socks5$/],
  ])('%j is refused at line %i', (lines, line, message) => {
    expect(parse(...lines)).toMatchObject({ kind: 'unusable', faults: [{ line, message: expect.stringMatching(message) }] });
  });

  test('names all of its faults, the first line first', () => {
    expect(parse('port=x', 'type=vnc', 'tls-port=-5')).toMatchObject({ kind: 'unusable', faults: [{ line: 2 }, { line: 3 }, { line: 4 }] });
    expect(parse('unix-path=/s', 'host=a')).toMatchObject({ kind: 'unusable', faults: [{ line: 2 }, { line: 0, message: expect.stringContaining('no type') }] });
  });

  test('of another kind is refused, and a group that was meant to be the right one is pointed out', () => {
    expect(parseText('[other]\na=b\n')).toMatchObject({ kind: 'unusable', faults: [{ line: 0, message: 'no [virt-viewer] group: not a connection file' }] });
    expect(parseText('[virt_viewer]\na=b\n')).toMatchObject({ faults: [{ message: expect.stringContaining('is [virt_viewer] meant') }] });
  });

  test('never repeats a piece of a malformed proxy, which may be its password', () => {
    expect(JSON.stringify(parse(...SPICE, 'proxy=http://bob:hunter2'))).not.toContain('hunter2');
  });

  test.each<[string, RegExp, Record<string, unknown>]>([
    ['ticket-valid-until=soon', /not a time in unix seconds/, { ticketValidUntilMs: null }],
    ['ticket-valid-until=-1', /not a time in unix seconds/, { ticketValidUntilMs: null }],
    ['ticket-valid-until=99999999999999999999', /beyond every calendar/, { ticketValidUntilMs: null }],
    ['ticket-valid-until=1700000000', /over already at 2023-11-14 22:13:20 UTC/, { ticketValidUntilMs: null }],
    ['delete-this-file=yes', /neither 0 nor 1/, { singleUse: false }],
    ['delete-this-file=2', /neither 0 nor 1/, { singleUse: false }],
    ['disable-channels=usbredri;record', /"usbredri" is not a channel name; did you mean "usbredir"/, { disableChannels: ['record'] }],
    ['title=a\\tb\u202ec', /control characters/, { title: 'a b c' }],
    ['title=\\x', /escape/, { title: null }],
    ['color-depth=many', /not a number/, {}],
    ['release-cursor=ctrl + alt', /not a hotkey/, {}],
    ['newer-version-url=javascript:x', /http/, {}],
    ['versions=rhel9', /system:version/, {}],
    ['version=new', /not a version/, {}],
    ['version=12.0', /asks for virt-viewer 12\.0 or newer.*connects all the same/, {}],
    ['versions=rhel9:12.0-1;win:99', /12\.0-1 on rhel9, 99 on win/, {}],
    ['full-screen=1', /did you mean fullscreen/, {}],
    ['Title=a', /did you mean title/, { title: null }],
    [';title=a', /a comment starts with #/, { title: null }],
    ['title[de]=a', /translation/, { title: null }],
    ['port=5901', /given in line 4, too/, { port: 5901 }],
  ])('with %j is used, and the warning has its line', (line, message, target) => {
    expect(parse(...SPICE, line)).toMatchObject({ kind: 'usable', target, warnings: [{ line: 5, message: expect.stringMatching(message) }] });
  });

  test('that asks for no newer viewer, or not on every system, has no warning; the issuer’s address stands in the one that it has', () => {
    expect(parse(...SPICE, 'version=11.0-99', 'versions=rhel7:99.0-1;rhel9:2.0-160')).toMatchObject({ warnings: [] });
    expect(parse(...SPICE, 'newer-version-url=https://a.example/b', 'version=11.1')).toMatchObject({ warnings: [{ line: 6, message: expect.stringContaining('points to https://a.example/b') }] });
  });

  test('has a finding for every key, in the order of the file: what it does, why it does nothing, or that nobody knows it', () => {
    const { keys } = parseText(`[virt-viewer]\n${SPICE.join('\n')}\nfullscreen=1\nx-portal=1\nfoo=2\n[ovirt]\nsso-token=t\n[x-extra]\na=b\n`);
    expect(keys.map(({ group, key, line, use, shown }) => [group, key, line, use, shown])).toEqual([
      ['virt-viewer', 'type', 2, 'honoured', 'spice'],
      ['virt-viewer', 'host', 3, 'honoured', 'vm.example'],
      ['virt-viewer', 'port', 4, 'honoured', '5900'],
      ['virt-viewer', 'fullscreen', 5, 'ignored', '1'],
      ['virt-viewer', 'x-portal', 6, 'extension', null],
      ['virt-viewer', 'foo', 7, 'unknown', null],
      ['ovirt', 'sso-token', 9, 'ignored', null],
      ['x-extra', 'a', 11, 'unknown', null],
    ]);
  });
});

test('values that an expression could stumble over are judged at once, up to the largest file', () => {
  // Each of them was quadratic once, or easily could be: minutes, not milliseconds.
  const long = (unit: string): string => unit.repeat(Math.floor(1_000_000 / unit.length));
  for (const line of [`ca=${long('-----BEGIN CERTIFICATE-----')}`, `title=${long(':')}`, `title=${long(': ')}x`, `proxy=${long('a:')}@`, `secure-channels=${long('a;')}`, `versions=${long('a:1;')}`, `host-subject=${long('a=b,')}`, `release-cursor=${long('a+')}`, `${long('k')}=1`]) {
    expect(parse(...SPICE, line).kind).toBeDefined();
  }
});
