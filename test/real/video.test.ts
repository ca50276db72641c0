// The video of a capture, on QEMU and Xspice: ffprobe plays every file whole, the last picture is the session's own screenshot within JPEG's error, and a killed
// client leaves what it had written. With H.264 the system's ffmpeg encodes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Picture } from './support/picture.ts';
import { runTool } from './support/run.ts';
import { directOf, withServer } from './support/servers.ts';
import { INTERRUPTED, startSession } from './support/session.ts';
import { awaitRest, until } from './support/still.ts';
import { stopGuest } from './support/qmp.ts';
import { holdScene } from './support/x-screen.ts';

const videosOf = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.mkv')).toSorted().map((name) => join(folder, name));

interface Probed {
  readonly frames: number;
  readonly seconds: number;
  readonly size: readonly [number, number];
}

async function probe(file: string, codec = 'mjpeg'): Promise<Probed> {
  const json = await runTool('ffprobe', ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames,width,height,codec_name:format=duration', '-of', 'json', file]);
  const { streams, format } = JSON.parse(json) as { streams: { nb_read_frames: string; width: number; height: number; codec_name: string }[]; format: { duration?: string } };
  expect(streams).toHaveLength(1);
  const stream = streams[0]!;
  expect(stream.codec_name).toBe(codec);
  return { frames: Number(stream.nb_read_frames), seconds: Number(format.duration ?? Number.NaN), size: [stream.width, stream.height] };
}

/** Mean difference of a colour value between the last picture of the video and this one, 0 to 255. */
async function lastPictureError(file: string, folder: string, { width, height, rgb }: Picture): Promise<number> {
  const raw = join(folder, 'last.rgb');
  await runTool('ffmpeg', ['-v', 'error', '-y', '-i', file, '-fps_mode', 'passthrough', '-update', '1', '-f', 'image2', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24', raw]);
  const last = readFileSync(raw);
  expect(last).toHaveLength(width * height * 3);
  return last.reduce((sum, value, index) => sum + Math.abs(value - rgb[index]!), 0) / last.length;
}

test('QEMU: each size of the screen has a file, and the last picture is the last one shown', async () => {
  await withServer('qemu-bios', {}, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], capture: true, screenshot: true });
    await awaitRest(server);
    await stopGuest(server);
    const ended = await session.end();
    expect(ended).toMatchObject({ code: INTERRUPTED });
    const files = videosOf(ended.captureFolder);
    const probed = await Promise.all(files.map((file) => probe(file)));
    const stats = ended.stats() as unknown as { video: Record<string, number> };
    expect(stats.video).toMatchObject({ files: files.length, frames_lost: 0, file_failures: 0 });
    // Each file repeats its last picture at its end, unless that is the moment of the picture itself.
    const frames = probed.reduce((sum, one) => sum + one.frames, 0);
    expect(frames).toBeGreaterThanOrEqual(stats.video['frames_written']!);
    expect(frames).toBeLessThanOrEqual(stats.video['frames_written']! + files.length);
    for (const { seconds } of probed) expect(seconds).toBeGreaterThanOrEqual(0);
    const picture = ended.screenshot();
    expect(probed.at(-1)?.size).toEqual([picture.width, picture.height]);
    expect(await lastPictureError(files.at(-1)!, ended.captureFolder, picture)).toBeLessThan(4);
  });
});

test('Xspice: a busy scene is recorded, and ends with the picture on the screen', async () => {
  await withServer('xspice', { SCENE: 'ico', CURSOR: '0' }, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], capture: true, screenshot: true });
    await until('the video grows', 20_000, async () => {
      const files = videosOfOrNone(join(session.folder, 'capture'));
      return files.length > 0 && (await probe(files[0]!)).frames > 10 ? true : null;
    });
    await holdScene(server);
    const ended = await session.end();
    const [file = ''] = videosOf(ended.captureFolder);
    expect((await probe(file)).frames).toBeGreaterThan(10);
    expect(await lastPictureError(file, ended.captureFolder, ended.screenshot())).toBeLessThan(8);
  });
});

test('QEMU: with --video-codec h264 each file plays whole in ffprobe, with every picture and its time, and ends with the picture on the screen', async () => {
  await withServer('qemu-bios', {}, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], capture: true, screenshot: true, more: ['--video-codec', 'h264'] });
    await awaitRest(server);
    await stopGuest(server);
    const ended = await session.end();
    expect(ended).toMatchObject({ code: INTERRUPTED });
    const files = videosOf(ended.captureFolder);
    const probed = await Promise.all(files.map((file) => probe(file, 'h264')));
    const { video } = ended.stats() as unknown as { video: Record<string, number> };
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(video).toMatchObject({ files: files.length, bytes, frames_lost: 0, file_failures: 0 });
    const frames = probed.reduce((sum, one) => sum + one.frames, 0);
    expect(frames).toBeGreaterThanOrEqual(video['frames_written']!);
    expect(frames).toBeLessThanOrEqual(video['frames_written']! + files.length);
    for (const { seconds } of probed) expect(seconds).toBeGreaterThan(0);
    const picture = ended.screenshot();
    const even = (length: number): number => length + (length % 2);
    expect(probed.at(-1)?.size).toEqual([even(picture.width), even(picture.height)]);
    expect(await lastPictureError(files.at(-1)!, ended.captureFolder, picture)).toBeLessThan(6);
  });
});

function videosOfOrNone(folder: string): readonly string[] {
  try {
    return videosOf(folder);
  } catch {
    return [];
  }
}
