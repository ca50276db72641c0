// The recorder by hand: which pictures it takes, what it leaves out while the encoder is behind, and what its end waits for.
import { expect, test } from 'vitest';
import { openVideoCounters, videoCounterNames, type VideoEvent } from '#app/actors/video-mail.js';
import type { VideoFrame } from '#app/actors/video-part.js';
import { framesUnderWayMax, VideoRecorder, type EncodeTask } from '#app/actors/video-recorder.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { beginDrawing, createSurface, endDrawing, setMarked, surfaceByteLength, type Surface } from '#app/surface/shared-surface.js';
import { ManualHost } from '../../support/manual-host.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function draw(surface: Surface, word: number): void {
  beginDrawing(surface);
  surface.words.fill(word);
  endDrawing(surface);
}

function world() {
  const host = new ManualHost();
  const counters = createCounters(videoCounterNames);
  const encoding: { readonly task: EncodeTask; done(): void; fail(): void }[] = [];
  const written: (VideoFrame & { readonly channel: string })[] = [];
  const told: VideoEvent[] = [];
  const recorder = new VideoRecorder({
    host, framesPerSecond: 10, counters: openVideoCounters(counters),
    encode: (task) => new Promise((resolve, reject) => {
      // The first byte of the picture stands for all of it.
      encoding.push({ task, done: () => resolve({ jpeg: task.pixels.slice(0, 1), pixels: task.pixels }), fail: () => reject(new Error('no')) });
    }),
    write: (channel, frame) => void written.push({ channel, ...frame }),
    tell: (event) => told.push(event),
  });
  const surface = (width = 4, height = 2): Surface => createSurface(new SharedArrayBuffer(surfaceByteLength(width, height)), width, height, 32);
  const show = (...surfaces: Surface[]): void => recorder.show(surfaces.map(({ buffer }, index) => ({ channel: `display/${index}`, buffer: buffer as SharedArrayBuffer })));
  const finish = async (): Promise<void> => {
    for (const each of encoding.splice(0)) each.done();
    await settled();
  };
  return { host, recorder, encoding, written, told, surface, show, finish, counts: () => readCounters(counters) };
}

test('a picture is taken once it is complete, and again only when something was drawn', async () => {
  const { host, surface, show, written, finish, encoding } = world();
  const head = surface();
  draw(head, 1);
  show(head);
  host.advance(300);
  expect(encoding).toHaveLength(0);
  setMarked(head, true);
  host.advance(300);
  await finish();
  draw(head, 2);
  draw(head, 3);
  host.advance(100);
  await finish();
  expect(written.map(({ channel, jpeg, atMs, width, height }) => ({ channel, jpeg: [...jpeg], atMs, width, height }))).toEqual([
    { channel: 'display/0', jpeg: [1], atMs: 400, width: 4, height: 2 },
    { channel: 'display/0', jpeg: [3], atMs: 700, width: 4, height: 2 },
  ]);
});

test('while eight pictures are under way new ones are left out and counted, and the newest is taken afterwards', async () => {
  const { host, surface, show, written, finish, counts } = world();
  const head = surface();
  setMarked(head, true);
  show(head);
  for (let index = 1; index <= framesUnderWayMax + 3; index++) {
    draw(head, index);
    host.advance(100);
  }
  expect(counts()).toMatchObject({ frames_sampled: framesUnderWayMax, frames_dropped: 3 });
  await finish();
  host.advance(100);
  await finish();
  expect(written.map(({ jpeg }) => jpeg[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 11]);
});

test('the memory of a picture serves the next ones of its size', async () => {
  const { host, surface, show, finish, encoding } = world();
  const head = surface();
  setMarked(head, true);
  show(head);
  const used = new Set<ArrayBuffer>();
  for (let index = 1; index <= 20; index++) {
    draw(head, index);
    host.advance(100);
    used.add(encoding[0]!.task.pixels.buffer);
    await finish();
  }
  expect(used.size).toBe(1);
});

test('every head has pictures of its own, and one that is gone has no more', async () => {
  const { host, surface, show, written, finish } = world();
  const [first, second] = [surface(), surface(2, 2)];
  for (const head of [first, second]) setMarked(head, true);
  draw(first, 1);
  draw(second, 2);
  show(first, second);
  host.advance(100);
  await finish();
  show(first);
  draw(first, 3);
  draw(second, 4);
  host.advance(100);
  await finish();
  expect(written.map(({ channel, jpeg }) => [channel, jpeg[0]])).toEqual([['display/0', 1], ['display/1', 2], ['display/0', 3]]);
});

test('the end takes the last picture, waits for what is under way, and leaves no timer', async () => {
  const { host, recorder, surface, show, written, finish } = world();
  const head = surface();
  setMarked(head, true);
  show(head);
  draw(head, 9);
  const stopped = recorder.stop();
  await finish();
  await stopped;
  expect(written.map(({ jpeg }) => jpeg[0])).toEqual([9]);
  expect(host.timersWaiting).toBe(0);
});

test('a picture that cannot be encoded is lost, told of once, and costs no other', async () => {
  const { host, surface, show, encoding, written, told, finish, counts } = world();
  const head = surface();
  setMarked(head, true);
  show(head);
  for (const word of [1, 2]) {
    draw(head, word);
    host.advance(100);
    encoding.splice(0)[0]!.fail();
    await settled();
  }
  draw(head, 3);
  host.advance(100);
  await finish();
  expect(written.map(({ jpeg }) => jpeg[0])).toEqual([3]);
  expect(told).toEqual([{ kind: 'videoEncodingFailed', channel: 'display/0', message: 'no' }]);
  expect(counts()).toMatchObject({ frames_sampled: 3, frames_lost: 2 });
});
