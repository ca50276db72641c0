// --stats-json and --capture on a real QEMU with every kind of channel: each channel on a thread of its own, each file readable by
// other programs, each message there and counted once.
import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { captureFiles, countMessages, dissect, type Counted } from './support/captures.ts';
import { stopGuest } from './support/qmp.ts';
import { directOf, withServer } from './support/servers.ts';
import { startSession, type Ended, type Stats } from './support/session.ts';
import { awaitRest } from './support/still.ts';

/** What QEMU offers here; the last three are types that the client may leave alone, but must survive. */
const ALL_CHANNELS = { AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1', PORTCHAN: '1' } as const;
/** What one capture packet can hold of a message: an IPv4 packet less its headers. */
const ONE_PACKET_BYTES = 65_495;

let [ended, stats]: [Ended | null, Stats | null] = [null, null];
const counted = new Map<string, Counted>();

beforeAll(async () => {
  // Without compression the refresh of a 720x400 screen is one message of more than a megabyte.
  await withServer('qemu-bios', { ...ALL_CHANNELS, COMPRESSION: 'off' }, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], capture: true });
    await awaitRest(server);
    await stopGuest(server);
    ended = await session.end();
    stats = ended.stats();
  });
  for (const file of captureFiles(ended?.captureFolder ?? '')) counted.set(basename(file).replace(/\.pcap(ng)?$/, ''), await countMessages(file));
});

const fileKey = (channel: string): string => channel.replace('/', '-');

test('each channel has a thread of its own, and none is the main thread', () => {
  const threads = (stats?.channels ?? []).map(({ thread_id }) => thread_id);
  expect(threads.length).toBeGreaterThanOrEqual(5);
  expect(threads.every((id) => typeof id === 'number' && id > 0)).toBe(true);
  expect(new Set(threads).size).toBe(threads.length);
});

test('every PING was answered, nothing was dropped, nothing was restarted', () => {
  for (const one of stats?.channels ?? []) {
    expect(one).toMatchObject({ dropped: 0, writer_dropped_count: 0, restarts: 0 });
    expect(one.pong_send_count).toBe(one.ping_recv_count);
    expect(one.messages_in).toBeGreaterThan(0);
  }
});

describe('the capture', () => {
  test('has one file per channel', () => {
    expect([...counted.keys()].toSorted()).toEqual((stats?.channels ?? []).map(({ channel }) => fileKey(channel)).toSorted());
  });

  test('counts the same messages as the statistics, per channel and direction', () => {
    const ours = (stats?.channels ?? []).map(({ channel, messages_in, messages_out }) => ({ channel, fromServer: messages_in, fromClient: messages_out }));
    const theirs = (stats?.channels ?? []).map(({ channel }) => ({ channel, fromServer: counted.get(fileKey(channel))?.fromServer, fromClient: counted.get(fileKey(channel))?.fromClient }));
    expect(theirs).toEqual(ours);
  });

  test('holds messages that are larger than one packet', () => {
    const largest = Math.max(...(counted.get('display-0')?.kinds ?? []).map(({ bytes, count }) => bytes / count));
    expect(counted.get('display-0')?.kinds.some(({ name, bytes }) => name === 'DRAW_COPY' && bytes > ONE_PACKET_BYTES * 10)).toBe(true);
    expect(largest).toBeGreaterThan(0);
  });

  test('opens in tshark, every message dissected', async () => {
    for (const file of captureFiles(ended?.captureFolder ?? '')) {
      const { packets, faulty, fromServer } = await dissect(file);
      const own = stats?.channels.find(({ channel }) => basename(file).startsWith(fileKey(channel)));
      expect({ file: basename(file), faulty, fromServer }).toEqual({ file: basename(file), faulty: 0, fromServer: own?.messages_in });
      expect(packets).toBeGreaterThan(2);
    }
  });
});
