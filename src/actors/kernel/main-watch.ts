// Main watch: the watch over the main thread, which nobody there can keep: a thread of its own looks at a word that the main thread counts
// up, and takes the main thread's stack when it stops. It ends nothing: without the main thread there is nobody to restart it.

import { Worker } from 'node:worker_threads';
import type { Cancel, Timers } from './host.ts';
import { prepareThreadNames } from './thread-name.ts';

/** What the watching thread is started with. */
export interface MainWatchStart {
  readonly word: SharedArrayBuffer;
  readonly frozenMs: number;
  readonly tickMs: number;
  /** Where a folder for the evidence is made when there is any. */
  readonly folder: string;
}

/** Heard when the main thread runs again. */
export interface MainFreeze {
  readonly silentMs: number;
  /** Where it was, in words. */
  readonly place: string;
  /** The file with its stack; null when none could be written. */
  readonly path: string | null;
}

const tickMsMax = 500;
const ticksPerFreeze = 5;

export class MainWatch {
  readonly #timers: Timers;
  readonly #word = new SharedArrayBuffer(4);
  readonly #tickMs: number;
  readonly #worker: Worker;
  #cancel: Cancel | null = null;

  /** Watches from now on. */
  constructor(timers: Timers, options: { readonly frozenMs: number; readonly folder: string }, say: (freeze: MainFreeze) => void) {
    this.#timers = timers;
    this.#tickMs = Math.min(tickMsMax, Math.ceil(options.frozenMs / ticksPerFreeze));
    const start: MainWatchStart = { word: this.#word, tickMs: this.#tickMs, ...options };
    prepareThreadNames();
    this.#worker = new Worker(new URL('./main-watch-thread.js', import.meta.url), {
      name: 'main-watch', workerData: start, resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 },
    });
    this.#worker.on('message', say);
    // A watch that fails costs its evidence only.
    this.#worker.on('error', () => undefined);
    this.#worker.unref();
    this.#beat();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    await this.#worker.terminate();
  }

  #beat(): void {
    Atomics.add(new Int32Array(this.#word), 0, 1);
    this.#cancel = this.#timers.after(this.#tickMs, () => this.#beat());
  }
}
