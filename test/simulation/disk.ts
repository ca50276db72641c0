// A disk of which only the sizes are kept: days of capture fit into nothing. It can be full or broken for a while, and it knows
// when a file is written where nothing has been written before.
import { dirname } from 'node:path';
import type { CaptureFiles } from '#app/actors/capture-files.js';

export class SizeDisk {
  /** Bytes by path. */
  readonly sizes = new Map<string, number>();
  /** What every write fails with now. */
  failing: string | null = null;
  holes = 0;
  writes = 0;
  failures = 0;
  readonly #open = new Map<number, string>();
  readonly #texts = new Map<string, string>();
  readonly #folders = new Set<string>();
  #next = 3;

  get openFiles(): number {
    return this.#open.size;
  }

  /** As when the thread that opened them ends. */
  closeAll(): void {
    this.#open.clear();
  }

  readonly calls: CaptureFiles = {
    makeDirectory: (path) => void this.#folders.add(path),
    list: (path) => [...this.sizes.keys()].filter((file) => dirname(file) === path).map((file) => file.slice(path.length + 1)),
    readText: (path) => this.#texts.get(path) ?? null,
    create: (path) => {
      if (this.sizes.has(path)) throw systemError('EEXIST', 'create');
      this.sizes.set(path, 0);
      this.#open.set(this.#next, path);
      return this.#next++;
    },
    write: (file, bytes, position) => {
      this.#refuse('write');
      const path = this.#path(file);
      const size = this.sizes.get(path) ?? 0;
      if (position > size) this.holes += 1;
      this.writes += 1;
      this.sizes.set(path, Math.max(size, position + bytes.length));
      return bytes.length;
    },
    truncate: (file, byteLength) => void this.sizes.set(this.#path(file), byteLength),
    close: (file) => {
      this.#path(file);
      this.#open.delete(file);
    },
    replaceText: (path, text) => {
      this.#refuse('replaceText');
      this.#texts.set(path, text);
      this.sizes.set(path, text.length);
    },
  };

  #refuse(call: string): void {
    if (this.failing === null) return;
    this.failures += 1;
    throw systemError(this.failing, call);
  }

  #path(file: number): string {
    const path = this.#open.get(file);
    if (path === undefined) throw systemError('EBADF', 'file');
    return path;
  }
}

/** Without a stack: a full disk refuses tens of thousands of times a day, and nobody asks from where it was called. */
function systemError(code: string, call: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return Object.assign(new Error(`${code}: ${call} refused`), { code, errno: -1, syscall: call });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
