// Several heads: a QEMU device with two outputs is two display channels. Each has its picture, its file and its pixels; pointer messages say which they mean.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portOf } from './support/captures.ts';
import { controlled } from './support/controlled.ts';
import { comparePixels } from './support/picture.ts';
import { screendump, stopGuest } from './support/qmp.ts';
import { readPng, readPngBytes } from './support/read-png.ts';
import { runTool } from './support/run.ts';
import { withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED } from './support/session.ts';
import { awaitRest, until } from './support/still.ts';

test('two heads of one device: each is shown exactly and has a screenshot of its own', async () => {
  await withServer('qemu-bios', { GPU: 'virtio', HEADS: '2' }, async (server) => {
    const { session, client } = await controlled(server);
    await until('both heads have a picture', 20_000, async () => ((await client.status()).surfaces.map(({ display }) => display).join() === '0,1' ? true : null));
    await awaitRest(server);
    await stopGuest(server);
    const truths = [await screendump(server), await screendump(server, { device: 'gpu', head: 1 })];
    const shown = [readPngBytes(Buffer.from((await client.screenshot({ display: 0 })).png)), readPngBytes(Buffer.from((await client.screenshot({ display: 1 })).png))];
    const ended = await session.end();
    expect(ended.code).toBe(INTERRUPTED);
    expect(readdirSync(ended.folder).filter((name) => name.endsWith('.png')).toSorted()).toEqual(['screen-display-1.png', 'screen.png']);
    for (const [display, name] of ['screen.png', 'screen-display-1.png'].entries()) {
      expect(comparePixels(shown[display]!, truths[display]!)).toMatchObject({ equal: true, differing: 0 });
      expect(comparePixels(readPng(join(ended.folder, name)), truths[display]!)).toMatchObject({ equal: true, differing: 0 });
      expect(channelOf(ended.stats(), `display/${display}`).gaps).toEqual({});
    }
  });
});

test('a pointer message says which display it means', async () => {
  await withServer('draw-server', { ONLY: 'fill' }, async (server) => {
    const { session, client } = await controlled(server, { capture: true });
    await until('the mouse is absolute', 20_000, () => client.move(1, 2, { display: 0 }).then(() => true, () => null));
    const log = join(server.get('SPICE_DIR'), 'draw.log');
    const arrives = async (x: number, y: number): Promise<true> => until(`the pointer at ${x},${y}`, 10_000, () => (readFileSync(log, 'utf8').includes(`{"tablet":[${x},${y},`) ? true : null));
    await arrives(1, 2);
    for (const [x, display] of [[11, 1], [22, 0], [33, 3]] as const) {
      await client.move(x, x + 5, { display });
      await arrives(x, x + 5);
    }
    const ended = await session.end();
    const file = join(ended.captureFolder, 'inputs-0.pcapng');
    const ids = await runTool('tshark', ['-r', file, '-d', `tcp.port==${await portOf(file)},spice`, '-T', 'fields', '-E', 'occurrence=a', '-e', 'spice.mouse_display_id']);
    expect(ids.trim().split(/[\s,]+/)).toEqual(['0', '1', '0', '3']);
  });
});
