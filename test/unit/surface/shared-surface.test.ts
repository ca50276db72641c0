import { expect, test } from 'vitest';
import { beginDrawing, copyPixels, createSurface, endDrawing, isMarked, isStale, openSurface, readSequence, setMarked, setStale, surfaceByteLength } from '#app/surface/shared-surface.js';

const newSurface = () => createSurface(new SharedArrayBuffer(surfaceByteLength(3, 2)), 3, 2, 32);

test('a reader that opens the buffer sees size, format and the pixels that the writer sets', () => {
  const writer = newSurface();
  const reader = openSurface(writer.buffer);
  expect([reader.width, reader.height, reader.strideBytes, reader.format]).toEqual([3, 2, 12, 32]);
  writer.words.set([1, 2, 3, 4, 5, 0x0a0b_0c0d]);
  expect([...reader.words]).toEqual([1, 2, 3, 4, 5, 0x0a0b_0c0d]);
  expect([...reader.bytes.subarray(20)]).toEqual([0x0d, 0x0c, 0x0b, 0x0a]);
});

test('a snapshot is whole and has the sequence of the last drawing; each drawing gives a new one', () => {
  const surface = newSurface();
  beginDrawing(surface);
  surface.words.fill(7);
  endDrawing(surface);
  const first = copyPixels(surface);
  expect([first.width, first.height, first.torn, first.pixels[0]]).toEqual([3, 2, false, 7]);
  expect(readSequence(surface)).toBe(first.sequence);
  beginDrawing(surface);
  endDrawing(surface);
  expect(readSequence(surface)).not.toBe(first.sequence);
});

test('a snapshot taken while a drawing is under way says so, and does not wait for its end', () => {
  const surface = newSurface();
  beginDrawing(surface);
  expect(copyPixels(surface).torn).toBe(true);
});

test('a snapshot goes into the memory that it is given, when that has the right size', () => {
  const surface = newSurface();
  const into = new Uint8Array(24);
  expect(copyPixels(surface, into).pixels).toBe(into);
  expect(copyPixels(surface, new Uint8Array(23)).pixels).toHaveLength(24);
});

test('marked and stale are seen through the shared memory', () => {
  const surface = newSurface();
  const reader = openSurface(surface.buffer);
  expect([isMarked(reader), isStale(reader)]).toEqual([false, false]);
  setMarked(surface, true);
  setStale(surface, true);
  expect([isMarked(reader), isStale(reader)]).toEqual([true, true]);
  setMarked(surface, false);
  setStale(surface, false);
  expect([isMarked(reader), isStale(reader)]).toEqual([false, false]);
});

test('memory that is too short for its header or its claim is not a surface', () => {
  expect(() => openSurface(new SharedArrayBuffer(16))).toThrow(RangeError);
  const lying = new SharedArrayBuffer(80);
  new Int32Array(lying).set([0, 0, 0, 1000, 1000, 32, 4000]);
  expect(() => openSurface(lying)).toThrow(RangeError);
});
