// On a real QEMU, each secondary channel's connection is cut from outside, between client and server: the channel comes back alone in
// the same session, main goes on, and the picture is the server's own again, pixel for pixel.
import { describe, expect, test } from 'vitest';
import { ChannelProxy } from '../support/channel-proxy.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, linkedChannels, qmp, screendump, stopGuest } from './support/qmp.ts';
import { withServer, type Server } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession } from './support/session.ts';
import { awaitRest, until } from './support/still.ts';

/** The channel types whose numbers QEMU tells: display 2, inputs 3, cursor 4. */
const CUT = ['display/0', 'inputs/0', 'cursor/0'] as const;
const LINK_MS = 20_000;

async function throughProxy(server: Server, body: (proxy: ChannelProxy) => Promise<void>): Promise<void> {
  const proxy = await ChannelProxy.start(Number(server.get('SPICE_PORT')));
  try {
    await body(proxy);
  } finally {
    await proxy.close();
  }
}

const allLinked = (server: Server) => until('four channels are linked', LINK_MS, async () => ((await linkedChannels(server)).length >= 4 ? true : null));

describe('a connection that is cut between client and QEMU', () => {
  test.each([['FIN', 'fin'], ['RST', 'rst']] as const)('with %s is made again alone, whichever secondary channel it was', async (_name, how) => {
    await withServer('qemu-bios', {}, async (server) => {
      await throughProxy(server, async (proxy) => {
        const session = startSession({ source: ['--direct', `127.0.0.1:${proxy.port}`], screenshot: true, capture: true });
        await allLinked(server);
        await awaitRest(server);
        const sessionId = proxy.connectionId('display/0');
        for (const channel of CUT) {
          proxy.cut(channel, how);
          await until(`${channel} is linked again`, LINK_MS, () => (proxy.count(channel) === 2 ? true : null));
          await allLinked(server);
          expect(proxy.connectionId(channel)).toBe(sessionId);
        }
        await stopGuest(server);
        await flushDrawing(server);
        const ended = await session.end();
        const truth = await screendump(server);
        expect(colourCount(truth)).toBeGreaterThan(1);
        expect(comparePixels(ended.screenshot(), truth)).toMatchObject({ equal: true, differing: 0 });
        expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: INTERRUPTED, stderr: '' });
        const stats = ended.stats();
        expect(stats.session_id).toBe(sessionId);
        expect(CUT.map((channel) => channelOf(stats, channel).generation)).toEqual([2, 2, 2]);
        const main = channelOf(stats, 'main/0');
        expect(main).toMatchObject({ generation: 1, pong_send_count: main.ping_recv_count });
        expect(proxy.count('main/0')).toBe(1);
        expect(Object.values(channelOf(stats, 'display/0').gaps)).toEqual([]);
        for (const channel of CUT) expect(ended.stdout).toMatch(new RegExp(`warn ${channel} lost its connection \\(.*\\), linking again`));
      });
    });
  });

  test('a server that is killed is not dialled again by any channel', async () => {
    await withServer('qemu-bios', {}, async (server) => {
      await throughProxy(server, async (proxy) => {
        const session = startSession({ source: ['--direct', `127.0.0.1:${proxy.port}`], more: ['--no-reconnect'] });
        await allLinked(server);
        const { dialled } = proxy;
        await qmp(server, 'quit').catch(() => undefined);
        const ended = await session.ended;
        expect(ended.code).toBe(8);
        expect(proxy.dialled).toBe(dialled);
        expect(ended.stdout).not.toContain('linking again');
      });
    });
  });
});
