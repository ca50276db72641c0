// A reset machine. QEMU's qxl-vga makes the primary surface anew (black, by the protocol) but goes on sending only what changed since before the reset:
// text that stands where it stood is never sent again, so every client lacks it and `screendump` alone has it. Shown here: our picture is
// spice-gtk's in every pixel, and each pixel that the dump has more is one that QEMU took for sent.
import { expect, test } from 'vitest';
import { runPeer } from './support/peer.ts';
import { colourCount, comparePixels, type Picture } from './support/picture.ts';
import { flushDrawing, qmp, screendump, stopGuest } from './support/qmp.ts';
import { directOf, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, runSession, startSession } from './support/session.ts';
import { awaitRest } from './support/still.ts';

/** Index of each pixel in which the two differ. */
const differing = (a: Picture, b: Picture): readonly number[] =>
  Array.from({ length: a.width * a.height }, (_, at) => at).filter((at) => colourAt(a, at) !== colourAt(b, at));

const colourAt = ({ rgb }: Picture, at: number): string => rgb.subarray(at * 3, at * 3 + 3).join(' ');

test('after a reset the picture is the one that spice-gtk shows, and nothing that the server sent is missing', async () => {
  await withServer('qemu-bios', {}, async (server) => {
    const source = ['--direct', directOf(server)];
    const watching = startSession({ source, screenshot: true });
    await awaitRest(server);
    const before = await screendump(server);
    await qmp(server, 'system_reset');
    await awaitRest(server);
    await stopGuest(server);
    await flushDrawing(server);
    const watched = await watching.end();
    const joined = await runSession({ source, screenshot: true });
    const peer = await runPeer(server, 2);
    const dump = await screendump(server);

    expect([watched.code, joined.code]).toEqual([INTERRUPTED, 0]);
    expect(colourCount(peer.screenshot)).toBeGreaterThan(1);
    for (const ended of [watched, joined]) {
      expect(comparePixels(ended.screenshot(), peer.screenshot)).toMatchObject({ equal: true, differing: 0 });
      expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
    }
    // Not asserted: that there are any. It depends on where the firmware writes the second time.
    const unsent = differing(watched.screenshot(), dump);
    console.log(`pixels that QEMU did not send again after the reset: ${unsent.length}`);
    expect(unsent.filter((at) => colourAt(watched.screenshot(), at) !== '0 0 0')).toEqual([]);
    expect(unsent.filter((at) => colourAt(dump, at) !== colourAt(before, at))).toEqual([]);
  });
});
