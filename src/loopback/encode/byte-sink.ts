/**
 * Bytes written one after the other, into memory that grows as needed. The encoders' only way to make output; it knows
 * both byte orders, because LZ headers are big-endian.
 */
export class ByteSink {
  #bytes = new Uint8Array(256);
  #length = 0;

  u8(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }

  u32BigEndian(value: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.u8((value >>> shift) & 255);
  }

  u32LittleEndian(value: number): void {
    for (let shift = 0; shift <= 24; shift += 8) this.u8((value >>> shift) & 255);
  }

  /** A copy of all that was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
