// Ways to reach a real QEMU, right and wrong: each ends in a session, or in an exit code of its own and a sentence that names
// cause and next step. Exit codes are those of docs/exit-codes.md.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkedChannels, qmp } from './support/qmp.ts';
import { directOf, scratchFolder, startServer, withServer, type Server } from './support/servers.ts';
import { runSession, startSession, type Ended } from './support/session.ts';
import { until } from './support/still.ts';
import { strangerCa, writeVv } from './support/vv-file.ts';

const EXIT = { ok: 0, connectFailed: 4, tlsFailed: 5, authFailed: 6, linkRefused: 7, interrupted: 130 } as const;

const passwordFile = (password: string): string => {
  const path = join(scratchFolder('password'), 'ticket');
  writeFileSync(path, `${password}\n`, { mode: 0o600 });
  return path;
};

const expectSession = (ended: Ended, code: number = EXIT.ok): void => {
  expect({ code: ended.code, stderr: ended.stderr, timedOut: ended.timedOut }).toMatchObject({ code, timedOut: false });
  const stats = ended.stats();
  expect(stats.connected).toBe(true);
  expect(stats.channels.map(({ channel }) => channel)).toEqual(expect.arrayContaining(['main/0', 'display/0', 'inputs/0', 'cursor/0']));
};

/** It ended by itself, soon, with this code, and said why in words: no stack, no object. */
const expectRefusal = (ended: Ended, code: number, ...sentence: readonly RegExp[]): void => {
  expect({ code: ended.code, timedOut: ended.timedOut }).toEqual({ code, timedOut: false });
  for (const words of sentence) expect(ended.stderr + ended.stdout).toMatch(words);
  expect(ended.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(ended.stderr).not.toContain('[object Object]');
};

test('plain', async () => {
  await withServer('qemu-bios', {}, async (server) => {
    expectSession(await runSession({ source: ['--direct', directOf(server)] }));
    expectSession(await runSession({ source: [`spice://${directOf(server)}`] }));
  });
});

test('unix socket', async () => {
  await withServer('qemu-bios', { UNIX: '1' }, async (server) => {
    expectSession(await runSession({ source: [`spice+unix://${server.get('SPICE_UNIX')}`] }));
  });
});

describe('ticket', () => {
  let server: Server;
  beforeAll(async () => { server = await startServer('qemu-bios', { AUTH: 'password' }); });
  afterAll(async () => server.stop());
  const withTicket = async (...more: string[]): Promise<Ended> => runSession({ source: ['--direct', directOf(server)], more });

  test('right: a session', async () => {
    expectSession(await withTicket('--password-file', passwordFile('secret')));
  });

  test('right, from the environment: a session', async () => {
    expectSession(await runSession({ source: ['--direct', directOf(server)], env: { RYLL_PASSWORD: 'secret' } }));
  });

  test('wrong: refused, and the sentence says what to look at', async () => {
    expectRefusal(await withTicket('--password-file', passwordFile('not the secret')), EXIT.authFailed, /password/i);
  });

  test('missing: refused, and the sentence says how to give one', async () => {
    expectRefusal(await withTicket(), EXIT.authFailed, /--password-file/);
  });

  test('expired: refused like a wrong one', async () => {
    await qmp(server, 'set_password', { protocol: 'spice', password: 'short lived' });
    await qmp(server, 'expire_password', { protocol: 'spice', time: 'now' });
    expectRefusal(await withTicket('--password-file', passwordFile('short lived')), EXIT.authFailed, /password|expired/i);
  });
});

describe('TLS', () => {
  let server: Server;
  beforeAll(async () => { server = await startServer('qemu-bios', { TLS: 'only' }); });
  afterAll(async () => server.stop());

  test('right CA: a session, every channel encrypted', async () => {
    const session = startSession({ source: ['--file', writeVv(server)] });
    const channels = await until('four channels are linked', 20_000, async () => {
      const linked = await linkedChannels(server);
      return linked.length >= 4 ? linked : null;
    });
    expect(channels.every(({ tls }) => tls)).toBe(true);
    expectSession(await session.end(), EXIT.interrupted);
  });

  test('right CA and subject as options: a session', async () => {
    const source = ['--direct', `${server.get('SPICE_HOST')}::${server.get('SPICE_TLS_PORT')}`, '--ca-file', server.get('SPICE_CA'), '--host-subject', 'O=lab,CN=127.0.0.1'];
    expectSession(await runSession({ source }));
  });

  test('wrong CA: refused, and the sentence names the certificate', async () => {
    expectRefusal(await runSession({ source: ['--file', writeVv(server, { caPath: await strangerCa() })] }), EXIT.tlsFailed, /certificate/i);
  });

  test('no CA: the system\'s roots do not know the server', async () => {
    expectRefusal(await runSession({ source: ['--file', writeVv(server, { caPath: null })] }), EXIT.tlsFailed, /certificate/i);
  });

  test('right subject: a session', async () => {
    expectSession(await runSession({ source: ['--file', writeVv(server, { keys: { 'host-subject': 'O=lab,CN=127.0.0.1' } })] }));
  });

  test('wrong subject: refused, and the sentence has both subjects', async () => {
    const ended = await runSession({ source: ['--file', writeVv(server, { keys: { 'host-subject': 'O=lab,CN=another.host' } })] });
    expectRefusal(ended, EXIT.tlsFailed, /another\.host/, /127\.0\.0\.1/);
  });
});

describe('a server that refuses channels on the plain port (NEED_SECURED)', () => {
  let server: Server;
  beforeAll(async () => { server = await startServer('qemu-bios', { TLS: '1', TLS_CHANNELS: 'main inputs' }); });
  afterAll(async () => server.stop());

  test('is reached on its TLS port', async () => {
    const session = startSession({ source: ['--file', writeVv(server, { plainPort: true })] });
    const channels = await until('four channels are linked', 20_000, async () => {
      const linked = await linkedChannels(server);
      return linked.length >= 4 ? linked : null;
    });
    // 1 main, 3 inputs
    expect(channels.filter((channel) => [1, 3].includes(channel['channel-type'])).every(({ tls }) => tls)).toBe(true);
    expectSession(await session.end(), EXIT.interrupted);
  });

  test('and without a TLS port to go to, the sentence says so', async () => {
    expectRefusal(await runSession({ source: ['--direct', directOf(server)] }), EXIT.linkRefused, /TLS/);
  });
});

test('nobody listens: refused, and the sentence names the address', async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
  expectRefusal(await runSession({ source: ['--direct', `127.0.0.1:${port}`] }), EXIT.connectFailed, new RegExp(`127\\.0\\.0\\.1:${port}`));
});
