// The trace of a run: every fact in order, as one hash. Two runs of one seed have the same, or something outside the seed decides.
import { createHash } from 'node:crypto';

const linesKeptMax = 400;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  lines = 0;

  note(atMs: number, text: string): void {
    const line = `${Math.round(atMs * 1000) / 1000} ${text}`;
    this.lines += 1;
    this.#hash.update(line).update('\n');
    this.#last.push(line);
    if (this.#last.length > 2 * linesKeptMax) this.#last.splice(0, linesKeptMax);
  }

  /** The newest lines, for people. */
  tail(count = linesKeptMax): readonly string[] {
    return this.#last.slice(-count);
  }

  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}
