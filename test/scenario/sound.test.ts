// Sound on real threads: the program as a process with a file and a player, the playback actor crashed and its connection cut under it, and
// what a sender that died had still told when its successor speaks.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { audioCounterNames, type AudioArgs, type AudioMail } from '#app/actors/audio-mail.js';
import type { FaultyArgs } from '#app/actors/fault-injection.js';
import type { StatsDocument } from '#app/cli/stats-document.js';
import { planOf } from '#app/cli/session-tree.js';
import { createCounters } from '#app/mailbox/counters.js';
import { echoSpec } from '../support/echo-spec.ts';
import { withSystem } from '../support/kernel-fixture.ts';
import { channelOfWav, peak, readWav, toneAmplitude } from '../support/sound.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** The loopback server's tone: audio-servers.ts. */
const [toneHz, toneLevel] = [440, 6_000];

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ryll-sound-'))));
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function program(args: readonly string[], path = process.env['PATH']): { readonly ended: Promise<Ended>; readonly line: (fits: RegExp) => Promise<string>; readonly kill: () => void } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, PATH: path, RYLL_TEST_FAULTS: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const ended = new Promise<Ended>((resolve) => void child.once('close', (code) => resolve({ code, text })));
  return { ended, kill: () => child.kill('SIGINT'), line: (fits) => until(String(fits), () => text.split('\n').find((line) => fits.test(line))) };
}

test('a file and a player get the same sound at volume 37, through a crash and a cut connection', async () => {
  // The player is found on PATH like any other; what it plays it also keeps.
  writeFileSync(join(folder, 'pacat'), `#!/bin/sh\nexec cat > ${folder}/played\n`);
  chmodSync(join(folder, 'pacat'), 0o755);
  const server = program(['serve', '--port', '0', '--scene', 'still']);
  const file = join(folder, 'x.wav');
  try {
    const [, , address = ''] = (await server.line(/^listening on/)).split(' ');
    const client = program([
      'connect', '--direct', address, '--headless', '--stats-json', join(folder, 'stats.json'),
      '--audio-file', file, '--audio-device', 'auto', '--volume', '37', '--inject', 'playback/0:throw@500ms', '--inject', 'playback/0:cut@900msx2',
    ], `${folder}:${process.env['PATH'] ?? ''}`);
    await client.line(/playback\/0#1 failed: injected fault/);
    await client.line(/playback\/0 lost its connection/);
    await until('two seconds of sound', () => statSync(file).size > 44 + 2 * 192_000, 30_000);
    client.kill();
    expect(await client.ended).toMatchObject({ code: 130 });
    const stats = JSON.parse(readFileSync(join(folder, 'stats.json'), 'utf8')) as StatsDocument;
    const sound = stats.channels.find(({ channel }) => channel === 'playback/0');
    expect(sound?.generation).toBeGreaterThanOrEqual(3);
    expect(sound?.sound).toMatchObject({ packets_failed: 0, samples_dropped: 0 });
    const wav = readWav(readFileSync(file));
    expect(wav).toMatchObject({ channels: 2, frequencyHz: 48_000, dataBytes: wav.samples.byteLength });
    expect(stats.sound).toMatchObject({ volume_percent: 37, muted: false, files: 1, file_samples: wav.samples.length / 2, file_samples_lost: 0 });
    // All of it is the tone: every tenth of a second is as loud as 37 % of it.
    const left = channelOfWav(wav, 0);
    expect(peak(left)).toBe(Math.round(toneLevel * 0.37));
    for (let at = 0; at + 4_800 <= left.length; at += 4_800) expect(Math.abs(peak(left.subarray(at, at + 4_800)) / toneLevel - 0.37)).toBeLessThan(0.001);
    expect(Math.abs(toneAmplitude(left.subarray(0, 12_000), toneHz) / toneLevel - 0.37)).toBeLessThan(0.001);
    const played = readFileSync(join(folder, 'played'));
    expect(played.length).toBe(stats.sound.device_samples * 4);
    // What the player took is what the file holds, unless a moment of it found no room.
    expect(stats.sound.device_samples_dropped > 0 || played.equals(Buffer.from(wav.samples.buffer))).toBe(true);
  } finally {
    server.kill();
    await server.ended;
  }
}, 60_000);

test('what cannot be written or played ends connect before anything is dialled, with the reason', async () => {
  const file = join(folder, 'x.wav');
  writeFileSync(file, 'precious');
  // Nothing listens there: it would be exit code 4.
  const taken = await program(['connect', '--direct', '127.0.0.1:1', '--headless', '--audio-file', file]).ended;
  expect(taken).toMatchObject({ code: 10, text: expect.stringContaining(`${file} exists already; name another file or remove it. [sound.start]`) });
  expect(readFileSync(file, 'utf8')).toBe('precious');
  const silent = await program(['connect', '--direct', '127.0.0.1:1', '--headless', '--audio-device', 'aplay'], '/nowhere').ended;
  expect(silent).toMatchObject({ code: 10, text: expect.stringContaining('aplay is not on this machine; install alsa-utils') });
}, 30_000);

test('nothing that a dead sender had told is heard after the first word of its successor', async () => {
  const file = join(folder, 'x.wav');
  const mail = (sample: number): AudioMail => ({ kind: 'samples', format: { channels: 1, frequencyHz: 48_000 }, pcm: Int16Array.of(sample).buffer });
  const counters = createCounters(audioCounterNames);
  await withSystem(async (system) => {
    await system.start(echoSpec('hub'));
    // Slow: 100 ms for each message, so that most of them still wait when their sender dies.
    const { kind: _kind, ...plan } = planOf('audio');
    const args: FaultyArgs = { module: plan.module, args: { file, player: null, counters } satisfies AudioArgs, faults: [{ kind: 'slow', atMs: 0, generationsMax: 1 }] };
    const audio = await system.start({ ...plan, module: new URL('../../dist/actors/faulty-actor.js', import.meta.url).href, args });
    const first = await system.start(echoSpec('playback/0', ['audio'], { mailbox: { dataMax: 64, controlMax: 4 } }));
    for (let i = 0; i < 30; i++) first.address.tell({ kind: 'tellOn', to: 'audio', message: mail(1) });
    await until('all of the first are told', () => audio.mailbox().accepted >= 30);
    await first.kill();
    const second = await system.start(echoSpec('playback/0', ['audio']));
    for (let i = 0; i < 3; i++) second.address.tell({ kind: 'tellOn', to: 'audio', message: mail(2) });
    await until('all of the second are heard', () => audio.mailbox().depth === 0 && audio.mailbox().accepted >= 33);
    await audio.stop();
    const heard = [...readWav(readFileSync(file)).samples];
    const ones = heard.filter((sample) => sample === 1).length;
    expect(heard).toEqual([...Array<number>(ones).fill(1), 2, 2, 2]);
    expect(ones).toBeLessThan(30);
    expect(audio.mailbox().deadLetters).toBeGreaterThanOrEqual(30 - ones);
  });
}, 30_000);
