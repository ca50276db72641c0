// The kill matrix on a real QEMU, one run for each cell: every secondary channel x every death, the writer and every consumer x the
// same. Several cells share a session, one death after the other. Ten runs a cell, with times and on Xspice too: `npm run prove:kill-matrix`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Death } from './support/deaths.ts';
import { expectEachAlone, killChannels } from './support/kill-channels.ts';
import { expectUnnoticed, killConsumers, type Shown } from './support/kill-consumers.ts';
import { colourCount, comparePixels, type Picture } from './support/picture.ts';
import { screendump, stopGuest } from './support/qmp.ts';
import { startServer, type Server } from './support/servers.ts';
import { awaitRest } from './support/still.ts';

/** Every kind of secondary channel that there is. */
const CHANNELS = ['display/0', 'inputs/0', 'cursor/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
/** Filling eight heaps takes a busy machine a minute. */
const PATIENCE_MS = 180_000;
/** Deaths that share a session. */
const SESSIONS: readonly (readonly Death[])[] = [['throw', 'cut'], ['wait', 'spin'], ['heap']];

describe('each secondary channel of one session, killed one after the other', () => {
  let server: Server;
  let truth: Picture;
  beforeAll(async () => {
    server = await startServer('qemu-bios', { AUDIO: '1', AGENT: '1', USBREDIR: '1', WEBDAV: '1', PORTCHAN: '1' });
    await awaitRest(server);
    // Its SPICE server goes on serving; the picture stands still for all sessions.
    await stopGuest(server);
    truth = await screendump(server);
  });
  afterAll(async () => server.stop());

  test.each(SESSIONS.map((deaths) => [deaths.join(' and '), deaths] as const))('by %s: returns alone, main goes on, and the picture is the server\'s again', async (_name, deaths) => {
    expect(colourCount(truth)).toBeGreaterThan(1);
    const killed = await killChannels({ server, deaths, channels: CHANNELS });
    expectEachAlone(killed);
    expect(comparePixels(killed.ended.screenshot(), truth)).toMatchObject({ equal: true, differing: 0 });
  }, PATIENCE_MS);
});

describe('the writer and each consumer of one session, killed one after the other', () => {
  let server: Server;
  beforeAll(async () => { server = await startServer('qemu-bios', { AUDIO: '1' }); });
  afterAll(async () => server.stop());

  // A terminal that hangs up ends the session, by SIGHUP: it is no death of the dashboard.
  const cells: readonly (readonly [Death, Shown])[] = [
    ['throw', 'log'], ['spin', 'log'], ['heap', 'log'], ['wait', 'log'], ['cut', 'log'],
    ['throw', 'dashboard'], ['spin', 'dashboard'], ['heap', 'dashboard'], ['wait', 'dashboard'],
  ];
  test.each(cells)('by %s, seen through the %s: no channel changes generation, and the capture has every message', async (death, shown) => {
    await expectUnnoticed(await killConsumers(server, shown, death));
  }, PATIENCE_MS);
});
