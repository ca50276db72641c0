// A video on a disk in memory: what a reader of its own finds in it, parts, a disk that refuses and takes again, and what a killed program leaves.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeCaptureFiles } from '#app/actors/capture-files.js';
import { VideoFile } from '#app/actors/video-file.js';
import { openVideoCounters, videoCounterNames, type VideoEvent } from '#app/actors/video-mail.js';
import type { VideoFrame } from '#app/actors/video-part.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { memoryDisk } from '../../support/memory-files.ts';
import { readMatroska } from '../../support/read-matroska.ts';

const startWallMs = Date.UTC(2026, 10, 28, 5);
const frame = (atMs: number, jpeg: readonly number[], [width, height] = [640, 480]): VideoFrame =>
  ({ width: width!, height: height!, jpeg: Uint8Array.from(jpeg), wallMs: startWallMs + atMs, atMs });

function world() {
  const disk = memoryDisk();
  disk.calls.makeDirectory('/c');
  const counters = createCounters(videoCounterNames);
  const told: VideoEvent[] = [];
  const open = (): VideoFile => new VideoFile({ directory: '/c', channel: 'display/0', files: disk.calls, counters: openVideoCounters(counters), tell: (event) => told.push(event) });
  const video = (name = 'display-0.mkv') => readMatroska(disk.files.get(`/c/${name}`)!);
  return { disk, told, open, video, names: () => [...disk.files.keys()], counts: () => readCounters(counters) };
}

describe('a video', () => {
  test('has every picture at its time, the last once more at the end, and an index that leads to them', () => {
    const { open, video, counts, disk, told } = world();
    const file = open();
    file.append(frame(100, [1]));
    file.append(frame(350, [2, 2]));
    file.append(frame(1_400, [3, 3, 3]));
    file.close(2_100);
    const read = video();
    expect(read).toMatchObject({ width: 640, height: 480, title: 'display/0', durationMs: 2_000, startedWallMs: startWallMs + 100, left: 0 });
    expect(read.frames.map(({ timeMs, jpeg }) => [timeMs, ...jpeg])).toEqual([[0, 1], [250, 2, 2], [1_300, 3, 3, 3], [2_000, 3, 3, 3]]);
    expect(read.cues).toEqual([read.frames[0]!, read.frames[2]!].map(({ timeMs, at }) => ({ timeMs, clusterAt: at })));
    const bytes = disk.files.get('/c/display-0.mkv')!;
    expect([...read.seeks].map(([id, at]) => [id, Buffer.from(bytes.subarray(at, at + 4)).readUInt32BE()])).toEqual([0x1549a966, 0x1654ae6b, 0x1c53bb6b].map((id) => [id, id]));
    expect(counts()).toMatchObject({ files: 1, frames_written: 3, frames_lost: 0, file_failures: 0 });
    expect([disk.openFiles, told]).toEqual([0, []]);
  });

  test('that nobody finished holds every picture that was written whole, wherever it ends', () => {
    const { open, disk, video } = world();
    const file = open();
    file.append(frame(0, [1]));
    file.append(frame(40, [2, 2]));
    const bytes = disk.files.get('/c/display-0.mkv')!.slice();
    const second = video().frames[1]!.at;
    for (let end = second; end < bytes.length; end++) expect(readMatroska(bytes.subarray(0, end)).frames.map(({ timeMs }) => timeMs)).toEqual([0]);
    expect(readMatroska(bytes)).toMatchObject({ durationMs: null, frames: [{ timeMs: 0 }, { timeMs: 40 }], left: 0 });
    file.close(50);
  });

  test('goes on in a part of its own when the screen has another size', () => {
    const { open, video, names } = world();
    const file = open();
    file.append(frame(0, [1]));
    file.append(frame(500, [2], [800, 600]));
    file.close(600);
    expect(names()).toEqual(['/c/display-0.mkv', '/c/display-0.part-2.mkv']);
    expect(video()).toMatchObject({ width: 640, durationMs: 500 });
    expect(video('display-0.part-2.mkv')).toMatchObject({ width: 800, height: 600, durationMs: 100 });
  });

  test('never touches a file that is there', () => {
    const { open, disk, names } = world();
    disk.calls.create('/c/display-0.mkv');
    const file = open();
    file.append(frame(0, [1]));
    file.close(1);
    expect(names()).toEqual(['/c/display-0.mkv', '/c/display-0.part-2.mkv']);
    expect(disk.files.get('/c/display-0.mkv')).toHaveLength(0);
  });

  test('without pictures is no file', () => {
    const { open, names } = world();
    open().close(5);
    expect(names()).toEqual([]);
  });

  test('keeps to a bounded index in a long session', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ryll-video-'));
    const file = new VideoFile({ directory, channel: 'display/0', files: nodeCaptureFiles, counters: openVideoCounters(createCounters(videoCounterNames)), tell: () => undefined });
    for (let second = 0; second < 5_000; second++) file.append(frame(second * 1_000, [second & 0xff]));
    file.close(5_000_000);
    const { cues, frames } = readMatroska(readFileSync(join(directory, 'display-0.mkv')));
    rmSync(directory, { recursive: true });
    expect(cues.length).toBeLessThan(4_096);
    expect(cues.length).toBeGreaterThan(1_024);
    const starts = new Map(frames.map(({ at, timeMs }) => [at, timeMs]));
    for (const { clusterAt, timeMs } of cues) expect(starts.get(clusterAt)).toBe(timeMs);
  });
});

describe('a disk that refuses', () => {
  test('costs the pictures that it refused, is told of once, and the video goes on when it takes them again', () => {
    const { open, video, disk, told, counts } = world();
    const file = open();
    file.append(frame(0, [1]));
    disk.free = 3;
    file.append(frame(10, [2, 2, 2, 2]));
    file.append(frame(20, [3]));
    disk.free = Infinity;
    file.append(frame(30, [4]));
    file.close(40);
    expect(video()).toMatchObject({ durationMs: 40, left: 0 });
    expect(video().frames.map(({ timeMs }) => timeMs)).toEqual([0, 30, 40]);
    expect(told.map(({ kind }) => kind)).toEqual(['videoFileFailed', 'videoFileRecovered']);
    expect(told[1]).toMatchObject({ lostFrames: 2 });
    expect(counts()).toMatchObject({ frames_written: 2, frames_lost: 2, file_failures: 2 });
  });

  test('from the beginning leaves the head to the first picture that it takes', () => {
    const { open, video, disk, counts } = world();
    disk.free = 0;
    const file = open();
    file.append(frame(0, [1]));
    disk.free = Infinity;
    file.append(frame(10, [2]));
    file.close(10);
    expect(video()).toMatchObject({ width: 640, frames: [{ timeMs: 10 }] });
    expect(counts()).toMatchObject({ frames_written: 1, frames_lost: 1 });
  });
});
