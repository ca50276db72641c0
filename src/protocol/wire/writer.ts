// A growing buffer for one message: little-endian scalars and objects behind pointers, which are laid after the fixed
// part in the order in which their pointers were written (the reference marshaller's order). It knows nothing of layouts.

const FIRST_BYTES = 256;

export class Writer {
  private buffer = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.buffer.buffer);
  private position = 0;
  private bodyStart = 0;
  private pending: { readonly at: number; readonly write: (writer: Writer) => void }[] = [];

  /** Pointers count from here on: call it after the message header. */
  beginBody(): void {
    this.bodyStart = this.position;
  }

  /** Bytes of the body so far. */
  get bodyBytes(): number {
    return this.position - this.bodyStart;
  }

  u8(value: number): void {
    const at = this.reserve(1);
    this.view.setUint8(at, value);
  }
  i8(value: number): void {
    const at = this.reserve(1);
    this.view.setInt8(at, value);
  }
  u16(value: number): void {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
  }
  i16(value: number): void {
    const at = this.reserve(2);
    this.view.setInt16(at, value, true);
  }
  u32(value: number): void {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
  }
  i32(value: number): void {
    const at = this.reserve(4);
    this.view.setInt32(at, value, true);
  }
  u64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigUint64(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigInt64(at, value, true);
  }
  bytes(value: Uint8Array): void {
    const at = this.reserve(value.byteLength);
    this.buffer.set(value, at);
  }

  /** Overwrites a u32 written before; `at` counts from the start of the buffer. */
  patchU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** Writes a pointer to what `write` will lay down once the fixed part is finished. */
  pointTo(write: (writer: Writer) => void): void {
    this.pending.push({ at: this.position, write });
    this.u32(0);
  }

  /** Lays down the pointed-at objects, those that they point at after them. */
  finishBody(): void {
    for (let next = 0; next < this.pending.length; next += 1) {
      const { at, write } = this.pending[next]!; // in range by the loop's condition
      this.patchU32(at, this.bodyBytes);
      write(this);
    }
    this.pending = [];
  }

  /** Everything written, header included, in a buffer of exactly that size. */
  take(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.position);
  }

  /** Makes room first: growing replaces `buffer` and `view`, so take neither before calling this. */
  private reserve(length: number): number {
    const from = this.position;
    const needed = from + length;
    if (needed > this.buffer.byteLength) {
      const grown = new Uint8Array(Math.max(needed, this.buffer.byteLength * 2));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    this.position = needed;
    return from;
  }
}
