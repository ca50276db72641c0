/**
 * Streams as the display shows them: frames are kept until the server's clock reaches their time, late ones are dropped, the others
 * are decoded and painted through the stream's clip. It knows MJPEG; other codecs are not announced, and a server that sends one is
 * told that it cannot be shown.
 */
import type { DecodeJpeg } from '../decode/jpeg.ts';
import { decodeJpeg } from '../decode/jpeg.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { completeFrame } from '../decode/mjpeg.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { flipRows } from '../decode/stream-order.ts';
import { ScaleMode, StreamFlag, streamReportUnsupportedDrops, VideoCodec } from '../protocol/constants.ts';
import type { DisplayServerMessage } from '../protocol/message.ts';
import type { Rect } from '../protocol/messages/draw.ts';
import { blit } from './blit.ts';
import { aim, paint } from './draw-target.ts';
import type { DrawContext } from './draw-target.ts';
import { scratchBuffer } from './image-source.ts';
import { layOut } from './lay-out.ts';
import { ropPut } from './rop.ts';
import { createReportPeriod, declineReport, noteFrame } from './stream-report.ts';
import type { StreamReport } from './stream-report.ts';
import { closeAllStreams, closeStream, keepFrame, openStream, takeFrame } from './stream-table.ts';
import type { Stream, StreamTable, WaitingFrame } from './stream-table.ts';

/** A time further from the clock's than this is none of this clock's: the frame is shown as it comes. */
const clockDistanceMsMax = 5_000;
/** Decode times that are kept. */
const recentDecodes = 20;

/** Both clocks at one moment: our own, and the server's for pictures; null when nobody knows that. `preciseMs` is read around a decode. */
export interface StreamClock {
  readonly nowMs: number;
  readonly mmTime: number | null;
  readonly preciseMs: () => number;
}

/** What streams need of the canvas. */
export interface StreamPlayer {
  readonly table: StreamTable;
  readonly context: DrawContext;
  readonly decode: DecodeJpeg | null;
  readonly send: (report: StreamReport) => void;
}

export type StreamMessage = Extract<DisplayServerMessage, { kind: `stream${string}` }>;

export function isStreamMessage(message: DisplayServerMessage): message is StreamMessage {
  return message.kind.startsWith('stream');
}

/** Applies one message about streams. */
export function applyStreamMessage(player: StreamPlayer, message: StreamMessage, clock: StreamClock): void {
  const { table, context } = player;
  switch (message.kind) {
    case 'streamCreate': {
      const { id, flags } = message.value;
      if (openStream(table, message.value, (flags & StreamFlag.topDown) !== 0, clock.nowMs) === null) {
        context.report({ key: 'display:stream:too-many', detail: `stream ${id}: ${table.open.size} are open` });
      } else if (!isPlayable(player, message.value.codec)) {
        context.report({ key: `display:stream:codec-${message.value.codec}`, detail: 'video that cannot be decoded here; the server is told so and sends pictures' });
      }
      return;
    }
    case 'streamActivateReport': {
      const { streamId, uniqueId, maxWindowSize, timeoutMs } = message.value;
      const stream = table.open.get(streamId);
      if (stream === undefined || !isPlayable(player, stream.codec)) {
        table.declined++;
        return player.send(declineReport(streamId, uniqueId, streamReportUnsupportedDrops));
      }
      stream.report = createReportPeriod(uniqueId, maxWindowSize, timeoutMs);
      return;
    }
    case 'streamData':
      return receiveFrame(player, message.value.id, message.value.multiMediaTime, message.value.data, null, clock);
    case 'streamDataSized':
      return receiveFrame(player, message.value.id, message.value.multiMediaTime, message.value.data, message.value.dest, clock);
    case 'streamClip': {
      const stream = table.open.get(message.value.id);
      if (stream === undefined) return unknownStream(player, message.value.id, 'a clip');
      stream.clip = message.value.clip;
      return;
    }
    case 'streamDestroy':
      if (!closeStream(table, message.value.id, clock.nowMs)) unknownStream(player, message.value.id, 'an end');
      return;
    case 'streamDestroyAll':
      return closeAllStreams(table, clock.nowMs);
  }
}

/** Shows what is due by now. Returns the milliseconds until the next frame is, or null when none waits. */
export function showDueFrames(player: StreamPlayer, clock: StreamClock): number | null {
  let next: number | null = null;
  for (const stream of player.table.open.values()) {
    for (let frame = stream.waiting[0]; frame !== undefined; frame = stream.waiting[0]) {
      const delay = delayOf(frame.mmTime, clock);
      if (delay > 0) {
        next = next === null ? delay : Math.min(next, delay);
        break;
      }
      takeFrame(player.table, stream);
      const follower = stream.waiting[0];
      // Where the next one is due as well, this one is no longer worth decoding.
      if (follower !== undefined && delayOf(follower.mmTime, clock) <= 0) countLate(player.table, stream);
      else showFrame(player, stream, frame, clock);
    }
  }
  return next;
}

function isPlayable({ decode }: StreamPlayer, codec: number): boolean {
  return codec === VideoCodec.mjpeg && decode !== null;
}

function unknownStream({ table, context }: StreamPlayer, id: number, what: string): void {
  table.orphans++;
  context.report({ key: 'display:stream:unknown-id', detail: `${what} of stream ${id}, which is not open` });
}

/** Milliseconds until the frame is due, negative when that is over; 0 where its time means nothing. */
function delayOf(frameTime: number, { mmTime }: StreamClock): number {
  if (mmTime === null || frameTime === 0) return 0;
  const delay = (frameTime - mmTime) | 0;
  return Math.abs(delay) > clockDistanceMsMax ? 0 : delay;
}

function receiveFrame(player: StreamPlayer, id: number, mmTime: number, data: Uint8Array, dest: Rect | null, clock: StreamClock): void {
  const { table } = player;
  const stream = table.open.get(id);
  if (stream === undefined) return unknownStream(player, id, 'a frame');
  stream.framesReceived++;
  stream.lastFrameMs = clock.nowMs;
  if (!isPlayable(player, stream.codec)) return;
  const delay = delayOf(mmTime, clock);
  const isLate = delay < 0;
  if (isLate) countLate(table, stream);
  else keepFrame(table, stream, mmTime, data, dest);
  const report = stream.report === null ? null : noteFrame(stream.report, id, mmTime, delay, isLate, clock.nowMs);
  if (report === null) return;
  stream.reportsSent++;
  table.reportsSent++;
  stream.lastReport = { atMs: clock.nowMs, frames: report.numFrames, drops: report.numDrops, delayMs: report.lastFrameDelay };
  player.send(report);
}

function countLate(table: StreamTable, stream: Stream): void {
  stream.framesLate++;
  table.framesLate++;
}

function showFrame(player: StreamPlayer, stream: Stream, frame: WaitingFrame, clock: StreamClock): void {
  const { table, context } = player;
  const begunMs = clock.preciseMs();
  const picture = decodeFrame(player, stream, frame);
  if (picture === null) {
    stream.framesFailed++;
    table.framesFailed++;
    return;
  }
  stream.lastDecodeUs = Math.max(0, Math.round((clock.preciseMs() - begunMs) * 1000));
  stream.lastDecodedMs = clock.nowMs;
  stream.framesDecoded++;
  table.framesDecoded++;
  table.recentUs.push(stream.lastDecodeUs);
  if (table.recentUs.length > recentDecodes) table.recentUs.shift();
  const box = frame.dest ?? stream.dest;
  const target = aim(context, { surfaceId: stream.surfaceId, box, clip: stream.clip }, null);
  if (target === null) return;
  const area = { top: 0, left: 0, bottom: picture.height, right: picture.width };
  const image = { pixels: picture, hasAlpha: false, alphaOnly: false, surfaceId: null };
  const from = layOut(context, image, target, box, area, ScaleMode.interpolate);
  if (from === null) return;
  paint(context, target, from.limit, (left, top, right, bottom) => blit(target.surface, left, top, right, bottom, from.pixels, from.dx, from.dy, ropPut));
}

/** The frame's picture, as large as its own header says; null, with a gap reported, when it is damaged. */
function decodeFrame({ context, decode }: StreamPlayer, stream: Stream, { data }: WaitingFrame): PixelBuffer | null {
  if (decode === null) return null;
  try {
    const { header, jpeg, tables } = completeFrame(data, stream.tables);
    const picture = scratchBuffer(context.images, 'source', header.width, header.height);
    decodeJpeg(jpeg, decode, picture, context.images.decoder.budget);
    stream.tables = tables;
    if (!stream.topDown) flipRows(picture);
    return picture;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    context.report({ key: `display:stream:${error.code}`, detail: `a frame of stream ${stream.id}: ${error.message}` });
    return null;
  }
}
