// The frames that the webdav channel carries inside its byte stream: many TCP-like connections under client ids. It cuts
// and makes frames; what the connections say (HTTP) is somebody else's. Mutable data plane with one owner.

import { Reader } from './wire/reader.ts';
import { makeSerializer } from './wire/serialize.ts';
import { bytes, i64, struct, u16 } from './wire/layout.ts';
import { Writer } from './wire/writer.ts';

/** What a 16-bit size allows. */
const MUX_DATA_BYTES_MAX = 0xffff;
const MUX_HEADER_BYTES = 10;

const muxFrame = struct({ clientId: i64, size: u16, data: bytes('size', MUX_DATA_BYTES_MAX) });

/** No data means that this side of the connection is closed. */
export interface MuxFrame {
  /** Chosen by the guest's daemon. */
  readonly clientId: bigint;
  /** A copy: it outlives the chunk. */
  readonly data: Uint8Array;
}

export interface MuxSplitter {
  /** The start of a frame; the first `filled` bytes are there. Large enough for any frame. */
  readonly partial: Uint8Array;
  filled: number;
}

const writeFrame = makeSerializer(muxFrame);

export function createMuxSplitter(): MuxSplitter {
  return { partial: new Uint8Array(MUX_HEADER_BYTES + MUX_DATA_BYTES_MAX), filled: 0 };
}

/** The frames that `chunk` completes, in order. Frames may be split across chunks and joined in one. */
export function pushMux(splitter: MuxSplitter, chunk: Uint8Array): MuxFrame[] {
  const frames: MuxFrame[] = [];
  let at = 0;
  while (at < chunk.byteLength) {
    at += fill(splitter, chunk, at, MUX_HEADER_BYTES);
    if (splitter.filled < MUX_HEADER_BYTES) break;
    const reader = new Reader(splitter.partial);
    const clientId = reader.i64('muxFrame.clientId');
    const end = MUX_HEADER_BYTES + reader.u16('muxFrame.size');
    at += fill(splitter, chunk, at, end);
    if (splitter.filled < end) break;
    frames.push({ clientId, data: splitter.partial.slice(MUX_HEADER_BYTES, end) });
    splitter.filled = 0;
  }
  return frames;
}

/** The bytes of one frame. @throws RangeError above 65,535 bytes of data. */
export function serializeMuxFrame(frame: MuxFrame): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writeFrame(writer, frame);
  return writer.take();
}

function fill(splitter: MuxSplitter, chunk: Uint8Array, at: number, target: number): number {
  const count = Math.max(0, Math.min(target - splitter.filled, chunk.byteLength - at));
  splitter.partial.set(chunk.subarray(at, at + count), splitter.filled);
  splitter.filled += count;
  return count;
}
