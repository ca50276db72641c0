// A latest-value cell: state crosses threads as "the newest", never as a queue. One writer, any number of readers, bytes up
// to a stated maximum, in shared memory. It loses intermediate values on purpose; what must not be lost is a message.

/** A cell's memory; cloneable, so it travels in a child spec's args. */
export interface CellMemory {
  readonly buffer: SharedArrayBuffer;
  readonly bytesMax: number;
}

export const CELL_BYTES_MAX = 64 * 1_048_576;

const BEGUN = 0, VERSION = 16, DIRTY = 32, LENGTH = 48;
const HEADER_BYTES = 256;
// The writer must publish twice within one read to disturb it; a reader that meets this so often is told "nothing new".
const READ_TRIES_MAX = 8;

export function createCell(bytesMax: number): CellMemory {
  if (!Number.isInteger(bytesMax) || bytesMax < 1 || bytesMax > CELL_BYTES_MAX) {
    throw new RangeError(`a cell holds 1 to ${CELL_BYTES_MAX} bytes, not ${bytesMax}`);
  }
  return { buffer: new SharedArrayBuffer(HEADER_BYTES + 2 * bytesMax), bytesMax };
}

export class CellWriter {
  readonly #words: Int32Array;
  readonly #slots: Uint8Array;
  readonly #bytesMax: number;
  #version: number;

  constructor(memory: CellMemory) {
    this.#words = new Int32Array(memory.buffer, 0, HEADER_BYTES / 4);
    this.#slots = new Uint8Array(memory.buffer, HEADER_BYTES);
    this.#bytesMax = memory.bytesMax;
    // A restarted writer goes on where its predecessor stopped, even in the middle of a write.
    this.#version = Atomics.load(this.#words, VERSION);
  }

  /**
   * Publishes a new value. True when the reader must be told: it has looked since it was told last, so at most one bell
   * is outstanding however fast the value changes. Throws `RangeError` for more bytes than the cell holds.
   */
  write(bytes: Uint8Array): boolean {
    if (bytes.length > this.#bytesMax) throw new RangeError(`${bytes.length} bytes in a cell of ${this.#bytesMax}`);
    const version = (this.#version + 1) | 0;
    const slot = version & 1;
    // Announced before the first byte changes, with an exchange: a plain atomic store would let the bytes become visible first.
    Atomics.exchange(this.#words, BEGUN, version);
    this.#slots.set(bytes, slot * this.#bytesMax);
    Atomics.store(this.#words, LENGTH + slot, bytes.length);
    Atomics.store(this.#words, VERSION, version);
    this.#version = version;
    // Published first, then marked: a reader that clears the mark and reads too early would otherwise never hear of it.
    return Atomics.exchange(this.#words, DIRTY, 1) === 0;
  }
}

export class CellReader {
  readonly #words: Int32Array;
  readonly #slots: Uint8Array;
  readonly #bytesMax: number;

  constructor(memory: CellMemory) {
    this.#words = new Int32Array(memory.buffer, 0, HEADER_BYTES / 4);
    this.#slots = new Uint8Array(memory.buffer, HEADER_BYTES);
    this.#bytesMax = memory.bytesMax;
  }

  /** Says that the reader looks now; the next write rings again. Call before `read`, never after: that loses a value. */
  acknowledge(): void {
    Atomics.store(this.#words, DIRTY, 0);
  }

  /** Of the newest value; 0 = none was ever written. */
  get version(): number {
    return Atomics.load(this.#words, VERSION);
  }

  /** A copy of the newest value and its version (0 = none was ever written); null when there is none or the writer is too fast. */
  read(): { readonly version: number; readonly bytes: Uint8Array } | null {
    for (let i = 0; i < READ_TRIES_MAX; i++) {
      const version = Atomics.load(this.#words, VERSION);
      if (version === 0) return null;
      const start = (version & 1) * this.#bytesMax;
      const bytes = this.#slots.slice(start, start + Atomics.load(this.#words, LENGTH + (version & 1)));
      // The slot is overwritten by version + 2. An atomic addition of nothing, not a load: the reads of the bytes must not
      // be done after it, and a load would let them.
      const begun = Atomics.add(this.#words, BEGUN, 0);
      if (((begun - version) | 0) <= 1) return { version, bytes };
    }
    return null;
  }
}
