// Reads both directions of one connection as somebody on the wire would, with a reader of its own: where the link exchange ends,
// what each message is and how long. It holds no bytes longer than it must and changes none.

/** One message, by its number. */
export interface SeenMessage {
  readonly type: number;
  readonly bodyBytes: number;
  /** The body's first 32-bit word, or 0: a PONG's id. */
  readonly first: number;
  /** The second: SET_ACK's window. */
  readonly second: number;
}

/** What a client asks for. */
export interface LinkMessage {
  readonly connectionId: number;
  readonly channelType: number;
  readonly channelId: number;
}

const headerBytes = 16;
const ticketBytes = 128;
const mechanismBytes = 4;
const resultBytes = 4;
const miniHeaderBytes = 6;
const keptBodyBytes = 8;

/** One direction. Every message has a mini header: both ends of the simulation announce it. */
export class WireObserver {
  readonly #isClient: boolean;
  /** Bytes of the exchange, kept until it is over. */
  #exchange: number[] | null = [];
  #header: number[] = [];
  #body: number[] = [];
  #skip = 0;
  link: LinkMessage | null = null;

  constructor(from: 'client' | 'server') {
    this.#isClient = from === 'client';
  }

  /** The messages whose last byte is among these. */
  see(bytes: Uint8Array): SeenMessage[] {
    const seen: SeenMessage[] = [];
    let at = this.#passExchange(bytes);
    while (at < bytes.length) {
      if (this.#header.length < miniHeaderBytes) {
        this.#header.push(bytes[at++] ?? 0);
        if (this.#header.length === miniHeaderBytes) this.#skip = this.#word(this.#header, 2);
      } else {
        const step = Math.min(this.#skip, bytes.length - at);
        for (let next = at; this.#body.length < keptBodyBytes && next < at + step; next++) this.#body.push(bytes[next] ?? 0);
        at += step;
        this.#skip -= step;
      }
      if (this.#header.length === miniHeaderBytes && this.#skip === 0) {
        seen.push({ type: (this.#header[0] ?? 0) | ((this.#header[1] ?? 0) << 8), bodyBytes: this.#word(this.#header, 2), first: this.#word(this.#body, 0), second: this.#word(this.#body, 4) });
        this.#header = [];
        this.#body = [];
      }
    }
    return seen;
  }

  /** Bytes of the link exchange at the start of `bytes`. */
  #passExchange(bytes: Uint8Array): number {
    let at = 0;
    for (; this.#exchange !== null && at < bytes.length; at++) {
      this.#exchange.push(bytes[at] ?? 0);
      const [length, body] = [this.#exchange.length, this.#exchange.length >= headerBytes ? this.#word(this.#exchange, 12) : Infinity];
      if (this.#isClient && length === headerBytes + body) {
        this.link = { connectionId: this.#word(this.#exchange, 16), channelType: this.#exchange[20] ?? 0, channelId: this.#exchange[21] ?? 0 };
      }
      const after = this.#isClient ? mechanismBytes + ticketBytes : resultBytes;
      if (length === headerBytes + body + after) this.#exchange = null;
    }
    return at;
  }

  #word(bytes: readonly number[], at: number): number {
    return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
  }
}
