import { describe, expect, test } from 'vitest';
import { fail, succeed } from '#app/cli/cli-problem.js';
import type { SourceIo } from '#app/cli/source-io.js';
import { vvCheckCommand } from '#app/cli/vv-command.js';

const NOW_MS = 1_700_000_000_000;
const SECRETS = ['hunter2', 'pvespiceproxy:66', 'sso-hunter', 'proxy-hunter'];
const FILE = [
  '[virt-viewer]', 'type=spice', 'host=pvespiceproxy:66', 'tls-port=61000', 'password=hunter2', 'proxy=http://bob:proxy-hunter@p.example:3128', 'title=VM 1\u202e', 'fullscreen=1',
  'delete-this-file=1', 'ticket-valid-until=1900000000', 'host-subject=CN=a', 'disable-channels=record', 'secure-channels=all', 'passwrd=hunter2', '[ovirt]', 'sso-token=sso-hunter',
].join('\n');

async function check(text: string | null, json = false, path = 'a.vv') {
  const bytes = text === null ? fail('source.unreadable', 'sourceInvalid', 'there is none') : succeed(new TextEncoder().encode(text));
  const touched: string[] = [];
  const io: SourceIo = {
    readFile: async () => bytes,
    readStdin: async () => bytes,
    fetchUrl: async () => bytes,
    deleteFile: async (name) => {
      touched.push(name);
      return null;
    },
  };
  let out = '';
  let error = '';
  const exit = await vvCheckCommand({ file: path, json }, io, { out: (more) => (out += more), error: (more) => (error += more) }, NOW_MS);
  return { exit, out, error, touched };
}

describe('vv check', () => {
  test('says where a file leads, what warns, and what each key does', async () => {
    const { exit, out } = await check(FILE);
    expect(exit).toBe('ok');
    expect(out.split('\n').slice(0, 9)).toEqual([
      'a.vv: usable',
      '  connects to  a host that is not shown, because it may be a ticket, TLS port 61000',
      '  through      the HTTP proxy p.example:3128, with the user name in the file',
      '  title        VM 1',
      '  ticket       in the file, works once: no reconnect, and connect deletes the file, until 2030-03-17 17:46:40 UTC',
      "  trust        the system's roots, subject CN=a",
      '  TLS at once  all',
      '  not opened   record',
      '',
    ]);
    expect(out).toMatch(/\n\nWarnings:\n {2}line 7: title: .*\n {2}line 14: "passwrd": .* did you mean password\?\n\nHonoured:\n/);
    expect(out).toMatch(/\nUnderstood and ignored:\n {2}line 8 {3}fullscreen +=? 1\n +a terminal has no window/);
    expect(out).toMatch(/\nNot known:\n {2}line 14 {2}passwrd\n/);
  });

  test('shows no password, ticket or token, in neither form, and nothing that turns text around', async () => {
    const shown = (await check(FILE)).out + (await check(FILE, true)).out;
    expect(SECRETS.filter((secret) => shown.includes(secret))).toEqual([]);
    expect(shown).not.toMatch(/\p{Bidi_Control}/u);
  });

  test('leaves the file where it is, whatever it asks for', async () => {
    expect((await check(FILE)).touched).toEqual([]);
  });

  test('as JSON says the same, with lines as numbers', async () => {
    const document: unknown = JSON.parse((await check(FILE, true)).out);
    expect(document).toMatchObject({
      file: 'a.vv', usable: true, errors: [], warnings: [{ line: 7 }, { line: 14 }],
      connectsTo: {
        title: 'VM 1', host: null, port: null, tlsPort: 61_000, unixPath: null, proxy: { kind: 'http', host: 'p.example', port: 3128, credentials: true }, secureChannels: ['all'],
        disableChannels: ['record'], ticket: { given: true, singleUse: true, validUntil: '2030-03-17T17:46:40.000Z' }, trust: { ca: 'system', hostSubject: 'CN=a' },
      },
    });
  });

  test('of a file that is not usable names every error and ends with 3', async () => {
    const { exit, out } = await check('[virt-viewer]\ntype=vnc\nport=x\nfullscreen=2\n', false, '-');
    expect(exit).toBe('sourceInvalid');
    expect(out).toMatch(/^standard input: not usable\n\nErrors:\n {2}line 2: type: .*\n {2}line 3: port: .*\n\nWarnings:\n {2}line 4: fullscreen: /);
    expect(JSON.parse((await check('nonsense', true)).out)).toMatchObject({ usable: false, connectsTo: null, errors: [{ line: 1 }], keys: [] });
  });

  test('of a file that cannot be read says why, on the error output', async () => {
    expect(await check(null)).toMatchObject({ exit: 'sourceInvalid', out: '', error: 'ryll-actors: there is none [source.unreadable]\n' });
  });

  test('of a plain file names the host, the ports and the roots', async () => {
    const { out } = await check('[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntls-port=5901\n');
    expect(out).toContain('  connects to  vm.example, port 5900, TLS port 5901\n');
    expect(out).toContain("the system's roots, for the host name");
    expect((await check('[virt-viewer]\ntype=spice\nunix-path=/run/a\n')).out).toContain('  connects to  the socket /run/a\n');
  });
});
