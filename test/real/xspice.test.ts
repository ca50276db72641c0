// Xspice: an X server's root window against the client's picture, wherever only supported operations drew. Which pixels those
// are, the client computes from the operations themselves (--coverage-mask). Their share of the screen may only rise: it is
// held against coverage-floor.json.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { colourCount, comparePixels, maskShare } from './support/picture.ts';
import { directOf, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession } from './support/session.ts';
import { holdScene, rootWindow } from './support/x-screen.ts';
import { until } from './support/still.ts';

const FLOORS = JSON.parse(readFileSync(new URL('./coverage-floor.json', import.meta.url), 'utf8')) as Readonly<Record<string, number>>;
/** How long a scene may draw before it is held: long enough for each to have shown all it does. */
const DRAW_MS = 5_000;
const lines: string[] = [];

afterAll(() => console.log(['scene: share of the screen drawn by supported operations only (floor); gaps', ...lines].join('\n')));

describe('the picture equals the root window wherever supported operations drew', () => {
  test.each(Object.keys(FLOORS))('scene %s', async (scene) => {
    await withServer('xspice', { SCENE: scene, CURSOR: '0' }, async (server) => {
      const session = startSession({ source: ['--direct', directOf(server)], screenshot: true, coverage: true });
      await until(`scene ${scene} draws`, 20_000, async () => (colourCount(await rootWindow(server)) > 1 ? true : null));
      await pause(DRAW_MS);
      const truth = await holdScene(server);
      const ended = await session.end();
      const mask = ended.coverageMask();
      const [share, gaps] = [maskShare(mask), channelOf(ended.stats(), 'display/0').gaps];
      lines.push(`  ${scene}: ${share.toFixed(4)} (${FLOORS[scene]}); ${JSON.stringify(gaps)}`);
      expect(ended).toMatchObject({ code: INTERRUPTED, timedOut: false });
      expect(comparePixels(ended.screenshot(), truth, mask)).toMatchObject({ differing: 0, firstDifference: null });
      expect(share).toBeGreaterThanOrEqual(FLOORS[scene] ?? 1);
    });
  });
});
