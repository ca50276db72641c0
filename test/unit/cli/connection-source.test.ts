import { describe, expect, test } from 'vitest';
import { fail, succeed } from '#app/cli/cli-problem.js';
import { guessSource, readConnectionSource } from '#app/cli/connection-source.js';
import type { SourceOptions } from '#app/cli/connection-source.js';
import type { SourceIo } from '#app/cli/source-io.js';
import { pki } from '../../support/pki.ts';

const VV = '[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntls-port=5901\npassword=p\n';

/** Files in memory; what was done with them is remembered. */
function io(files: Record<string, string>) {
  const deleted: string[] = [];
  const bytes = (text: string) => succeed(new TextEncoder().encode(text));
  const fake: SourceIo = {
    readFile: async (path) => (files[path] === undefined ? fail('source.unreadable', 'sourceInvalid', `no ${path}`) : bytes(files[path])),
    readStdin: async () => bytes(files['-'] ?? ''),
    fetchUrl: async (url) => bytes(files[url] ?? ''),
    deleteFile: async (path) => {
      deleted.push(path);
      return path.startsWith('/readonly') ? 'permission denied' : null;
    },
  };
  return { fake, deleted };
}

const read = async (options: SourceOptions, files: Record<string, string> = {}) => readConnectionSource(options, io(files).fake);

describe('a positional source', () => {
  test.each([
    ['-', 'stdin'],
    ['console.vv', 'file'],
    ['/tmp/console', 'file'],
    ['./console:1', 'file'],
    ['localhost:5900', 'direct'],
    ['[::1]:5900', 'direct'],
    ['spice://vm:5900', 'spice'],
    ['spice+unix:///s', 'spice'],
    ['https://portal.example/console.vv', 'url'],
  ])('%s is taken for %s', (text, kind) => {
    expect(guessSource(text)?.kind).toBe(kind);
  });

  test('that is none of the forms is refused with what would be one', async () => {
    expect(await read({ source: 'doctr' })).toMatchObject({ ok: false, problem: { code: 'source.unclear', exit: 'usage', message: expect.stringContaining('--file') } });
  });
});

describe('a connection source', () => {
  test.each<[string, SourceOptions, Record<string, string>]>([
    ['--file', { file: 'x' }, { x: VV }],
    ['standard input', { file: '-' }, { '-': VV }],
    ['--url', { url: 'https://a/b' }, { 'https://a/b': VV }],
  ])('%s gives the target of the file', async (_, options, files) => {
    expect(await read(options, files)).toMatchObject({ ok: true, value: { target: { host: 'vm.example', port: 5900, tlsPort: 5901, password: 'p' }, notes: [] } });
  });

  test('--direct and addresses need no file', async () => {
    expect(await read({ direct: 'a:1' })).toMatchObject({ ok: true, value: { target: { host: 'a', port: 1 } } });
    expect(await read({ url: 'spice://a:1' })).toMatchObject({ ok: true, value: { target: { host: 'a', port: 1 } } });
  });

  test('a malformed file is refused with its name and line', async () => {
    expect(await read({ file: 'x.vv' }, { 'x.vv': '[virt-viewer]\nnonsense' })).toMatchObject({ ok: false, problem: { code: 'source.vv.malformed', exit: 'sourceInvalid', message: expect.stringContaining('x.vv, line 2') } });
  });

  test('a malformed address is refused, and one that may hold a password is not repeated', async () => {
    expect(await read({ direct: 'a:b' })).toMatchObject({ ok: false, problem: { exit: 'usage', message: expect.stringContaining('"a:b"') } });
    expect(await read({ source: 'spice://vm:5900?password=secret&x=1' })).toMatchObject({ ok: false, problem: { message: expect.not.stringContaining('secret') } });
    expect(await read({ url: 'ftp://a/b' })).toMatchObject({ ok: false, problem: { exit: 'usage' } });
  });

  test('keys that are passed over are named in one line, and warnings have the file and the line', async () => {
    expect(await read({ file: 'x' }, { x: `${VV}fullscreen=1\nzoom-in=x\nfull-screen=1\n` })).toMatchObject({
      value: { notes: [expect.stringMatching(/^x, line 9: "full-screen": .*fullscreen/), 'x: passed over: fullscreen, zoom-in (ryll-actors vv check says why)'] },
    });
  });

  test('of many warnings the first twenty are said', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `foo${index}=1`).join('\n');
    expect(await read({ file: 'x' }, { x: `${VV}${many}\n` })).toMatchObject({ value: { notes: { length: 20 } } });
  });

  test('of many faults the first is said, and how many more there are', async () => {
    expect(await read({ file: 'x' }, { x: '[virt-viewer]\ntype=vnc\nport=x\n' })).toMatchObject({ problem: { message: expect.stringMatching(/^x, line 2: type: .*\(and 1 more: ryll-actors vv check/) } });
  });

  test('a ticket that is over already is judged by the clock that is handed in', async () => {
    const files = { x: `${VV}ticket-valid-until=1700000000\n` };
    expect(await readConnectionSource({ file: 'x' }, io(files).fake, 1_699_999_999_999)).toMatchObject({ value: { target: { ticketValidUntilMs: 1_700_000_000_000 }, notes: [] } });
    expect(await readConnectionSource({ file: 'x' }, io(files).fake, 1_700_000_000_000)).toMatchObject({ value: { target: { ticketValidUntilMs: null }, notes: [expect.stringContaining('over already')] } });
  });

  test('a file that asks to be deleted is deleted once it was understood, and only then', async () => {
    const once = io({ '/a.vv': `${VV}delete-this-file=1\n`, '/bad.vv': `${VV}delete-this-file=1\nport=x\n`, '/readonly.vv': `${VV}delete-this-file=1\n` });
    expect(await readConnectionSource({ file: '/a.vv' }, once.fake)).toMatchObject({ ok: true, value: { target: { singleUse: true }, notes: [expect.stringContaining('was deleted')] } });
    expect(await readConnectionSource({ file: '/bad.vv' }, once.fake)).toMatchObject({ ok: false });
    expect(await readConnectionSource({ file: '/readonly.vv' }, once.fake)).toMatchObject({ ok: true, value: { notes: [expect.stringMatching(/^warning: \/readonly\.vv .*permission denied/)] } });
    expect(once.deleted).toEqual(['/a.vv', '/readonly.vv']);
  });

  test('with --keep-file it stays, and its ticket still works once', async () => {
    const kept = io({ '/a.vv': `${VV}delete-this-file=1\n` });
    expect(await readConnectionSource({ file: '/a.vv', keepFile: true }, kept.fake)).toMatchObject({ ok: true, value: { target: { singleUse: true }, notes: [expect.stringContaining('--keep-file')] } });
    expect(kept.deleted).toEqual([]);
  });

  test('--ca-file and --host-subject replace what the file says', async () => {
    const files = { 'x.vv': `${VV}ca=${pki.otherCa.replaceAll('\n', '\\n')}\nhost-subject=CN=a\n`, 'ca.pem': pki.ca };
    expect(await read({ file: 'x.vv', caFile: 'ca.pem', hostSubject: 'CN=b' }, files)).toMatchObject({ ok: true, value: { target: { caPem: pki.ca, hostSubject: 'CN=b' } } });
  });

  test('a CA or subject that cannot be used is refused before anything is dialled', async () => {
    expect(await read({ direct: 'a:1:2', caFile: 'ca.pem' }, { 'ca.pem': 'x' })).toMatchObject({ ok: false, problem: { code: 'source.ca.malformed' } });
    expect(await read({ direct: 'a:1:2', caFile: 'absent' })).toMatchObject({ ok: false, problem: { code: 'source.unreadable' } });
    expect(await read({ direct: 'a:1:2', hostSubject: 'x' })).toMatchObject({ ok: false, problem: { exit: 'usage', message: expect.stringContaining('column 1') } });
  });

  test('trust without a TLS port is pointed out', async () => {
    expect(await read({ direct: 'a:1', hostSubject: 'CN=x' })).toMatchObject({ ok: true, value: { notes: [expect.stringContaining('no TLS port')] } });
    // Unless it is for an https proxy's certificate.
    expect(await read({ direct: 'a:1', caFile: 'ca.pem' }, { 'ca.pem': pki.ca })).toMatchObject({ ok: true, value: { notes: [expect.stringContaining('no TLS port')] } });
    expect(await read({ direct: 'a:1', caFile: 'ca.pem', proxy: 'https://p' }, { 'ca.pem': pki.ca })).toMatchObject({ ok: true, value: { notes: [] } });
  });
});
