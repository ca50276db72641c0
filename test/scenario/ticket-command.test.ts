// The ticket command as a real program in a real shell: what it prints becomes a ticket or a connection, and every way to fail a sentence.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionTarget } from '#app/cli/connection-target.js';
import { reconnectOptions } from '#app/cli/connection-renewal.js';
import { askTicketCommand } from '#app/cli/ticket-command.js';
import { until } from '../support/until.ts';

const target = connectionTarget({ host: '127.0.0.1', port: 5900, title: 'my vm' });
const ask = (command: string, msMax?: number, signal: AbortSignal = new AbortController().signal) => askTicketCommand(command, { attempt: 2, target, signal }, msMax);
const vv = '[virt-viewer]\\ntype=spice\\nhost=127.0.0.1\\nport=5901\\npassword=fresh\\ndelete-this-file=1\\n';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ticket-command-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the first line is the ticket', async () => {
  expect(await ask('echo secret; echo more')).toEqual({ ok: true, value: { kind: 'password', password: 'secret' } });
});

test('a connection file is a connection', async () => {
  expect(await ask(`printf '${vv}'`)).toMatchObject({ ok: true, value: { kind: 'target', target: { port: 5901, password: 'fresh', singleUse: true } } });
});

test('the attempt and the target are in its environment', async () => {
  expect(await ask('echo "$RYLL_ATTEMPT $RYLL_TARGET $RYLL_HOST $RYLL_PORT $RYLL_TLS_PORT."')).toMatchObject({ value: { password: '2 my vm (127.0.0.1:5900) 127.0.0.1 5900 .' } });
});

test.each([
  ['echo first >&2; echo "no such machine" >&2; exit 3', /^the ticket command failed: no such machine$/],
  ['exit 3', /^the ticket command ended with code 3$/],
  ['kill -9 $$', /^the ticket command was ended by SIGKILL$/],
  ['true', /^the ticket command printed neither a connection file nor a ticket$/],
  ['/no/such/program-at-all 2>/dev/null', /^the ticket command ended with code 127$/],
  ['head -c 61 /dev/zero | tr "\\0" a', /^the ticket command printed a ticket that cannot be used: it is 61 bytes long/],
  ['echo "[virt-viewer]"; echo type=vnc', /^the ticket command printed a connection file that cannot be used, line 2: type/],
  ['cat /dev/zero', /^the ticket command printed more than \d+ KiB$/],
])('%s', async (command, message) => {
  expect(await ask(command)).toMatchObject({ ok: false, problem: { code: 'ticketCommand.failed', message: expect.stringMatching(message) } });
});

test('one that does not end is ended at its deadline, with all that it started', async () => {
  const pidFile = join(folder, 'pid');
  expect(await ask(`sleep 600 & echo $! > ${pidFile}; wait`, 300)).toMatchObject({ ok: false, problem: { message: 'the ticket command did not end within 0.3 s' } });
  const pid = Number(await readFile(pidFile, 'utf8'));
  await until('the child of the shell is gone', () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
});

test('one that nobody waits for any more is ended', async () => {
  const controller = new AbortController();
  const asked = ask('sleep 600', undefined, controller.signal);
  controller.abort();
  expect(await asked).toMatchObject({ ok: false });
});

test('what it brings is dialled: a ticket on the target that there is, a connection file with what was given on the command line laid over it', async () => {
  const first = { target: connectionTarget({ host: '127.0.0.1', port: 5900, ticketValidUntilMs: 5, hostSubject: 'CN=a' }), endpoints: [], password: 'old' };
  const renewed = async (ticketCommand: string | undefined) => {
    const options = reconnectOptions({ reconnect: true, retryInitial: false, ticketCommand, hostSubject: 'CN=a' }, first, false);
    return options?.renew?.({ attempt: 1, target: first.target, signal: new AbortController().signal });
  };
  const at = (port: number) => [{ plain: { transport: 'tcp', address: '127.0.0.1', port, tls: null }, secure: null }];
  expect(await renewed('echo new')).toMatchObject({ value: { password: 'new', endpoints: at(5900), target: { ticketValidUntilMs: null } } });
  expect(await renewed(`printf '${vv}'`)).toMatchObject({ value: { password: 'fresh', endpoints: at(5901), target: { hostSubject: 'CN=a', singleUse: true } } });
  expect(await renewed(undefined)).toMatchObject({ value: { password: 'old', endpoints: at(5900), target: { ticketValidUntilMs: 5 } } });
  expect(await renewed('exit 1')).toMatchObject({ ok: false });
});
