// The firmware screen of QEMU, pixel for pixel as QEMU's own screendump, under each image compression: once seen from power-on
// (every update drawn on the one before, dictionaries and caches in use), once joined when the screen stands still (one refresh).
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dissect } from './support/captures.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, screendump, stopGuest } from './support/qmp.ts';
import { directOf, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, runSession, startSession } from './support/session.ts';
import { awaitRest } from './support/still.ts';

/** Image types on the wire (protocol: 0 BITMAP, 1 QUIC, 101 LZ_RGB, 102 GLZ_RGB) that each setting has to bring, or it would prove nothing. */
const EXPECTED_IMAGES = { off: [0], quic: [1], lz: [101], glz: [102], auto_glz: [102], auto_lz: [101] } as const;

describe('a stopped QEMU screen is shown exactly', () => {
  test.each(Object.entries(EXPECTED_IMAGES))('with image compression %s', async (compression, images) => {
    await withServer('qemu-bios', { COMPRESSION: compression }, async (server) => {
      const source = ['--direct', directOf(server)];
      const fromPowerOn = startSession({ source, screenshot: true, capture: true });
      await awaitRest(server);
      await stopGuest(server);
      await flushDrawing(server);
      const watched = await fromPowerOn.end();
      const joined = await runSession({ source, screenshot: true });
      // After the sessions: QXL's dump is the rendering as of the last client's refresh.
      const truth = await screendump(server);
      expect(colourCount(truth)).toBeGreaterThan(1);
      const { imageTypes } = await dissect(join(watched.captureFolder, 'display-0.pcapng'));
      expect([...imageTypes]).toEqual(expect.arrayContaining([...images]));
      expect([watched.code, joined.code]).toEqual([INTERRUPTED, 0]);
      for (const ended of [watched, joined]) {
        expect(comparePixels(ended.screenshot(), truth)).toMatchObject({ equal: true, differing: 0 });
        expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
      }
    });
  });
});
