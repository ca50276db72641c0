// H.264 files with an ffmpeg that the test writes: what it is given, and what happens when it ends, hangs, is not there, or cannot encode. What the real one makes of
// it is test/real/video.test.ts.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeCaptureFiles } from '#app/actors/capture-files.js';
import { chooseH264Encoder } from '#app/actors/h264-encoders.js';
import { H264File } from '#app/actors/h264-file.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { openVideoCounters, videoCounterNames, type VideoEvent } from '#app/actors/video-mail.js';
import type { VideoFrame } from '#app/actors/video-part.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { readMatroska } from '../../support/read-matroska.ts';
import { until } from '../../support/until.ts';

const path = process.env['PATH'] ?? '';
let folder: string;
let captured: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ryll-h264-'));
  captured = join(folder, 'capture');
  nodeCaptureFiles.makeDirectory(captured);
  process.env['PATH'] = `${folder}:${path}`;
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** `$file` is what it is to write, `$out` the folder. */
function fake(script: string): void {
  writeFileSync(join(folder, 'ffmpeg'), `#!/bin/sh\nout=${folder}\nfor last; do :; done\nfile=\${last#file:}\n${script}\n`);
  chmodSync(join(folder, 'ffmpeg'), 0o755);
}
const keeps = 'cat > "$file"';

function world() {
  const host = createNodeHost();
  let skippedMs = 0;
  const counters = createCounters(videoCounterNames);
  const told: VideoEvent[] = [];
  const clock = { ...host.clock, monotonicMs: () => host.clock.monotonicMs() + skippedMs };
  const file = new H264File({
    directory: captured, channel: 'display/0', files: nodeCaptureFiles, counters: openVideoCounters(counters), tell: (event) => told.push(event),
    host: { clock, timers: host.timers }, encoder: 'libx264',
  });
  return { file, told, skip: (ms: number) => void (skippedMs += ms), nowMs: () => clock.monotonicMs(), counts: () => readCounters(counters) };
}

const frame = (atMs: number, jpeg: Uint8Array | readonly number[], [width, height] = [640, 480]): VideoFrame =>
  ({ width: width!, height: height!, jpeg: Uint8Array.from(jpeg), wallMs: Date.UTC(2026, 10, 28, 5) + atMs, atMs });
const video = (name = 'display-0.mkv') => readMatroska(readFileSync(join(captured, name)));
const starts = (): number => (existsSync(join(folder, 'starts')) ? readFileSync(join(folder, 'starts'), 'utf8').split('\n').length - 1 : 0);

describe('ffmpeg', () => {
  test('is given every picture at its time, the last once more at the end, and a file of the owner’s alone', async () => {
    fake(`echo "$@" > $out/args; ${keeps}`);
    const { file, told, counts } = world();
    await file.append(frame(100, [1]));
    await file.append(frame(350, [2, 2]));
    await file.close(900);
    expect(video()).toMatchObject({ width: 640, height: 480, title: 'display/0' });
    expect(video().frames.map(({ timeMs, jpeg }) => [timeMs, ...jpeg])).toEqual([[0, 1], [250, 2, 2], [800, 2, 2]]);
    expect(readFileSync(join(folder, 'args'), 'utf8')).toContain('creation_time=2026-11-28T05:00:00.100Z');
    const { mode, size } = statSync(join(captured, 'display-0.mkv'));
    expect(mode & 0o777).toBe(0o600);
    expect(counts()).toMatchObject({ files: 1, bytes: size, frames_written: 2, frames_lost: 0, file_failures: 0 });
    expect(told).toEqual([]);
  });

  test('makes a part of its own of another size, and touches nothing that is there', async () => {
    fake(keeps);
    writeFileSync(join(captured, 'display-0.mkv'), 'mine');
    const { file, told } = world();
    await Promise.all([file.append(frame(0, [1])), file.append(frame(500, [2], [800, 600])), file.append(frame(600, [3], [800, 600]))]);
    await file.close(600);
    expect(readdirSync(captured).toSorted()).toEqual(['display-0.mkv', 'display-0.part-2.mkv', 'display-0.part-3.mkv']);
    expect(readFileSync(join(captured, 'display-0.mkv'), 'utf8')).toBe('mine');
    expect(video('display-0.part-2.mkv').frames.map(({ timeMs, jpeg }) => [timeMs, ...jpeg])).toEqual([[0, 1], [500, 1]]);
    expect(video('display-0.part-3.mkv').frames.map(({ timeMs, jpeg }) => [timeMs, ...jpeg])).toEqual([[0, 2], [100, 3]]);
    expect(told).toEqual([]);
  });

  test('that ends unasked is told once with its last words; until it is started again, 5 s later, pictures are lost', async () => {
    fake(`echo started >> $out/starts; if [ -e $out/well ]; then ${keeps}; else echo "no room here" >&2; exit 3; fi`);
    const { file, told, skip, nowMs, counts } = world();
    await file.append(frame(nowMs(), [1]));
    await until('its end is told', () => told.length === 1);
    expect(told).toEqual([{ kind: 'videoEncoderEnded', path: join(captured, 'display-0.mkv'), message: 'exit code 3: no room here' }]);
    const before = counts()['frames_lost']!;
    await file.append(frame(nowMs(), [2]));
    expect([starts(), counts()['frames_lost']]).toEqual([1, before + 1]);
    writeFileSync(join(folder, 'well'), '');
    skip(6_000);
    await file.append(frame(nowMs(), [3]));
    expect(told).toHaveLength(1);
    skip(6_000);
    await file.append(frame(nowMs(), [4]));
    expect(told.slice(1)).toMatchObject([{ kind: 'videoFileRecovered' }]);
    await file.close(nowMs());
    // The one that ended had written nothing: its name is used.
    expect(readdirSync(captured)).toEqual(['display-0.mkv']);
    expect(video().frames.slice(0, 2).map(({ jpeg }) => [...jpeg])).toEqual([[3], [4]]);
    expect([starts(), counts()['file_failures']]).toEqual([2, 1]);
  });

  test('that takes nothing lets one picture wait, and is ended when nobody waits any longer', async () => {
    fake('echo started >> $out/starts; exec sleep 600');
    const { file, told, counts } = world();
    const waiting = file.append(frame(0, new Uint8Array(1_000_000)));
    const closed = file.close(10);
    file.giveUp();
    // The call that makes it has not run yet: it makes none.
    await Promise.all([waiting, closed]);
    expect(counts()).toMatchObject({ frames_written: 0, frames_lost: 1, files: 0 });
    const other = world();
    let isDone = false;
    const hangs = other.file.append(frame(0, new Uint8Array(1_000_000))).then(() => (isDone = true));
    await until('it runs', () => starts() === 1);
    expect(isDone).toBe(false);
    other.file.giveUp();
    await hangs;
    await other.file.close(10);
    expect(other.counts()).toMatchObject({ frames_written: 0, frames_lost: 1, file_failures: 1 });
    expect([told, other.told]).toEqual([[], [{ kind: 'videoEncoderEnded', path: join(captured, 'display-0.mkv'), message: 'it did not finish in time and was ended' }]]);
  });

  test('that does not finish is ended, and what it wrote stays', async () => {
    fake(`${keeps}; exec sleep 600`);
    const { file, told } = world();
    await file.append(frame(0, [1]));
    const closed = file.close(10);
    await until('its input is at its end', () => video().frames.length === 2);
    file.giveUp();
    await closed;
    expect(told).toMatchObject([{ kind: 'videoEncoderEnded', message: 'it did not finish in time and was ended' }]);
    expect(video().frames).toHaveLength(2);
  });

  test('that fails at the end is told, too', async () => {
    fake(`${keeps}; echo "disk full" >&2; exit 1`);
    const { file, told, counts } = world();
    await file.append(frame(0, [1]));
    await file.close(10);
    expect(told).toMatchObject([{ kind: 'videoEncoderEnded', message: 'exit code 1: disk full' }]);
    expect(counts()).toMatchObject({ file_failures: 1, frames_lost: 0 });
  });

  test('that cannot be started is told, too', async () => {
    writeFileSync(join(folder, 'ffmpeg'), 'no program\n');
    process.env['PATH'] = folder;
    const { file, told } = world();
    await file.append(frame(0, [1]));
    await until('it is told', () => told.length === 1);
    await file.close(10);
    expect(told[0]).toMatchObject({ kind: 'videoEncoderEnded' });
  });
});

describe('which encoder', () => {
  const encodesWith = (name: string): void => fake(`case " $* " in *" -c:v ${name} "*) cat > /dev/null;; *) echo "Unknown encoder" >&2; exit 1;; esac`);

  test('is the best that encodes a picture with the arguments of a recording', async () => {
    encodesWith('libx264');
    expect(await chooseH264Encoder(`${folder}:${path}`)).toEqual({ kind: 'encoder', encoder: 'libx264' });
    encodesWith('libopenh264');
    expect(await chooseH264Encoder(`${folder}:${path}`)).toEqual({ kind: 'encoder', encoder: 'libopenh264' });
  });

  test('is none without ffmpeg, with one that has none, and with one that does not answer', async () => {
    expect(await chooseH264Encoder(captured)).toEqual({ kind: 'none', why: 'ffmpeg is not on PATH' });
    encodesWith('h265');
    expect(await chooseH264Encoder(`${folder}:${path}`)).toEqual({ kind: 'none', why: 'ffmpeg cannot encode H.264 (libx264: exit code 1: Unknown encoder; libopenh264: exit code 1: Unknown encoder)' });
    fake('exec sleep 600');
    expect(await chooseH264Encoder(`${folder}:${path}`, 50)).toMatchObject({ kind: 'none', why: expect.stringContaining('libx264: SIGKILL') });
  });
});
