// Control pictures: the pool thread in which the control socket's pictures are encoded, read and searched. It starts with the first of them
// and ends when nobody has asked for a while; what it cannot do it says in words.

import { Piscina } from 'piscina';
import type { PictureResult, PictureTask } from '../pool/picture-task.ts';

export interface ControlPictures {
  /** Rejects when the thread fails, or is closed meanwhile. */
  run(task: PictureTask): Promise<PictureResult>;
  close(): Promise<void>;
}

/** A thread that nobody has asked for so long, in milliseconds, ends. */
const idleMs = 10_000;
/** Room for what 32 clients may have under way at once: a screenshot and eight waits each. */
const queueMax = 32 * 9;

export function createControlPictures(): ControlPictures {
  let pool: Piscina<PictureTask, PictureResult> | null = null;
  return {
    run(task) {
      pool ??= new Piscina<PictureTask, PictureResult>({
        filename: new URL('../pool/picture-task.js', import.meta.url).href,
        minThreads: 0, maxThreads: 1, idleTimeout: idleMs, maxQueue: queueMax, resourceLimits: { maxOldGenerationSizeMb: 256 },
      });
      return pool.run(task);
    },
    async close() {
      await pool?.destroy();
    },
  };
}

/** The thread failed, or was closed before it came to the task. */
export interface PictureFailed {
  readonly kind: 'failed';
  readonly message: string;
}

/** Runs the task and tells what came of it, once. */
export function runPicture(pictures: ControlPictures, task: PictureTask, finished: (result: PictureResult | PictureFailed) => void): void {
  const outcome = pictures.run(task).catch((error: unknown): PictureFailed => ({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }));
  void outcome.then(finished);
}
