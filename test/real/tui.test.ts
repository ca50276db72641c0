// The client on a terminal: it shows the actor tree, gives the terminal back on every way out, and a terminal that nobody reads
// changes nothing for the session.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkedChannels } from './support/qmp.ts';
import { directOf, startServer, type Server } from './support/servers.ts';
import { channelOf } from './support/session.ts';
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

describe('the terminal is as it was after', () => {
  const ways: readonly (readonly [string, (terminal: Terminal) => Promise<void>, readonly number[]])[] = [
    ['q', async (terminal) => terminal.keys('q'), [0]],
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
