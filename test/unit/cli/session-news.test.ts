// What a whole session remembers, against the loopback server in virtual time: each producer's notification in its order, with its source and its
// severity, and each only as often as it is news.
import { describe, expect, test } from 'vitest';
import type { HubMail } from '#app/actors/hub-mail.js';
import { eventsDroppedText } from '#app/cli/happening.js';
import type { ScreenLock, ScreenLockEvents } from '#app/cli/screen-lock.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { statsDocument } from '#app/cli/stats-document.js';
import type { LoopbackFault } from '#app/loopback/fault-script.js';
import type { LoopbackOptions } from '#app/loopback/server.js';
import { counterOf } from '#app/mailbox/counters.js';
import { ChannelType } from '#app/protocol/constants.js';
import type { NotificationSource } from '#app/supervisor/notifications.js';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';
import { virtualSessions, type VirtualSession } from '../../support/virtual-session.ts';

interface World extends VirtualSession {
  /** `Connection Info Guest agent connected`, oldest first. */
  notices(source?: NotificationSource): string[];
}

const open = virtualSessions();
/** Without channels for which this program says at once what it does not do with them. */
const filter = new Set(['display', 'inputs', 'cursor']);
const reconnect = { holds: false, retryInitial: false, jitter: 0, renew: null, freshTickets: false };

/** A session that has been up for 6 s. */
async function session(server: Partial<LoopbackOptions> = {}, part: Partial<SessionRunOptions> = {}): Promise<World> {
  const made = await open(new VirtualLoopback(1, { scene: 'idle', ...server }), { reconnect, filter, ...part });
  return {
    ...made,
    notices: (only) => made.run.news.notifications.entries.filter(({ source }) => only === undefined || source === only).map(({ severity, source, message, visibility, count }) =>
      `${typeof source === 'string' ? source : `${source.Spice.channel} ${source.Spice.what} ${visibility}`} ${severity} ${message}${count > 1 ? ` x${count}` : ''}`),
  };
}

/** The server sends this at this moment of the channel's every link. */
function sends(channelType: number, ms: number, type: number, body: readonly number[] | Uint8Array = []): LoopbackFault {
  return { channelType, channelId: null, action: { kind: 'message', type, body: Uint8Array.from(body) }, moment: { kind: 'time', ms }, links: { first: 1, last: Infinity } };
}
const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const notify = (severity: number, visibility: number, what: number, text: string): Uint8Array => Buffer.concat([words(0, 0, severity, visibility, what, text.length), Buffer.from(text)]);
/** A primary surface of this size in place of the one there is. */
const resized = (ms: number, width: number, height: number): LoopbackFault[] => [
  sends(ChannelType.display, ms, 315, words(0)), sends(ChannelType.display, ms, 314, words(0, width, height, 32, 1)),
];
const start = ['Connection Info Connected to 127.0.0.1:5900', 'Connection Info Guest agent connected', 'Main 0 High Warn keyboard channel is insecure'];

describe('the server and the guest', () => {
  test('a session that begins remembers its connection, the agent and what the server says, in this order', async () => {
    const world = await session();
    expect(world.notices()).toEqual(start);
    expect(world.lines).toContain('main/0 guest agent connected');
  });

  test('what the server says has its channel, its number, its severity and its visibility', async () => {
    const world = await session({ faults: [sends(ChannelType.main, 1_000, 7, notify(2, 0, 14, 'disk is full')), sends(ChannelType.display, 2_000, 7, notify(0, 1, 3, 'hello'))] });
    expect(world.notices().slice(start.length)).toEqual(['Main 14 Low Error disk is full', 'Display 3 Medium Info hello']);
  });

  test('an agent that goes and comes is told both times', async () => {
    const world = await session({ faults: [sends(ChannelType.main, 40_000, 108, words(0)), sends(ChannelType.main, 41_000, 107)] });
    await world.net.host.advance(60_000);
    expect(world.notices().slice(start.length)).toEqual(['Connection Info Guest agent disconnected', 'Connection Info Guest agent connected']);
  });

  test('a gap is remembered once for its key, also when the channel that has it is linked again', async () => {
    const world = await session({ faults: [sends(ChannelType.cursor, 100, 199), sends(ChannelType.cursor, 200, 199)] });
    world.net.cut('cursor/0');
    await world.net.host.advance(60_000);
    expect(world.notices('Gap')).toEqual([expect.stringMatching(/^Gap Warn cursor\/0: gap cursor:.*199/)]);
    expect(world.lines.filter((line) => line.includes('gap cursor'))).toHaveLength(2);
  });
});

describe('a channel', () => {
  test('that is cut is lost and linked again, and why', async () => {
    const world = await session();
    world.net.cut('cursor/0');
    await world.net.host.advance(5_000);
    expect(world.notices().slice(start.length)).toEqual([
      expect.stringMatching(/^Connection Warn cursor\/0: lost its connection \(eof: .*\), linking again /),
      expect.stringMatching(/^Connection Info cursor\/0: linked again after: lost its connection \(eof: .*\)$/),
    ]);
  });

  test('that crashes is an internal matter, and its link one of the connection', async () => {
    const world = await session();
    world.poison('cursor/0');
    await world.net.host.advance(5_000);
    expect(world.notices().slice(start.length)).toEqual([
      expect.stringMatching(/^Internal Error cursor\/0#1: failed: .*, starting again/), expect.stringMatching(/^Connection Info cursor\/0: linked again after: failed: /),
    ]);
  });

  test('that falls silent is probed, lost and linked again', async () => {
    const world = await session({ pingEveryMs: 15_000, quietPingEveryMs: 15_000 });
    await world.net.host.advance(120_000);
    world.net.freeze('display/0');
    await world.net.host.advance(120_000);
    expect(world.notices('Connection').slice(2)).toEqual([
      expect.stringMatching(/^Connection Warn display\/0: silent for \d+ s, where a PING came every 15 s before: probing its connection$/),
      expect.stringMatching(/^Connection Warn display\/0: lost its connection \(timeout: nothing was received for .*, linking again /),
      expect.stringMatching(/^Connection Info display\/0: linked again /),
    ]);
  });

  test('whose news found no room is told once for as long as that lasts', async () => {
    const world = await session();
    const dropped = counterOf(world.run.memory.channel(ChannelType.display, 0).counters, 'events_dropped');
    const elsewhere = counterOf(world.run.memory.channel(ChannelType.cursor, 0).counters, 'events_dropped');
    for (const count of [1, 500, 3]) {
      dropped.add(count);
      await world.net.host.advance(5_000);
    }
    expect(world.notices().slice(start.length)).toEqual([`Connection Warn ${eventsDroppedText}`]);
    await world.net.host.advance(60_000);
    elsewhere.add(1);
    await world.net.host.advance(5_000);
    expect(world.notices().slice(start.length)).toEqual([`Connection Warn ${eventsDroppedText}`, `Connection Warn ${eventsDroppedText}`]);
    expect(world.troubles.filter((line) => line === `session ${eventsDroppedText}`)).toHaveLength(2);
  });
});

describe('the screen', () => {
  test('that changes its size again and again is told once it has settled, with its last size', async () => {
    const world = await session({ faults: [...resized(1_000, 640, 480), ...resized(1_300, 800, 600), ...resized(1_700, 1_024, 768)] });
    expect(world.notices('Internal')).toEqual(['Internal Info Display resolution: 1024x768']);
    expect(world.lines.filter((line) => line.startsWith('display/0 screen '))).toHaveLength(4);
  });

  test('that has its old size again within half a second has not changed', async () => {
    const plain = await session();
    const { width, height } = plain.run.surfaces[0]!;
    const world = await session({ faults: [...resized(1_000, 640, 480), ...resized(1_400, width, height)] });
    expect(world.notices('Internal')).toEqual([]);
  });

  test('is told neither when it first appears nor when a reconnect brings the same again', async () => {
    const world = await session();
    world.net.stopServer();
    world.net.startServer();
    await world.net.host.advance(10_000);
    expect(world.run.connected).toBe(true);
    expect(world.notices('Internal')).toEqual([]);
  });

  test('on which nothing is drawn after input is told', async () => {
    const world = await session();
    world.run.command('inputs/0', { kind: 'pressKey', scancode: 30 });
    await world.net.host.advance(60_000);
    expect(world.notices('Internal')).toEqual([expect.stringMatching(/^Internal Warn display: nothing was drawn for \d+ s after input/)]);
  });
});

test('a lost session with an agent and a NOTIFY: the entries of the connection are the ancestor’s, in its order, with nothing between them', async () => {
  const world = await session();
  await world.net.host.advance(60_000);
  world.net.stopServer();
  await world.net.host.advance(30_000);
  const loss = [
    'Connection Warn Connection lost — reconnecting…',
    'Connection Info Reconnect attempt 1/3…', expect.stringMatching(/^Connection Warn Reconnect attempt 1 failed: .*refused/),
    'Connection Info Reconnect attempt 2/3…', expect.stringMatching(/^Connection Warn Reconnect attempt 2 failed: .*refused/),
    'Connection Info Reconnect attempt 3/3…', expect.stringMatching(/^Connection Warn Reconnect attempt 3 failed: .*refused/),
    'Connection Error Auto-reconnect failed after 3 attempts',
  ];
  expect(world.notices()).toEqual([...start, ...loss]);
  expect(world.notices('Connection')).toEqual([...start.slice(0, 2), ...loss]);
});

test('a channel that was to be linked again when the session was lost is not “linked again” by the next one', async () => {
  const world = await session();
  world.net.refuses = () => true;
  world.net.cut('cursor/0');
  await world.net.host.advance(1_000);
  expect(world.notices().filter((notice) => notice.includes('linking again'))).not.toEqual([]);
  world.net.stopServer();
  await world.net.host.advance(1_000);
  world.net.startServer();
  await world.net.host.advance(10_000);
  expect(world.run.connected).toBe(true);
  expect(world.notices().filter((notice) => notice.includes('linked again'))).toEqual([]);
});

test('what the writer and the audio actor report is remembered as internal', async () => {
  const world = await session();
  const hub = world.run.actors.find(({ id }) => id === 'hub')!.handle.address;
  const reports: readonly HubMail[] = [
    { kind: 'captureWriteFailed', file: 'display.pcap', code: 'ENOSPC', message: 'ENOSPC: no space left on device' },
    { kind: 'captureWriteRecovered', file: 'display.pcap', dropped: 4 },
    { kind: 'captureFellBehind', channel: 'display/0', dropped: 9 },
    { kind: 'audioNews', news: { kind: 'audioFileFailed', path: 'x.wav', message: 'EACCES: permission denied' } },
    { kind: 'audioNews', news: { kind: 'audioFileRecovered', path: 'x.wav', lostSamples: 480 } },
  ];
  for (const report of reports) hub.tell(report);
  await world.net.host.advance(100);
  expect(world.notices('Internal').map((notice) => notice.split(' ').slice(1, 4).join(' '))).toEqual(
    ['Error writer: display.pcap', 'Info writer: display.pcap', 'Error writer: the', 'Error audio: x.wav', 'Info audio: x.wav']);
});

describe('the lock of the user’s screen', () => {
  function simulated(): { lock: ScreenLock; events: () => ScreenLockEvents; stopped: () => number } {
    let events: ScreenLockEvents | null = null;
    let stopped = 0;
    return {
      lock: { provider: 'simulated', watch: (given) => { events = given; return () => { stopped += 1; return Promise.resolve(); }; } },
      events: () => events!,
      stopped: () => stopped,
    };
  }

  test('is told when it changes, and known in between', async () => {
    const { lock, events, stopped } = simulated();
    const world = await session({}, { screenLock: lock });
    expect(world.run.screenLock.facts).toEqual({ provider: 'simulated', locked: null });
    for (const locked of [false, true, true]) events().heard(locked);
    expect(statsDocument(world.run, 'ok', true, 'v', world.run.nowMs()).screen_lock).toEqual({ provider: 'simulated', locked: true });
    events().heard(false);
    expect(world.notices('Internal')).toEqual(['Internal Warn Screen locked', 'Internal Info Screen unlocked']);
    expect(world.troubles).toContain('screen lock Screen locked');
    await world.net.host.advance(60_000);
    events().heard(true);
    expect(world.notices('Internal')).toHaveLength(3);
    const ended = world.run.stop();
    await world.net.host.advance(20_000);
    await ended;
    expect(stopped()).toBe(1);
  });

  test('is not known any more when its provider is lost, and the session goes on', async () => {
    const { lock, events } = simulated();
    const world = await session({}, { screenLock: lock });
    events().heard(true);
    events().lost('exit code 1');
    expect(world.run.screenLock.facts).toEqual({ provider: 'simulated', locked: null });
    expect(world.lines).toContain('screen lock simulated tells no more of it: exit code 1');
    expect(world.run.connected).toBe(true);
  });

  test('is nobody’s business where nothing tells', async () => {
    const world = await session();
    expect(world.run.screenLock.facts).toBeNull();
  });
});
