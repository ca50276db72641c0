// Xspice's tone, measured on the samples of the file that the client writes: volume and mute are what the user has set, for PCM and for
// Opus, through ten cut connections and a crash of the playback actor.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVolumeControl } from '#app/audio/volume-control.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { AudioMode } from '#app/protocol/constants.js';
import { ChannelProxy } from '../support/channel-proxy.ts';
import type { ReconnectOptions } from '#app/cli/session-reconnect.js';
import { testSession, type TestSession } from '../support/session-fixture.ts';
import { channelOfWav, peak, readWav, toneAmplitude } from '../support/sound.ts';
import { runTool } from './support/run.ts';
import { directOf, scratchFolder, withServer } from './support/servers.ts';
import { INTERRUPTED, startSession } from './support/session.ts';
import { until } from './support/still.ts';

/** As test/real/lab/tone.py makes it. */
const [leftHz, rightHz, amplitude] = [440, 660, 8_000];
const playback = 'playback/0';
const WAIT_MS = 20_000;
/** A link that lived for so long was healthy: the next loss is the first again. */
const HEALTHY_MS = 5_000;

const modes = {
  PCM: { variables: { PLAYBACK_COMPRESSION: '0' }, mode: AudioMode.raw, tolerance: 0.001 },
  Opus: { variables: { PLAYBACK_COMPRESSION: '1' }, mode: AudioMode.opus, tolerance: 0.03 },
} as const;

const reconnect: ReconnectOptions = { holds: false, retryInitial: false, jitter: 0, renew: null, freshTickets: false };

interface World extends TestSession {
  readonly proxy: ChannelProxy;
  readonly file: string;
}

/** The loudest sample of each side in half a second of sound that is written from now on. */
async function hear({ run, file }: World): Promise<readonly [left: number, right: number]> {
  const written = (): number => run.sound.sample().file_samples;
  // What was on its way with another volume, and Opus's own beginning, are left out.
  const begin = written() + 9_600;
  const end = begin + 24_000;
  await until('half a second of sound', WAIT_MS, () => (written() >= end ? true : null));
  const wav = readWav(readFileSync(file));
  return [peak(channelOfWav(wav, 0, begin, end)), peak(channelOfWav(wav, 1, begin, end))];
}

const generationOf = ({ channel }: World): number => channel(playback).generation;

/** Waits for a link that is newer than `generation`; its own generation. */
const linkedAfter = (world: World, generation: number): Promise<number> =>
  until(`${playback} is linked again`, WAIT_MS, () => (generationOf(world) > generation && world.channel(playback).state === 'linked' ? generationOf(world) : null));

const healthy = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, HEALTHY_MS + 500); });

/** How often each: ten by command (RYLL_INTERRUPTIONS=10); the same ten in virtual time are in every test run (session-sound.test.ts). */
const TIMES = Number(process.env['RYLL_INTERRUPTIONS'] ?? 3);

/** What may happen to the playback channel; each ends its link and brings a new one about. */
const interruptions: readonly (readonly [name: string, times: number, happen: (world: World) => void])[] = [
  ['cut connections', TIMES, ({ proxy }) => proxy.cut(playback, 'rst')],
  ['a crash of the playback actor', 1, ({ poison }) => poison(playback)],
  ['lost sessions', TIMES, ({ proxy }) => proxy.cut('main/0', 'rst')],
];

describe.each(Object.entries(modes))('%s', (_name, { variables, mode, tolerance }) => {
  test('the program writes the tone at the volume that it was given, each side its own', async () => {
    await withServer('xspice', { SCENE: '', AUDIO: '1', ...variables }, async (server) => {
      const file = join(scratchFolder('sound'), 'x.wav');
      const session = startSession({ source: ['--direct', directOf(server)], more: ['--audio-file', file, '--volume', '37'] });
      await until('two seconds of sound', WAIT_MS, () => {
        try {
          return readFileSync(file).length > 44 + 2 * 192_000 ? true : null;
        } catch {
          return null;
        }
      });
      const ended = await session.end();
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: INTERRUPTED, stderr: '' });
      const wav = readWav(readFileSync(file));
      expect(wav).toMatchObject({ channels: 2, frequencyHz: 48_000, dataBytes: wav.samples.byteLength });
      // Python's own reader of WAV files agrees on what there is.
      const seen = await runTool('python3', ['-c', 'import sys, wave; print(*wave.open(sys.argv[1]).getparams()[:4])', file]);
      expect(seen.trim()).toBe(`2 2 48000 ${wav.samples.length / 2}`);
      const [left, right] = [channelOfWav(wav, 0, 9_600), channelOfWav(wav, 1, 9_600)];
      for (const side of [left, right]) expect(Math.abs(peak(side) / amplitude - 0.37)).toBeLessThan(0.02);
      // A tenth of a second is whole waves of both tones.
      expect(toneAmplitude(left.subarray(0, 4_800), leftHz)).toBeGreaterThan(10 * toneAmplitude(left.subarray(0, 4_800), rightHz));
      expect(toneAmplitude(right.subarray(0, 4_800), rightHz)).toBeGreaterThan(10 * toneAmplitude(right.subarray(0, 4_800), leftHz));
    });
  });

  test('at volume 37 it is 37 % as loud as at 100, muted it is silence, after cuts, a crash and lost sessions', async () => {
    await withServer('xspice', { SCENE: '', AUDIO: '1', ...variables }, async (server) => {
      const proxy = await ChannelProxy.start(Number(server.get('SPICE_PORT')));
      const file = join(scratchFolder('sound'), 'x.wav');
      const made = testSession(createNodeHost(), proxy.port, { reconnect, sound: { volume: createVolumeControl(), file, player: null } });
      const world: World = { ...made, proxy, file };
      const { run } = world;
      try {
        await run.start();
        const full = await hear(world);
        for (const side of full) expect(Math.abs(side / amplitude - 1)).toBeLessThan(0.02);
        expect(run.memory.facts(run.memory.channels.find(({ id }) => id === playback)!)?.state['mode']).toBe(mode);
        const expectQuieter = async (): Promise<void> => {
          for (const [side, level] of (await hear(world)).entries()) expect(Math.abs(level / full[side]! - 0.37)).toBeLessThan(tolerance);
        };
        run.sound.setVolume(37);
        await expectQuieter();
        for (const [, times, happen] of interruptions) {
          for (let time = 1; time <= times; time++) {
            // Three losses within a few seconds wait little before they are linked again; then the link has to prove itself.
            if (time % 3 === 1) await healthy();
            const before = generationOf(world);
            happen(world);
            expect(await linkedAfter(world, before)).toBe(before + 1);
            await expectQuieter();
          }
          run.sound.setMuted(true);
          await healthy();
          const before = generationOf(world);
          happen(world);
          await linkedAfter(world, before);
          expect(await hear(world)).toEqual([0, 0]);
          run.sound.setMuted(false);
          await expectQuieter();
        }
        expect(world.channel(playback).sound).toMatchObject({ packets_failed: 0, samples_dropped: 0 });
        // One more while muted.
        expect(run.reconnect.facts.autoReconnectCount).toBe(TIMES + 1);
        expect(world.channel('main/0').generation).toBe(TIMES + 2);
      } finally {
        await run.stop();
        await proxy.close();
      }
      expect(run.soundProblem()).toBeNull();
      expect(run.sound.sample()).toMatchObject({ volume_percent: 37, muted: false, files: 1, file_samples_lost: 0 });
    });
  }, 300_000);
});
