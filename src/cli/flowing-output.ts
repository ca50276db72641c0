// Output of any length to a stream that somebody may read slowly, or stop reading: lines are gathered, and whoever writes waits until they are
// taken. Nothing here knows what the lines say.

import type { Writable } from 'node:stream';

const GATHER_CHARACTERS = 64 * 1024;

export class FlowingOutput {
  readonly #stream: Writable;
  #gathered = '';
  #isClosed = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Who has gone (`| head`) is no failure: there is only nobody left to write for.
    const close = (): void => void (this.#isClosed = true);
    stream.once('close', close).once('error', close);
  }

  /** Nobody reads any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  line(text: string): void {
    this.#gathered += `${text}\n`;
  }

  /** Resolves when there is room for more, at once while little is gathered. */
  async flow(): Promise<void> {
    if (this.#gathered.length >= GATHER_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#gathered === '' || this.#isClosed) return;
    const text = this.#gathered;
    this.#gathered = '';
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) this.#stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'close', 'error']) this.#stream.once(event, done);
    });
  }
}
