// Every scene of the lab on Xspice, in each compression mode, streaming off and on: once a scene stands still, the client's picture is the root window in every
// pixel and nothing was left out. The scenes of a mode follow each other in one session, so that caches, dictionaries and streams live on from one to the next.
//   npm run prove:xspice     RYLL_XSPICE_COMPRESSIONS="glz lz" RYLL_XSPICE_SCENES="video" for a part
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlled, pictureOf } from '../support/controlled.ts';
import { recordMeasurement } from '../support/measurements.ts';
import { colourCount, comparePixels, type Comparison } from '../support/picture.ts';
import { runTool } from '../support/run.ts';
import { scratchFolder, withServer } from '../support/servers.ts';
import { channelOf, INTERRUPTED } from '../support/session.ts';
import { until } from '../support/still.ts';
import { rootWindow, startScene } from '../support/x-screen.ts';

const words = (name: string, all: string): readonly string[] => (process.env[name] ?? all).split(' ');
const compressions = words('RYLL_XSPICE_COMPRESSIONS', 'off auto_glz auto_lz quic glz lz');
const scenes = words('RYLL_XSPICE_SCENES', 'desk scroll ico image perf ops video');
/** How long a scene draws before it is held: long enough for a stream to be recognised. */
const DRAW_MS = 4_000;
/** What the server holds back for a moving area comes when it has rested for a second; a busy machine takes its time. */
const EXACT_WITHIN_MS = 30_000;
const lines: string[] = [];

/** What the report of a display counts by the protocol's numbers: 122 STREAM_CREATE, 123 STREAM_DATA, 125 STREAM_DESTROY. */
const messagesIn = async (report: string): Promise<Readonly<Record<string, number>>> => {
  const display = JSON.parse(await runTool('unzip', ['-p', report, 'channel-state.json'])) as { messages_recv_by_opcode: Readonly<Record<string, number>> };
  return display.messages_recv_by_opcode;
};

test.each(compressions.flatMap((compression) => ['off', 'all'].map((streaming) => ({ compression, streaming }))))(
  'compression $compression, streaming $streaming',
  async ({ compression, streaming }) => {
    await withServer('xspice', { SCENE: '', CURSOR: '0', COMPRESSION: compression, STREAMING: streaming }, async (server) => {
      const { session, client } = await controlled(server, { more: ['--bug-report-dir', join(scratchFolder('reports'), 'r')], timeoutMs: 280_000 });
      const differing: Record<string, number> = {};
      for (const words of scenes) {
        const scene = startScene(server, words);
        await until(`scene ${words} draws`, 30_000, async () => (colourCount(await rootWindow(server)) > 1 ? true : null));
        await pause(DRAW_MS);
        const truth = await scene.hold();
        let last: Comparison | null = null;
        await until('the picture is the screen', EXACT_WITHIN_MS, async () => {
          last = comparePixels((await pictureOf(client)).picture, truth);
          return last.equal ? true : null;
        }).catch((error: unknown) => console.log(compression, streaming, words, String(error), JSON.stringify(last), session.said().slice(-2_000)));
        differing[words] = (last as Comparison | null)?.differing ?? truth.width * truth.height;
        await scene.end();
      }
      const { path } = (await client.request('report', { type: 'display', description: 'streams' })) as { path: string };
      const messages = await messagesIn(path);
      await client.close();
      const ended = await session.end();
      const { gaps } = channelOf(ended.stats(), 'display/0');
      const [created, frames, destroyed] = ['122', '123', '125'].map((opcode) => messages[opcode] ?? 0);
      lines.push(`| ${compression} | ${streaming} | ${Object.values(differing).join(' ')} | ${created} | ${frames} | ${destroyed} | ${JSON.stringify(gaps)} |`);
      expect(ended.code).toBe(INTERRUPTED);
      expect(differing).toEqual(Object.fromEntries(scenes.map((scene) => [scene, 0])));
      expect(gaps).toEqual({});
      const wantsStreams = streaming === 'all' && scenes.includes('video');
      expect(streaming === 'off' ? created : 0).toBe(0);
      expect(wantsStreams && frames === 0).toBe(false);
    });
  },
  300_000,
);

test('the record', async () => {
  expect(lines).toHaveLength(compressions.length * 2);
  await recordMeasurement('Xspice, pixel for pixel', 'npm run prove:xspice', [
    `Pixels of 1024x768 that differ from the root window once the scene stands still, for the scenes ${scenes.join(', ')}, one after the other in one session.`, '',
    '| compression | streaming | pixels that differ, by scene | streams | frames | ended | gaps |', '|---|---|---|---|---|---|---|', ...lines,
  ]);
});
