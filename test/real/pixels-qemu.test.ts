// The firmware screen of QEMU, pixel for pixel as QEMU's own screendump, under each image compression: once seen from power-on
// (every update drawn on the one before, dictionaries and caches in use), once joined when the screen stands still (one refresh).
import { describe, expect, test } from 'vitest';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, screendump, stopGuest } from './support/qmp.ts';
import { directOf, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, runSession, startSession } from './support/session.ts';
import { awaitRest } from './support/still.ts';

describe('a stopped QEMU screen is shown exactly', () => {
  test.each(['off', 'quic', 'lz', 'glz', 'auto_glz', 'auto_lz'])('with image compression %s', async (compression) => {
    await withServer('qemu-bios', { COMPRESSION: compression }, async (server) => {
      const source = ['--direct', directOf(server)];
      const fromPowerOn = startSession({ source, screenshot: true });
      await awaitRest(server);
      await stopGuest(server);
      await flushDrawing(server);
      const watched = await fromPowerOn.end();
      const joined = await runSession({ source, screenshot: true });
      // After the sessions: QXL's dump is the rendering as of the last client's refresh.
      const truth = await screendump(server);
      expect(colourCount(truth)).toBeGreaterThan(1);
      expect([watched.code, joined.code]).toEqual([INTERRUPTED, 0]);
      for (const ended of [watched, joined]) {
        expect(comparePixels(ended.screenshot(), truth)).toMatchObject({ equal: true, differing: 0 });
        expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
      }
    });
  });
});
