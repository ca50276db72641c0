// The client on a terminal: it shows the actor tree, gives the terminal back on every way out, and a terminal that nobody reads
// changes nothing for the session.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SessionClient } from '../../dist/client/session-client.js';
import { colourCount } from './support/picture.ts';
import { linkedChannels } from './support/qmp.ts';
import { readPngBytes } from './support/read-png.ts';
import { runTool } from './support/run.ts';
import { directOf, scratchFolder, startServer, withServer, type Server } from './support/servers.ts';
import { channelOf } from './support/session.ts';
import { until } from './support/still.ts';
import { openTerminal, type Terminal } from './support/terminal.ts';
import { runUnread } from './support/unread-terminal.ts';

let server: Server;
beforeAll(async () => { server = await startServer('qemu-bios'); });
afterAll(async () => server.stop());

const onTerminal = async (body: (terminal: Terminal) => Promise<void>): Promise<void> => {
  const terminal = await openTerminal(['connect', '--direct', directOf(server)]);
  try {
    await body(terminal);
  } finally {
    await terminal.close();
  }
};

const RESTORED = { alternateScreen: false, cursorShown: true, mouseReported: false, sttyUnchanged: true };

test('the actor tree and the guest\'s picture are shown', async () => {
  await onTerminal(async (terminal) => {
    const text = await terminal.shows(/display\/0/);
    for (const actor of [/main\/0/, /inputs\/0/, /cursor\/0/]) expect(text).toMatch(actor);
    await terminal.shows(/[▀▄█]/);
    await terminal.resize(80, 24);
    await terminal.shows(/display\/0/);
    await terminal.keys('q');
    expect(await terminal.exitCode()).toBe(0);
  });
});

/** A dashboard whose session also has a control socket, which knows what the guest shows. */
const driven = async (of: Server, body: (terminal: Terminal, client: SessionClient) => Promise<void>): Promise<void> => {
  const path = join(scratchFolder('driven'), 'c');
  const terminal = await openTerminal(['connect', '--direct', directOf(of), '--control-socket', path]);
  try {
    const client = await until('the control socket', 20_000, () => SessionClient.open(path, 'real').catch(() => null));
    await terminal.shows(/[▀▄█]/);
    await body(terminal, client);
    await client.close();
  } finally {
    await terminal.close();
  }
};

test('QEMU: the boot menu is reached with keys typed in the dashboard, which has its own keys back afterwards', async () => {
  await withServer('qemu-bios', { EXTRA: '-boot menu=on,splash-time=30000' }, async (bios) => {
    await driven(bios, async (terminal, client) => {
      // Rows of text in the firmware's 80x25 characters.
      const written = async (region: { left: number; top: number; right: number; bottom: number }): Promise<unknown> => until('something is written', 60_000, async () => {
        const { png } = await client.screenshot({ region }).catch(() => ({ png: null }));
        return png !== null && colourCount(readPngBytes(Buffer.from(png))) > 1 ? true : null;
      });
      await written({ left: 0, top: 128, right: 216, bottom: 144 });
      await terminal.keys('C-]');
      await terminal.shows(/Ctrl\+\] leaves/);
      await terminal.keys('Escape');
      await written({ left: 0, top: 160, right: 216, bottom: 224 });
      // q is the guest's, then the dashboard's.
      await terminal.keys('q');
      await terminal.keys('C-]');
      await until('the chord has left', 20_000, async () => ((await terminal.capture()).includes('Ctrl+] leaves') ? null : true));
      expect((await client.describe()).state).toBe('connected');
      await terminal.keys('q');
      expect(await terminal.exitCode()).toBe(0);
      expect(await terminal.state()).toEqual(RESTORED);
    });
  });
});

test('Xspice: a click on the picture moves the pointer there and presses, and a text arrives as typed', async () => {
  await withServer('xspice', { SCENE: '' }, async (x) => {
    await driven(x, async (terminal, client) => {
      await until('the guest’s mouse is absolute', 20_000, () => client.move(1, 1).then(() => true, () => null));
      const surface = (await client.status()).surfaces[0];
      if (surface === undefined) throw new Error('there is no surface');
      const xev = spawn('stdbuf', ['-oL', 'xev', '-root'], { env: { ...process.env, DISPLAY: x.get('DISPLAY') }, stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      xev.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      try {
        await terminal.keys('C-]');
        const lines = (await terminal.shows(/Ctrl\+\] leaves/)).split('\n');
        const [top, last] = [lines.findIndex((line) => line.includes('▀')), lines.findLastIndex((line) => line.includes('▀'))];
        const [left, columns] = [lines[top]?.indexOf('▀') ?? 0, /▀+/.exec(lines[top] ?? '')?.[0].length ?? 0];
        // The cells are of one width up to there: the tree's own characters are one cell each.
        const [column, row] = [left + 10, top + 5];
        const wanted = { x: Math.floor((10.5 * surface.width) / columns), y: Math.floor((5.5 * surface.height) / (last - top + 1)) };
        await until('xev listens', 20_000, async () => {
          await terminal.bytes(`\x1b[<35;${column + 2 + Math.floor(Math.random() * 8)};${row + 1}M`);
          return said.includes('MotionNotify') ? true : null;
        });
        await terminal.bytes(`\x1b[<2;${column + 1};${row + 1}M\x1b[<2;${column + 1};${row + 1}m\x1b[<65;${column + 1};${row + 1}M`);
        await terminal.bytes('Ab!~\x1b[15;5~');
        await terminal.bytes('\x1b[200~Zz\x1b[201~');
        const at = String.raw`root:\(${wanted.x},${wanted.y}\)[^]*?button `;
        const events = [new RegExp(`ButtonPress event[^]*?${at}3,`), new RegExp(`ButtonRelease event[^]*?${at}3,`), /ButtonPress event[^]*?button 5,/, ...['A', 'b', 'exclam', 'asciitilde', 'F5', 'Z', 'z'].map((name) => new RegExp(`KeyPress event[^]*?, ${name}\\)`))];
        await until('the X server has all of it', 20_000, () => (events.every((one) => one.test(said)) ? true : null)).catch((error: unknown) => { throw new Error(`${String(error)}, ${JSON.stringify(wanted)}\n${said.slice(-4_000)}`); });
        // As a terminal of the kitty protocol: Shift goes down, and comes up when the terminal loses the focus.
        await terminal.bytes('\x1b[?15u\x1b[57441;2u');
        await until('it is down', 20_000, () => (/KeyPress event[^]*Shift_L/.test(said) ? true : null));
        said = '';
        await terminal.bytes('\x1b[O');
        await until('it is up', 20_000, () => (/KeyRelease event[^]*Shift_L/.test(said) ? true : null));
        expect((await client.describe()).state).toBe('connected');
      } finally {
        xev.kill('SIGTERM');
      }
    });
  });
});

test('the keys of the dashboard: help, notifications, gaps, volume, a screenshot and a report as files', async () => {
  const folder = scratchFolder('keys');
  const terminal = await openTerminal(['connect', '--direct', directOf(server), '--bug-report-dir', folder], { folder });
  try {
    await terminal.shows(/\? for keys/);
    await terminal.shows(/[▀▄█]/);
    await terminal.keys('?');
    await terminal.shows(/Ctrl\+\] +keys and mouse go to the guest/);
    await terminal.keys('Escape');
    await until('help is closed', 20_000, async () => ((await terminal.capture()).includes('Esc close') ? null : true));
    await terminal.keys('m');
    await terminal.shows(/volume 100 %, muted/);
    await terminal.keys('g');
    await terminal.shows(/Gaps[:,]/);
    await terminal.keys('g', 'F8');
    await terminal.shows(/wrote .*ryll-screenshot-|wrote \/\S+/);
    const name = readdirSync(folder).find((each) => each.endsWith('.png'));
    expect(readPngBytes(readFileSync(join(folder, name ?? ''))).width).toBeGreaterThan(0);
    await terminal.keys('F12');
    await terminal.shows(/What is wrong with it/);
    await terminal.bytes('letters quake');
    await terminal.shows(/Description: letters quake/);
    await terminal.keys('Down', 'Enter');
    const zip = await until('the report is there', 30_000, () => readdirSync(folder).find((each) => each.endsWith('.zip')) ?? null);
    const metadata = await until('it is complete', 20_000, () => runTool('unzip', ['-p', join(folder, zip), '*metadata.json']).catch(() => null));
    expect(metadata).toContain('letters quake');
    expect(metadata).toContain('Input');
    await terminal.keys('n');
    await terminal.shows(/Notifications/);
    await terminal.keys('n', 'q');
    expect(await terminal.exitCode()).toBe(0);
  } finally {
    await terminal.close();
  }
});

describe('the terminal is as it was after', () => {
  const ways: readonly (readonly [string, (terminal: Terminal) => Promise<void>, readonly number[]])[] = [
    ['q', async (terminal) => terminal.keys('q'), [0]],
    ['q after passthrough', async (terminal) => { await terminal.keys('C-]'); await terminal.shows(/Ctrl\+\] leaves/); await terminal.keys('C-]', 'q'); }, [0]],
    ['SIGTERM in passthrough', async (terminal) => { await terminal.keys('C-]'); await terminal.shows(/Ctrl\+\] leaves/); terminal.signal('SIGTERM'); }, [0, 143]],
    ['Ctrl+C', async (terminal) => terminal.keys('C-c'), [0, 130]],
    ['SIGTERM', async (terminal) => { terminal.signal('SIGTERM'); }, [0, 143]],
  ];
  test.each(ways)('%s', async (_name, leave, codes) => {
    await onTerminal(async (terminal) => {
      await terminal.shows(/display\/0/);
      await leave(terminal);
      expect(codes).toContain(await terminal.exitCode());
      expect(await terminal.state()).toEqual(RESTORED);
      expect(await linkedChannels(server)).toEqual([]);
    });
  });
});

test('a terminal that nobody reads changes nothing for the session, and the client ends when told to', async () => {
  const run = await runUnread(12);
  expect(run).toMatchObject({ ended_early: false });
  expect([0, 143]).toContain(run.exit);
  expect(run.channelsLinked).toBeGreaterThanOrEqual(4);
  const { connected, channels } = run.stats;
  expect(connected).toBe(true);
  for (const { ping_recv_count, pong_send_count, dropped } of channels) {
    expect(pong_send_count).toBe(ping_recv_count);
    expect(dropped).toBe(0);
  }
  expect(channelOf(run.stats, 'main/0').ping_recv_count).toBeGreaterThan(0);
  expect(channelOf(run.stats, 'display/0').messages_in).toBeGreaterThan(100);
});
