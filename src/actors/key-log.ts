// The file of TLS keys that --tls-keylog asks for, in the form that Wireshark and tshark read (NSS key log). The writer owns it, as it owns every file of
// evidence; lines are added to what is there, so that several sessions can share one file. A line that cannot be written is counted and lost.

import * as fs from 'node:fs';
import type { ProgressMark } from './kernel/progress.ts';

const ownerOnly = 0o600;

export class KeyLog {
  readonly #file: number;
  readonly #progress: ProgressMark;
  #lines = 0;
  #failed = 0;
  #open = true;

  /** Throws when there can be no such file: that ends the writer's start, which comes before the session. */
  constructor(path: string, progress: ProgressMark) {
    this.#progress = progress;
    try {
      this.#file = this.#marked(() => {
        const file = fs.openSync(path, 'a', ownerOnly);
        // A file that was there already may be open to others; a device is what it is.
        if (fs.fstatSync(file).isFile()) fs.fchmodSync(file, ownerOnly);
        return file;
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`the TLS keys cannot be written to ${path}: ${reason}. Choose a file that you may create and write.`, { cause: error });
    }
  }

  add(line: string): void {
    if (!this.#open) return;
    try {
      this.#marked(() => fs.writeSync(this.#file, line));
      this.#lines += 1;
    } catch {
      this.#failed += 1;
    }
  }

  observe(): { readonly lines: number; readonly failed: number } {
    return { lines: this.#lines, failed: this.#failed };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#marked(() => fs.closeSync(this.#file));
  }

  #marked<T>(call: () => T): T {
    this.#progress.blockedOn('disk');
    try {
      return call();
    } finally {
      this.#progress.blockedOn(null);
    }
  }
}
