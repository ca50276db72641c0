// Bytes to frames: cuts a channel's byte stream at message headers and at nothing else. It does not look into bodies,
// except for sub-message lists, which are frames in frames. Mutable data plane, owned by the actor that owns the socket.

import { WireError } from './wire/wire-error.ts';

/**
 * One message, header and body. A frame that lay inside one chunk is a view of that chunk, valid only as long as the
 * chunk is; one that straddled chunks has a buffer of its own, which the splitter does not touch again.
 */
export interface Frame {
  readonly type: number;
  /** From the full header, or counted from 1 with mini headers. A sub-message has its carrier's. */
  readonly serial: number;
  /** Offset of a sub-message list in the body; 0 when there is none. */
  readonly subList: number;
  /** Header and body, exactly as they came. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
}

export interface FrameSplitterOptions {
  readonly header: 'mini' | 'full';
  readonly bodyBytesMax: number;
}

/** Where a splitter stands between two chunks. Its fields are the splitter's own. */
export interface FrameSplitter {
  readonly headerBytes: number;
  readonly bodyBytesMax: number;
  /** A frame of which a part has arrived; the first `filled` bytes are there. */
  partial: Uint8Array;
  filled: number;
  /** Bytes of the whole partial frame; 0 while its header is incomplete. */
  partialBytes: number;
  /** Frames so far. */
  frames: number;
  /** Frames of the current `push`: what had arrived in full when one threw. */
  completed: Frame[];
}

const MINI_HEADER_BYTES = 6;
const FULL_HEADER_BYTES = 18;
/** A large body is believed as it arrives: at first no more than this is allocated for it. */
const FIRST_ALLOCATION_BYTES = 1024 * 1024;

export function createFrameSplitter(options: FrameSplitterOptions): FrameSplitter {
  const headerBytes = options.header === 'mini' ? MINI_HEADER_BYTES : FULL_HEADER_BYTES;
  return {
    headerBytes,
    bodyBytesMax: options.bodyBytesMax,
    partial: new Uint8Array(headerBytes),
    filled: 0,
    partialBytes: 0,
    frames: 0,
    completed: [],
  };
}

/**
 * The frames that `chunk` completes, in order.
 * @throws WireError `oversize` from a header that announces more than `bodyBytesMax`: framing is lost, the splitter is
 * of no further use, and `splitter.completed` holds the frames before it.
 */
export function push(splitter: FrameSplitter, chunk: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  splitter.completed = frames;
  const { headerBytes } = splitter;
  let at = splitter.filled === 0 ? 0 : continuePartial(splitter, chunk, frames);
  while (chunk.byteLength - at >= headerBytes) {
    const total = headerBytes + bodyBytesOf(splitter, chunk, at);
    if (chunk.byteLength - at < total) break;
    frames.push(frameOf(splitter, chunk.subarray(at, at + total)));
    at += total;
  }
  if (at < chunk.byteLength) beginPartial(splitter, chunk.subarray(at));
  return frames;
}

/** Bytes of a frame that has begun and is not whole: more than 0 when the stream ends means that it was cut off. */
export function unfinishedBytes(splitter: FrameSplitter): number {
  return splitter.filled;
}

/** Gives the partial frame what it lacks; returns how much of the chunk that took. */
function continuePartial(splitter: FrameSplitter, chunk: Uint8Array, frames: Frame[]): number {
  const { headerBytes } = splitter;
  let at = 0;
  if (splitter.partialBytes === 0) {
    at = fill(splitter, chunk, 0, headerBytes);
    if (splitter.filled < headerBytes) return at;
    splitter.partialBytes = headerBytes + bodyBytesOf(splitter, splitter.partial, 0);
  }
  at += fill(splitter, chunk, at, splitter.partialBytes);
  if (splitter.filled < splitter.partialBytes) return at;
  // The buffer goes with the frame: a picture of many MiB is not copied once more.
  frames.push(frameOf(splitter, splitter.partial.subarray(0, splitter.partialBytes)));
  splitter.partial = new Uint8Array(headerBytes);
  splitter.filled = 0;
  splitter.partialBytes = 0;
  return at;
}

function beginPartial(splitter: FrameSplitter, rest: Uint8Array): void {
  const { headerBytes } = splitter;
  splitter.partialBytes = rest.byteLength < headerBytes ? 0 : headerBytes + bodyBytesOf(splitter, rest, 0);
  splitter.filled = 0;
  fill(splitter, rest, 0, splitter.partialBytes === 0 ? headerBytes : splitter.partialBytes);
}

/** Copies from `chunk` at `at` until `target` bytes are there or the chunk ends; returns how many were copied. */
function fill(splitter: FrameSplitter, chunk: Uint8Array, at: number, target: number): number {
  const count = Math.min(target - splitter.filled, chunk.byteLength - at);
  const needed = splitter.filled + count;
  if (needed > splitter.partial.byteLength) {
    // Doubling what has arrived bounds the memory that a header alone can claim.
    const grown = new Uint8Array(Math.min(target, Math.max(needed * 2, FIRST_ALLOCATION_BYTES)));
    grown.set(splitter.partial.subarray(0, splitter.filled));
    splitter.partial = grown;
  }
  splitter.partial.set(chunk.subarray(at, at + count), splitter.filled);
  splitter.filled = needed;
  return count;
}

function bodyBytesOf(splitter: FrameSplitter, bytes: Uint8Array, at: number): number {
  const size = u32(bytes, at + (splitter.headerBytes === MINI_HEADER_BYTES ? 2 : 10));
  if (size > splitter.bodyBytesMax) throw new WireError('oversize', 'header.size', size, splitter.bodyBytesMax);
  return size;
}

function frameOf(splitter: FrameSplitter, bytes: Uint8Array): Frame {
  splitter.frames += 1;
  const body = bytes.subarray(splitter.headerBytes);
  if (splitter.headerBytes === MINI_HEADER_BYTES) {
    return { type: u16(bytes, 0), serial: splitter.frames, subList: 0, bytes, body };
  }
  // Serials count from 1: the upper word is 0 for the first 4 thousand million messages, and exact up to 2^53.
  const serial = u32(bytes, 4) * 0x1_0000_0000 + u32(bytes, 0);
  return { type: u16(bytes, 8), serial, subList: u32(bytes, 14), bytes, body };
}

function u16(bytes: Uint8Array, at: number): number {
  // In range: the callers have checked that the header is complete.
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}
