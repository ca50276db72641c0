// A cursor over one message body: little-endian scalars, every read checked against the body's end. It knows nothing
// of layouts. It is mutable and belongs to the one parse that is going on.

import { WireError } from './wire-error.ts';

// Making a DataView costs about as much as parsing a PING, so the view over the last buffer is kept. Socket chunks
// come in one 64 KiB buffer; larger ones are not kept, because the cache would hold their memory.
const CACHED_BUFFER_BYTES_MAX = 128 * 1024;
let cachedView: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

function viewOf(buffer: ArrayBufferLike): DataView<ArrayBufferLike> {
  if (cachedView.buffer === buffer) return cachedView;
  const view = new DataView(buffer);
  if (buffer.byteLength <= CACHED_BUFFER_BYTES_MAX) cachedView = view;
  return view;
}

export class Reader {
  /** Over the whole buffer that the body lies in: positions below count from the buffer's start. */
  private readonly view: DataView<ArrayBufferLike>;
  private readonly start: number;
  private readonly end: number;
  private position: number;
  private reached: number;

  constructor(body: Uint8Array) {
    this.view = viewOf(body.buffer);
    this.start = body.byteOffset;
    this.end = body.byteOffset + body.byteLength;
    this.position = this.start;
    this.reached = this.start;
  }

  /** Bytes between the cursor and the end of the body. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** The cursor, in bytes from the start of the body. */
  get offset(): number {
    return this.position - this.start;
  }

  /** Bytes after everything read so far, pointed-at objects included. */
  get trailingBytes(): number {
    return this.end - Math.max(this.position, this.reached);
  }

  u8(field: string): number {
    return this.view.getUint8(this.take(1, field));
  }
  i8(field: string): number {
    return this.view.getInt8(this.take(1, field));
  }
  u16(field: string): number {
    return this.view.getUint16(this.take(2, field), true);
  }
  i16(field: string): number {
    return this.view.getInt16(this.take(2, field), true);
  }
  u32(field: string): number {
    return this.view.getUint32(this.take(4, field), true);
  }
  i32(field: string): number {
    return this.view.getInt32(this.take(4, field), true);
  }
  u64(field: string): bigint {
    return this.view.getBigUint64(this.take(8, field), true);
  }
  i64(field: string): bigint {
    return this.view.getBigInt64(this.take(8, field), true);
  }

  /** A view of the next `length` bytes of the body. */
  view8(length: number, field: string): Uint8Array {
    // Not `subarray`: it is slower, and would make Buffers of a Buffer's parts.
    return new Uint8Array(this.view.buffer, this.take(length, field), length);
  }

  /** Moves to `offset` bytes from the body's start and returns what `leave` needs to come back. */
  enter(offset: number, field: string): number {
    if (offset > this.end - this.start) throw new WireError('pointerRange', field, offset, this.end - this.start);
    const back = this.position;
    this.position = this.start + offset;
    return back;
  }

  leave(back: number): void {
    if (this.position > this.reached) this.reached = this.position;
    this.position = back;
  }

  private take(length: number, field: string): number {
    const from = this.position;
    if (length > this.end - from) throw new WireError('truncated', field, length, this.end - from);
    this.position = from + length;
    return from;
  }
}
