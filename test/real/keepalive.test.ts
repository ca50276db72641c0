// Signs of life on real servers: an unasked PONG on every kind of channel that QEMU and Xspice offer, and the lock state on inputs, every second. The
// servers take them and close nothing, and the guest's lock keys are never pressed by them.
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { captureFiles, countMessages } from './support/captures.ts';
import { linkedChannels, qmp } from './support/qmp.ts';
import { directOf, withServer, type Server } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession, type Ended } from './support/session.ts';
import { until } from './support/still.ts';

const ALL_CHANNELS = { AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1', PORTCHAN: '1' } as const;
/** Long enough for many of them on each channel. */
const SECONDS = 8;
const SENT_MIN = 4;

async function idle(server: Server): Promise<Ended> {
  return startSession({ source: ['--direct', directOf(server)], more: ['--keepalive-after', '1'], capture: true, durationSeconds: SECONDS }).ended;
}

function expectAlive(ended: Ended, channels: readonly string[]): void {
  const stats = ended.stats();
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  for (const id of channels) {
    const one = channelOf(stats, id);
    expect(one).toMatchObject({ generation: 1, dropped: 0 });
    expect(one.pong_send_count).toBe(one.ping_recv_count);
  }
}

test('QEMU takes signs of life on each of its nine channel kinds', async () => {
  await withServer('qemu-bios', ALL_CHANNELS, async (server) => {
    const ended = await idle(server);
    const quiet = ['inputs/0', 'cursor/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
    expectAlive(ended, ['main/0', 'display/0', ...quiet]);
    for (const id of quiet) expect([id, channelOf(ended.stats(), id).client_keepalive_send_count >= SENT_MIN]).toEqual([id, true]);
  });
});

test('Xspice takes them too, its display and main among them once its screen rests', async () => {
  await withServer('xspice', { AGENT: '0' }, async (server) => {
    const ended = await idle(server);
    expectAlive(ended, ['main/0', 'display/0', 'inputs/0', 'cursor/0']);
    expect(channelOf(ended.stats(), 'inputs/0').client_keepalive_send_count).toBeGreaterThanOrEqual(SENT_MIN);
  });
});

test('a Caps Lock that the guest toggled stays as it is: the lock state that is sent is the server\'s own', async () => {
  await withServer('qemu-bios', {}, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], more: ['--keepalive-after', '1'], capture: true });
    await until('four channels are linked', 20_000, async () => ((await linkedChannels(server)).length >= 4 ? true : null));
    // The firmware lights the lamp when it has handled the key, and the server tells the client.
    await qmp(server, 'send-key', { keys: [{ type: 'qcode', data: 'caps_lock' }] });
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
    const ended = await session.end();
    expect(ended.code).toBe(INTERRUPTED);
    const file = captureFiles(ended.captureFolder).find((name) => basename(name).startsWith('inputs-0'));
    const { kinds } = await countMessages(file ?? '');
    const countOf = (side: string, name: string): number => kinds.find((kind) => kind.side === side && kind.name === name)?.count ?? 0;
    expect(countOf('client', 'KEY_MODIFIERS')).toBeGreaterThanOrEqual(SENT_MIN);
    // One change was told, and no second one: nothing that was sent toggled it back.
    expect(countOf('server', 'KEY_MODIFIERS')).toBe(1);
    expect(ended.stdout).not.toContain('lost its connection');
  });
});
