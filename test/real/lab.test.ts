// The ground that the other real-server tests stand on, shown with another client (spice-gtk's library): the servers start and
// stop, what they call their screen can be read, and an honest client's picture equals it. Nothing of ours is tested here.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runPeer } from './support/peer.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { linkedChannels, screendump, stopGuest } from './support/qmp.ts';
import { readPpm } from './support/read-truth.ts';
import { directOf, withServer } from './support/servers.ts';
import { awaitDone, awaitRest } from './support/still.ts';

test('the peer sees a stopped QEMU screen exactly as screendump does', async () => {
  await withServer('qemu-bios', { COMPRESSION: 'auto_glz' }, async (server) => {
    expect(directOf(server)).toMatch(/^127\.0\.0\.1:\d+$/);
    await awaitRest(server);
    await stopGuest(server);
    const truth = await screendump(server);
    const { screenshot } = await runPeer(server, 1.5);
    expect(colourCount(truth)).toBeGreaterThan(1);
    expect(comparePixels(screenshot, truth)).toMatchObject({ equal: true, differing: 0, compared: 720 * 400 });
    expect(await linkedChannels(server)).toEqual([]);
  });
});

test('the peer sees draw-server\'s screen exactly as truth.ppm does', async () => {
  const folder = await withServer('draw-server', { ONLY: 'fill,copy-', COMPRESSION: 'quic' }, async (server) => {
    const [{ screenshot }] = await Promise.all([runPeer(server, 4), awaitDone(server)]);
    expect(comparePixels(screenshot, readPpm(join(server.get('SPICE_DIR'), 'truth.ppm')))).toMatchObject({ equal: true });
    return server.get('SPICE_DIR');
  });
  expect(existsSync(join(folder, 'draw.pid'))).toBe(false);
  expect(readFileSync(join(folder, 'draw.log'), 'utf8')).toContain('"step":"fill-clip"');
});
