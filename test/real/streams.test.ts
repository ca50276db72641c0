// Video of a real server: a clip that plays on Xspice. Streamed it is within JPEG's error of the screen while it runs and equal to it once the server has
// ended the stream; not streamed it is equal in every pixel as it is.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countMessages } from './support/captures.ts';
import { controlled, pictureOf } from './support/controlled.ts';
import { colourCount, comparePixels, type Picture } from './support/picture.ts';
import { withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, type Session } from './support/session.ts';
import { until } from './support/still.ts';
import { holdScene, rootWindow } from './support/x-screen.ts';

/** How many messages of that name the capture has, by the independent counter. */
const counted = async ({ folder }: Session, wanted: string): Promise<number> =>
  (await countMessages(join(folder, 'capture', 'display-0.pcapng'))).kinds.find(({ side, name }) => side === 'server' && name === wanted)?.count ?? 0;

/** Where x-scene.sh plays the clip. */
const CLIP = { left: 640, top: 420, right: 960, bottom: 660 };

/** Mean difference of a colour value within the clip, 0 to 255. */
const meanError = (a: Picture, b: Picture): number => {
  let sum = 0;
  for (let y = CLIP.top; y < CLIP.bottom; y += 1) {
    for (let at = (y * a.width + CLIP.left) * 3; at < (y * a.width + CLIP.right) * 3; at += 1) sum += Math.abs((a.rgb[at] ?? 0) - (b.rgb[at] ?? 0));
  }
  return sum / ((CLIP.right - CLIP.left) * (CLIP.bottom - CLIP.top) * 3);
};

test.each([
  { streaming: 'filter', carries: 'STREAM_DATA' },
  { streaming: 'off', carries: 'DRAW_COPY' },
])('a playing clip with streaming $streaming', async ({ streaming, carries }) => {
  await withServer('xspice', { SCENE: 'video', CURSOR: '0', STREAMING: streaming }, async (server) => {
    const { session, client } = await controlled(server, { capture: true });
    await until('the clip plays', 30_000, async () => (colourCount(await rootWindow(server)) > 1 ? true : null));
    await until(`20 frames come as ${carries}`, 30_000, async () => ((await counted(session, carries).catch(() => 0)) > 20 ? true : null));
    const truth = await holdScene(server);
    // Whether the stream has ended by now does not matter: its last frame is on the screen.
    const error = meanError((await pictureOf(client)).picture, truth);
    console.log(`streaming ${streaming}: mean error of the last frame ${error.toFixed(2)} of 255`);
    expect(error).toBeLessThan(8);
    await until('the picture is the screen', 15_000, async () => (comparePixels((await pictureOf(client)).picture, truth).equal ? true : null));
    const ended = await session.end();
    expect(ended).toMatchObject({ code: INTERRUPTED, timedOut: false });
    expect(comparePixels(ended.screenshot(), truth)).toMatchObject({ differing: 0, firstDifference: null });
    expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
    const created = await counted(session, 'STREAM_CREATE');
    expect(created > 0).toBe(streaming !== 'off');
    expect(await counted(session, 'STREAM_DESTROY')).toBe(created);
  });
});
