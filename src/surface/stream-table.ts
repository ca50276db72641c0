/**
 * The video streams of one display channel: which are open, the frames that wait for their moment, and the counts. It holds and
 * counts; decoding and painting is `stream-player.ts`. Mutable, owned by one canvas.
 */
import { noTables } from '../decode/mjpeg.ts';
import type { MjpegTables } from '../decode/mjpeg.ts';
import { charge, credit } from '../decode/byte-budget.ts';
import type { ByteBudget } from '../decode/byte-budget.ts';
import type { MessageValue } from '../protocol/message.ts';
import type { Clip, Rect } from '../protocol/messages/draw.ts';
import type { ReportPeriod } from './stream-report.ts';

/** Streams that are open at once; a server has up to 64, and hardly more than two. */
const openStreamsMax = 16;
/** Frames of one stream that wait: most of a second of video. */
const waitingFramesMax = 32;
const waitingBytesMax = 8 * 1024 * 1024;
/** Closed streams that are remembered for the state documents. */
const closedStreamsMax = 16;

type StreamCreate = MessageValue<2, 'server', 'streamCreate'>;

/** One encoded frame, a copy of its own. */
export interface WaitingFrame {
  /** When it is to be shown, on the server's clock. */
  readonly mmTime: number;
  readonly data: Uint8Array;
  /** Of STREAM_DATA_SIZED, for this frame alone; null = the stream's. */
  readonly dest: Rect | null;
}

export interface Stream {
  readonly id: number;
  readonly surfaceId: number;
  readonly codec: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly dest: Rect;
  readonly createdMs: number;
  clip: Clip;
  tables: MjpegTables;
  waiting: WaitingFrame[];
  waitingBytes: number;
  report: ReportPeriod | null;
  framesReceived: number;
  framesDecoded: number;
  framesFailed: number;
  framesLate: number;
  /** For want of room among the waiting ones. */
  framesDropped: number;
  lastFrameMs: number | null;
  lastDecodedMs: number | null;
  lastDecodeUs: number;
  reportsSent: number;
  lastReport: { readonly atMs: number; readonly frames: number; readonly drops: number; readonly delayMs: number } | null;
  destroyedMs: number | null;
}

export interface StreamTable {
  readonly budget: ByteBudget;
  readonly open: Map<number, Stream>;
  readonly closed: Stream[];
  created: number;
  destroyed: number;
  /** More than `openStreamsMax`. */
  rejected: number;
  /** Data for a stream that is not open. */
  orphans: number;
  framesDecoded: number;
  framesFailed: number;
  framesLate: number;
  reportsSent: number;
  declined: number;
  /** Microseconds of the last decoded frames. */
  readonly recentUs: number[];
}

export function createStreamTable(budget: ByteBudget): StreamTable {
  return {
    budget, open: new Map(), closed: [], created: 0, destroyed: 0, rejected: 0, orphans: 0, framesDecoded: 0, framesFailed: 0, framesLate: 0, reportsSent: 0, declined: 0, recentUs: [],
  };
}

/** Opens a stream, over an older one with the same id. Null, counted, when there are too many. */
export function openStream(table: StreamTable, create: StreamCreate, topDown: boolean, nowMs: number): Stream | null {
  closeStream(table, create.id, nowMs);
  if (table.open.size >= openStreamsMax) {
    table.rejected++;
    return null;
  }
  const stream: Stream = {
    id: create.id, surfaceId: create.surfaceId, codec: create.codec, width: create.streamWidth, height: create.streamHeight, topDown, dest: create.dest, createdMs: nowMs,
    clip: create.clip, tables: noTables, waiting: [], waitingBytes: 0, report: null, framesReceived: 0, framesDecoded: 0, framesFailed: 0, framesLate: 0, framesDropped: 0,
    lastFrameMs: null, lastDecodedMs: null, lastDecodeUs: 0, reportsSent: 0, lastReport: null, destroyedMs: null,
  };
  table.open.set(create.id, stream);
  table.created++;
  return stream;
}

/** Closes a stream and lets its waiting frames go. False when it is not open. */
export function closeStream(table: StreamTable, id: number, nowMs: number): boolean {
  const stream = table.open.get(id);
  if (stream === undefined) return false;
  credit(table.budget, stream.waitingBytes);
  stream.waiting = [];
  stream.waitingBytes = 0;
  stream.destroyedMs = nowMs;
  table.open.delete(id);
  table.destroyed++;
  table.closed.push(stream);
  if (table.closed.length > closedStreamsMax) table.closed.shift();
  return true;
}

export function closeAllStreams(table: StreamTable, nowMs: number): void {
  for (const id of table.open.keys()) closeStream(table, id, nowMs);
}

/** Keeps a copy of a frame until its moment. Older ones make room; without any the frame itself is dropped, counted. */
export function keepFrame(table: StreamTable, stream: Stream, mmTime: number, data: Uint8Array, dest: Rect | null): void {
  while (stream.waiting.length > 0 && (stream.waiting.length >= waitingFramesMax || stream.waitingBytes + data.length > waitingBytesMax)) {
    takeFrame(table, stream);
    stream.framesDropped++;
  }
  if (data.length > waitingBytesMax || !charge(table.budget, data.length)) {
    stream.framesDropped++;
    return;
  }
  stream.waiting.push({ mmTime, data: data.slice(), dest });
  stream.waitingBytes += data.length;
}

/** The oldest waiting frame, taken out. */
export function takeFrame(table: StreamTable, stream: Stream): WaitingFrame | null {
  const frame = stream.waiting.shift() ?? null;
  if (frame === null) return null;
  stream.waitingBytes -= frame.data.length;
  credit(table.budget, frame.data.length);
  return frame;
}
