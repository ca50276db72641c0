// A real QEMU is killed under a live session and started again at the same port: the session comes back by itself with the new server's
// picture, pixel for pixel, or ends with what was tried. With a ticket that works once, or has expired, nothing is dialled, as counted by
// a proxy in between.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ChannelProxy } from '../support/channel-proxy.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, linkedChannels, qmp, screendump, stopGuest } from './support/qmp.ts';
import { scratchFolder, startServer, withServer, type Server } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession, type Stats } from './support/session.ts';
import { awaitRest, until } from './support/still.ts';
import { openTerminal } from './support/terminal.ts';

const LINK_MS = 20_000;
const MAIN_LOST = 8;

interface Notification { readonly severity: string; readonly source: unknown; readonly message: string; readonly count: number }
interface ReconnectStats extends Stats {
  readonly server_name: string | null;
  readonly reconnect: { readonly state: string; readonly variant: string | null; readonly auto_reconnect_count: number };
  readonly ticket: { readonly single_use: boolean } | null;
  readonly notifications: readonly Notification[];
}

const statsOf = (stats: Stats): ReconnectStats => stats as ReconnectStats;
/** By the session itself: the server's own words are not about the connection. */
const said = (stats: Stats): string[] => statsOf(stats).notifications.flatMap(({ severity, source, message }) => (typeof source === 'string' ? [`${severity} ${source} ${message}`] : []));
const allLinked = (server: Server) => until('four channels are linked', LINK_MS, async () => ((await linkedChannels(server)).length >= 4 ? true : null));
const kill = async (server: Server): Promise<void> => {
  process.kill(Number(server.get('SPICE_PID')), 'SIGKILL');
  await server.stop();
};

/** A connection file; returns its path. */
function vvFile(port: number, ...more: readonly string[]): string {
  const path = join(scratchFolder('vv'), 'console.vv');
  writeFileSync(path, ['[virt-viewer]', 'type=spice', 'host=127.0.0.1', `port=${port}`, ...more, ''].join('\n'));
  return path;
}

describe('QEMU is killed under a live session', () => {
  test.each([[3, 2], [10, 3]])('and is there again after %i s: attempt %i brings the session back, and its picture is the new server’s', async (seconds, attempts) => {
    const first = await startServer('qemu-bios', {});
    const port = first.get('SPICE_PORT');
    const session = startSession({ source: ['--direct', `127.0.0.1:${port}`], screenshot: true, capture: true });
    await allLinked(first);
    await kill(first);
    await pause(seconds * 1_000);
    await withServer('qemu-bios', { PORT: port }, async (second) => {
      await until('the session is back', 40_000, async () => ((await linkedChannels(second)).length >= 4 ? true : null));
      await awaitRest(second);
      await stopGuest(second);
      await flushDrawing(second);
      const ended = await session.end();
      const truth = await screendump(second);
      expect(colourCount(truth)).toBeGreaterThan(1);
      expect(comparePixels(ended.screenshot(), truth)).toMatchObject({ equal: true, differing: 0 });
      expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: INTERRUPTED, stderr: '' });
      const stats = ended.stats();
      expect(statsOf(stats).reconnect).toMatchObject({ state: 'idle', auto_reconnect_count: attempts });
      expect(['main/0', 'display/0', 'inputs/0', 'cursor/0'].map((channel) => channelOf(stats, channel)).map(({ generation, gaps }) => [generation, gaps])).toEqual([
        [attempts + 1, {}], [2, {}], [2, {}], [2, {}],
      ]);
      expect(said(stats).filter((line) => /attempt \d/.test(line))).toEqual(
        Array.from({ length: attempts }, (_, index) => index + 1).flatMap((attempt) => [
          `Info Connection Reconnect attempt ${attempt}/3…`,
          ...(attempt === attempts ? [] : [`Warn Connection Reconnect attempt ${attempt} failed: refused: connect ECONNREFUSED 127.0.0.1:${port}`]),
        ]),
      );
    });
  });

  test('and never comes back: three attempts, each with its failure, then the end with exit code 8', async () => {
    const server = await startServer('qemu-bios', {});
    const port = server.get('SPICE_PORT');
    const session = startSession({ source: ['--direct', `127.0.0.1:${port}`] });
    await allLinked(server);
    const killedMs = Date.now();
    await kill(server);
    const ended = await session.ended;
    expect(Date.now() - killedMs).toBeGreaterThan(18_000);
    expect(ended.code).toBe(MAIN_LOST);
    const refused = `refused: connect ECONNREFUSED 127.0.0.1:${port}`;
    expect(said(ended.stats())).toEqual([
      `Info Connection Connected to 127.0.0.1:${port}`,
      'Warn Connection Connection lost — reconnecting…',
      ...[1, 2, 3].flatMap((attempt) => [`Info Connection Reconnect attempt ${attempt}/3…`, `Warn Connection Reconnect attempt ${attempt} failed: ${refused}`]),
      'Error Connection Auto-reconnect failed after 3 attempts',
    ]);
    expect(statsOf(ended.stats()).notifications.filter(({ source }) => typeof source !== 'string')).toMatchObject([
      { severity: 'Warn', source: { Spice: { channel: 'Main', what: 0 } }, message: 'keyboard channel is insecure', visibility: 'High', count: 1 },
    ]);
    expect(ended.stderr).toContain(`Three automatic reconnect attempts failed: ${refused}. [reconnect.generic]`);
    expect(statsOf(ended.stats()).reconnect).toMatchObject({ state: 'held', variant: 'Generic', auto_reconnect_count: 3 });
    for (const attempt of [1, 2, 3]) expect(ended.stdout).toContain(`session Reconnecting… (${attempt}/3)`);
  });

  test('with --no-reconnect is the end at once', async () => {
    const server = await startServer('qemu-bios', {});
    const session = startSession({ source: ['--direct', `127.0.0.1:${server.get('SPICE_PORT')}`], more: ['--no-reconnect'] });
    await allLinked(server);
    await kill(server);
    const ended = await session.ended;
    expect(ended.code).toBe(MAIN_LOST);
    expect(statsOf(ended.stats()).reconnect).toMatchObject({ state: 'idle', auto_reconnect_count: 0 });
  });
});

describe('a server that ends the session', () => {
  async function throughProxy(server: Server, body: (proxy: ChannelProxy) => Promise<void>): Promise<void> {
    const proxy = await ChannelProxy.start(Number(server.get('SPICE_PORT')));
    try {
      await body(proxy);
    } finally {
      await proxy.close();
    }
  }

  test('whose ticket works once is not dialled again: no connection is made, as the proxy counts them', async () => {
    await withServer('qemu-bios', {}, async (server) => {
      await throughProxy(server, async (proxy) => {
        const session = startSession({ source: ['--file', vvFile(proxy.port, 'delete-this-file=1')] });
        await allLinked(server);
        const { dialled } = proxy;
        proxy.cut('main/0', 'rst');
        const ended = await session.ended;
        expect(ended.code).toBe(MAIN_LOST);
        expect(ended.stderr).toContain('This connection used a single-use ticket. Request a new connection from the system that issued the original link. [reconnect.oneShotConsumed]');
        expect(proxy.dialled).toBe(dialled);
        expect(said(ended.stats()).slice(1)).toEqual(['Error Connection Connection ended — single-use ticket consumed']);
        expect(ended.stdout).not.toContain('Reconnecting…');
      });
    });
  });

  test('whose ticket expired meanwhile is not dialled again; before, people were warned once', async () => {
    await withServer('qemu-bios', {}, async (server) => {
      await throughProxy(server, async (proxy) => {
        const validUntil = Math.floor(Date.now() / 1_000) + 8;
        const session = startSession({ source: ['--file', vvFile(proxy.port, `ticket-valid-until=${validUntil}`)] });
        await allLinked(server);
        await until('the ticket has expired', LINK_MS, () => (Date.now() > validUntil * 1_000 + 500 ? true : null));
        expect((await linkedChannels(server)).length).toBeGreaterThanOrEqual(4);
        const { dialled } = proxy;
        proxy.cut('main/0', 'rst');
        const ended = await session.ended;
        expect(ended.code).toBe(MAIN_LOST);
        expect(ended.stderr).toMatch(/The ticket for this session expired at \d\d:\d\d:\d\d UTC\. Request a new connection\. \[reconnect\.ticketExpired\]/);
        expect(proxy.dialled).toBe(dialled);
        const { notifications } = statsOf(ended.stats());
        expect(notifications.filter(({ source }) => source === 'BugReport')).toMatchObject([{ severity: 'Warn', message: expect.stringMatching(/^Session ticket expires in \d seconds?\.$/), count: 1 }]);
        expect(notifications.at(-1)?.message).toBe('Connection ended — ticket expired');
      });
    });
  });

  test('and whose ticket is another one now is reached with a fresh one from --ticket-command', async () => {
    await withServer('qemu-bios', { AUTH: 'password', PASSWORD: 'first' }, async (server) => {
      await throughProxy(server, async (proxy) => {
        const session = startSession({ source: ['--file', vvFile(proxy.port, `password=${server.get('SPICE_PASSWORD')}`, 'delete-this-file=1')], more: ['--ticket-command', 'echo second'] });
        await allLinked(server);
        await qmp(server, 'set_password', { protocol: 'spice', password: 'second' });
        proxy.cut('main/0', 'rst');
        await until('main is dialled again', LINK_MS, () => (proxy.count('main/0') === 2 ? true : null));
        await allLinked(server);
        const ended = await session.end();
        expect(ended.code).toBe(INTERRUPTED);
        expect(statsOf(ended.stats()).reconnect).toMatchObject({ state: 'idle', auto_reconnect_count: 1 });
      });
    });
  });
});

describe('on a terminal', () => {
  test('a session that is lost says which attempt it makes, then waits with a box; R brings a new one', async () => {
    const first = await startServer('qemu-bios', {});
    const port = first.get('SPICE_PORT');
    const terminal = await openTerminal(['connect', '--direct', `127.0.0.1:${port}`]);
    try {
      await terminal.shows(/display\/0/);
      await allLinked(first);
      await kill(first);
      await terminal.shows(/reconnecting/);
      await terminal.shows(/Reconnecting… \(3\/3\)/);
      const box = await terminal.shows(/\[R reconnect\] {2}\[Q close\]/, 40_000);
      expect(box).toMatch(/Connection lost/);
      expect(box).toMatch(/Three automatic reconnect attempts failed: refused: connect\s+ECONNREFUSED/);
      expect(box).toMatch(/ held$/m);
      await withServer('qemu-bios', { PORT: port }, async (second) => {
        await terminal.keys('R');
        await allLinked(second);
        await terminal.shows(/ connected \d/);
        expect(await terminal.capture()).not.toContain('[R reconnect]');
        await terminal.keys('q');
        expect(await terminal.exitCode()).toBe(0);
      });
    } finally {
      await terminal.close();
    }
  });

  test('one whose ticket works once can only be closed, and then says why with exit code 8', async () => {
    const server = await startServer('qemu-bios', {});
    const terminal = await openTerminal(['connect', '--file', vvFile(Number(server.get('SPICE_PORT')), 'delete-this-file=1')]);
    try {
      await terminal.shows(/display\/0/);
      await allLinked(server);
      await kill(server);
      const box = await terminal.shows(/\[Q close\]/);
      expect(box).toMatch(/Session ended — cannot reconnect/);
      expect(box).not.toContain('[R reconnect]');
      await terminal.keys('R', 'q');
      expect(await terminal.exitCode()).toBe(MAIN_LOST);
      expect(await terminal.capture()).toMatch(/single-use ticket[\s\S]*\[reconnect\.oneShotConsumed\]/);
      expect(await terminal.state()).toMatchObject({ alternateScreen: false, cursorShown: true, sttyUnchanged: true });
    } finally {
      await terminal.close();
    }
  });
});
