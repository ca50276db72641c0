// How far a long reading has come, as one line on a terminal's error output that is replaced and at the end removed. On anything else it says
// nothing.

/** Before this time nobody wonders. */
const FIRST_AFTER_MS = 1_000;
const EVERY_MS = 250;
const CLEAR = '\r\u001b[K';

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class ReadingProgress {
  readonly #stream: ProgressStream;
  readonly #bytes: number;
  readonly #nowMs: () => number;
  #nextMs: number;
  #isShown = false;

  /** @param bytes of everything that is to be read */
  constructor(stream: ProgressStream, bytes: number, nowMs: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#bytes = bytes;
    this.#nowMs = nowMs;
    this.#nextMs = nowMs() + FIRST_AFTER_MS;
  }

  /** @param doing such as `reading` */
  at(bytesRead: number, doing: string): void {
    const nowMs = this.#nowMs();
    if (this.#stream.isTTY !== true || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + EVERY_MS;
    this.#isShown = true;
    const percent = this.#bytes === 0 ? 100 : Math.min(100, Math.floor((bytesRead / this.#bytes) * 100));
    this.#stream.write(`${CLEAR}${doing} ${percent} % of ${(this.#bytes / 1e6).toFixed(0)} MB`);
  }

  end(): void {
    if (this.#isShown) this.#stream.write(CLEAR);
    this.#isShown = false;
  }
}
