// The lab's Linux guest (X, openbox, a terminal, a clock: built once by lab/build-guest.sh): the picture at a still moment equals
// QEMU's screendump. Once watched while the desktop draws itself (every update on the one before), once joined when it stands still.
//   npm run prove:linux-guest
import { expect, test } from 'vitest';
import { recordMeasurement } from '../support/measurements.ts';
import { colourCount, comparePixels } from '../support/picture.ts';
import { flushDrawing, screendump, stopGuest } from '../support/qmp.ts';
import { directOf, withServer } from '../support/servers.ts';
import { channelOf, INTERRUPTED, runSession, startSession } from '../support/session.ts';
import { until } from '../support/still.ts';

const lines: string[] = [];

test.each(['off', 'auto_glz'])('the desktop is shown exactly with image compression %s', async (compression) => {
  await withServer('qemu-linux', { COMPRESSION: compression, SCENE: 'desk' }, async (server) => {
    const source = ['--direct', directOf(server)];
    const watching = startSession({ source, screenshot: true, timeoutMs: 200_000 });
    // The desktop is drawn when the terminal's listing and the windows' frames are: many colours (smooth text), as the dump says
    // while a client is connected.
    await until('the desktop is drawn', 120_000, async () => (colourCount(await screendump(server)) > 100 ? true : null));
    await stopGuest(server);
    await flushDrawing(server);
    const watched = await watching.end();
    const joined = await runSession({ source, screenshot: true, durationSeconds: 4 });
    // QXL's dump is the rendering as of the last client's refresh: taken after the sessions.
    const truth = await screendump(server);
    for (const [name, ended] of [['watched', watched], ['joined late', joined]] as const) {
      const { differing, compared } = comparePixels(ended.screenshot(), truth);
      lines.push(`| ${compression} | ${name} | ${compared} | ${differing} | ${channelOf(ended.stats(), 'display/0').messages_in} | ${JSON.stringify(channelOf(ended.stats(), 'display/0').gaps)} |`);
    }
    expect([watched.code, joined.code]).toEqual([INTERRUPTED, 0]);
    expect(comparePixels(watched.screenshot(), truth)).toMatchObject({ differing: 0, firstDifference: null });
    expect(comparePixels(joined.screenshot(), truth)).toMatchObject({ differing: 0, firstDifference: null });
  });
}, 300_000);

test('the record', async () => {
  expect(lines).toHaveLength(4);
  await recordMeasurement('The Linux guest, pixel for pixel', 'npm run prove:linux-guest', [
    '| compression | session | pixels | differ | display messages | gaps |', '|---|---|---|---|---|---|', ...lines,
  ]);
});
