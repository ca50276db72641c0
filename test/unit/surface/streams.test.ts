import { expect, test } from 'vitest';
import { applyMessage, showStreams } from '#app/surface/canvas.js';
import type { Canvas, CanvasOutcome } from '#app/surface/canvas.js';
import { describeStreams } from '#app/surface/stream-state.js';
import type { DisplayServerMessage, MessageKind, MessageValue } from '#app/protocol/message.js';
import { readJpegHeader } from '#app/decode/jpeg-header.js';
import { createSurfaceOf, gapKeys, newCanvas, pixelsOf, rectOf } from '../../support/display-messages.ts';
import { farthest, gradient, jpegOf } from '../../support/jpeg.ts';

const [width, height] = [16, 8];
const colours = gradient(width, height);
const jpeg = jpegOf(width, height, colours);
const grey = (level: number): Uint8Array => jpegOf(width, height, new Uint32Array(width * height).fill(level * 0x01_0101));

class Display {
  readonly canvas: Canvas = newCanvas();
  mmTime: number | null = 10_000;
  nowMs = 500;

  constructor() {
    createSurfaceOf(this.canvas, 0, width, height);
  }

  tell<K extends MessageKind<2, 'server'>>(kind: K, value: MessageValue<2, 'server', K>): CanvasOutcome | null {
    // The catalogue ties kind and value together; TypeScript cannot see that through a type parameter.
    const outcome = applyMessage(this.canvas, { kind, type: 0, value, trailingBytes: 0 } as unknown as DisplayServerMessage, this.#clock());
    return outcome === null ? null : { ...outcome };
  }

  create(id: number, overrides: Partial<MessageValue<2, 'server', 'streamCreate'>> = {}): CanvasOutcome | null {
    return this.tell('streamCreate', {
      surfaceId: 0, id, flags: 1, codec: 1, stamp: 0n, streamWidth: width, streamHeight: height, srcWidth: width, srcHeight: height, dest: rectOf(0, 0, width, height), clip: { kind: 'none' }, ...overrides,
    });
  }

  data(id: number, multiMediaTime: number, data: Uint8Array = jpeg): CanvasOutcome | null {
    return this.tell('streamData', { id, multiMediaTime, data });
  }

  /** The time passes, and what is due is shown. Returns how long the next frame has. */
  pass(ms: number): number | null {
    this.nowMs += ms;
    if (this.mmTime !== null) this.mmTime += ms;
    return showStreams(this.canvas, this.#clock()).nextMs;
  }

  get streams(): Readonly<Record<string, unknown>> {
    return describeStreams(this.canvas.streams.table);
  }

  get level(): number {
    return pixelsOf(this.canvas)[0]! & 255;
  }

  #clock() {
    return { nowMs: this.nowMs, mmTime: this.mmTime, preciseMs: () => this.nowMs };
  }
}

test('a frame is shown when the clock reaches its time, and not before', () => {
  const display = new Display();
  display.create(5);
  display.data(5, 10_040);
  expect(display.pass(39)).toBe(1);
  expect(display.level).toBe(0);
  expect(display.pass(1)).toBeNull();
  expect(farthest(Uint32Array.from(pixelsOf(display.canvas)), colours)).toBeLessThanOrEqual(12);
  expect(display.streams).toMatchObject({ open: [{ streamId: 5, framesReceived: 1, framesDecoded: 1, framesLate: 0, lastDecodeUs: 0 }], mjpeg: { total: 1, failed: 0 } });
});

test('a frame whose time is over is dropped and counted, one that the next has overtaken too; a time of another clock is shown at once', () => {
  const display = new Display();
  display.create(1);
  display.data(1, 9_999, grey(200));
  expect([display.pass(0), display.level]).toEqual([null, 0]);
  display.data(1, 10_010, grey(50));
  display.data(1, 10_020, grey(100));
  display.pass(30);
  expect(Math.abs(display.level - 100)).toBeLessThan(4);
  expect(display.streams).toMatchObject({ framesLate: 2, open: [{ framesLate: 2, framesDecoded: 1 }] });
  for (const time of [0, 40, 0x9000_0000]) {
    display.data(1, time, grey(150));
    expect(display.pass(0)).toBeNull();
    expect(Math.abs(display.level - 150)).toBeLessThan(4);
    display.data(1, 0, grey(20));
    display.pass(0);
  }
});

test('before anyone has told the time frames are shown as they come', () => {
  const display = new Display();
  display.mmTime = null;
  display.create(1);
  display.data(1, 77, grey(90));
  expect(Math.abs(display.level - 90)).toBeLessThan(4);
});

test('the picture is scaled to its place, painted through the clip, and turned when its first row is the bottom one', () => {
  const display = new Display();
  display.create(1, { clip: { kind: 'rects', rects: [rectOf(0, 0, 2, 2), rectOf(4, 4, 1, 1)] } });
  display.data(1, 0, grey(255));
  display.pass(0);
  expect(pixelsOf(display.canvas).filter((word) => word !== 0)).toHaveLength(5);
  display.tell('streamClip', { id: 1, clip: { kind: 'none' } });
  display.data(1, 0, grey(255));
  display.pass(0);
  expect(pixelsOf(display.canvas).filter((word) => word === 0)).toHaveLength(0);
  const half = new Display();
  half.create(1, { flags: 0 });
  const [upper, lower] = [0x10_1010, 0xf0_f0f0];
  half.data(1, 0, jpegOf(width, 16, Uint32Array.from({ length: width * 16 }, (_, at) => (at < width * 8 ? upper : lower))));
  half.pass(0);
  const [top, bottom] = [pixelsOf(half.canvas)[3 + width]! & 255, pixelsOf(half.canvas).at(-4 - width)! & 255];
  expect([top > 200, bottom < 60]).toEqual([true, true]);
});

test('a frame of STREAM_DATA_SIZED goes to a place of its own, and only it', () => {
  const display = new Display();
  display.create(1);
  display.tell('streamDataSized', { id: 1, multiMediaTime: 0, width: 4, height: 4, dest: rectOf(8, 0, 4, 4), data: jpegOf(4, 4, new Uint32Array(16).fill(0xff_ffff)) });
  display.pass(0);
  expect(pixelsOf(display.canvas).map((word, at) => (word === 0 ? -1 : at)).filter((at) => at >= 0)).toEqual([0, 1, 2, 3].flatMap((y) => [8, 9, 10, 11].map((x) => y * width + x)));
});

test('frames without tables are decoded with those of earlier frames of the stream', () => {
  const header = readJpegHeader(jpeg);
  const tables = [...header.quantizationTables, ...header.huffmanTables];
  const [from, end] = [tables[0]!.byteOffset, Math.max(...tables.map((table) => table.byteOffset + table.length))];
  let bare = Array.from(jpeg);
  for (const table of tables.toSorted((a, b) => b.byteOffset - a.byteOffset)) bare = [...bare.slice(0, table.byteOffset - jpeg.byteOffset), ...bare.slice(table.byteOffset - jpeg.byteOffset + table.length)];
  expect(end - from).toBeGreaterThan(100);
  expect(readJpegHeader(Uint8Array.from(bare))).toMatchObject({ width, height, quantizationTables: [], huffmanTables: [] });
  const display = new Display();
  display.create(1);
  display.data(1, 0, jpeg);
  display.pass(0);
  display.canvas.context.surfaces.primary!.surface!.words.fill(0);
  display.data(1, 0, Uint8Array.from(bare));
  display.pass(0);
  expect(farthest(Uint32Array.from(pixelsOf(display.canvas)), colours)).toBeLessThanOrEqual(12);
});

test('STREAM_DESTROY_ALL closes every stream with what waits in it, and the counts say so', () => {
  const display = new Display();
  for (const id of [3, 4, 60]) display.create(id);
  display.data(4, 10_500);
  expect(display.streams).toMatchObject({ created: 3, destroyed: 0 });
  expect(display.canvas.budget.held).toBeGreaterThan(width * height * 4 + jpeg.length);
  expect(display.tell('streamDestroyAll', {})).toBeNull();
  expect(display.streams).toMatchObject({ created: 3, destroyed: 3, open: [] });
  expect(display.pass(1_000)).toBeNull();
  expect(gapKeys(display.data(4, 0)!)).toEqual(['display:stream:unknown-id']);
  expect(display.streams).toMatchObject({ orphans: 1 });
});

test('a stream that is created again is the second one; more than sixteen are refused', () => {
  const display = new Display();
  display.create(1);
  display.data(1, 10_100);
  display.create(1);
  expect([display.pass(200), display.level]).toEqual([null, 0]);
  expect(display.streams).toMatchObject({ created: 2, destroyed: 1 });
  for (let id = 2; id <= 16; id++) expect(display.create(id)).toBeNull();
  expect(gapKeys(display.create(17)!)).toEqual(['display:stream:too-many']);
  expect(display.streams).toMatchObject({ rejected: 1 });
});

test('reports tell the frames of a period when it is full, over, or three frames in a row were late', () => {
  const display = new Display();
  const activate = () => display.tell('streamActivateReport', { streamId: 1, uniqueId: 77, maxWindowSize: 5, timeoutMs: 1_000 });
  display.create(1);
  activate();
  const reports = [10_010, 10_020, 9_000, 10_040, 10_050].flatMap((time) => display.data(1, time)?.reports ?? []);
  expect(reports).toEqual([{ streamId: 1, uniqueId: 77, startFrameMmTime: 10_010, endFrameMmTime: 10_050, numFrames: 5, numDrops: 1, lastFrameDelay: 50, audioDelay: 0xffff_ffff }]);
  expect([9_990, 9_991, 9_992].map((time) => display.data(1, time)?.reports[0]?.numDrops)).toEqual([undefined, undefined, 3]);
  display.data(1, 11_000);
  display.pass(1_000);
  expect(display.data(1, 12_000)?.reports).toMatchObject([{ numFrames: 2, startFrameMmTime: 11_000 }]);
  expect(display.streams).toMatchObject({ reportsSent: 3 });
});

test('a codec that cannot be decoded is declined in the words of the protocol, and so is a stream that nobody knows', () => {
  const display = new Display();
  expect(gapKeys(display.create(1, { codec: 3 })!)).toEqual(['display:stream:codec-3']);
  for (const streamId of [1, 9]) {
    expect(display.tell('streamActivateReport', { streamId, uniqueId: 6, maxWindowSize: 5, timeoutMs: 1_000 })?.reports).toMatchObject([{ streamId, uniqueId: 6, numFrames: 0, numDrops: 0xffff_ffff }]);
  }
  expect(display.data(1, 0)).toBeNull();
  expect(display.streams).toMatchObject({ declined: 2 });
});

test('a damaged frame is a gap and the next one is shown; frames that pile up push the oldest out', () => {
  const display = new Display();
  display.create(1);
  display.data(1, 0, jpeg.subarray(0, 50));
  expect(gapKeys(showStreams(display.canvas, { nowMs: 0, mmTime: 0, preciseMs: () => 0 }).outcome!)).toEqual(['display:stream:truncated']);
  for (let at = 0; at < 40; at++) display.data(1, 11_000 + at, grey(at * 6));
  expect(display.streams).toMatchObject({ open: [{ framesFailed: 1, framesDropped: 8 }] });
});
