// Capture close: the wait for a writer that drains and finishes its files when the session ends. It ends with the writer's report, with
// the writer, with patience, or when the disk has held one file call for longer than the writer may take to stop; then the
// writer is ended at once, because asking it again would only take its shutdown time twice.

import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Cancel, Timers } from '../actors/kernel/host.ts';

/** How long a capture may take to drain, in milliseconds; after that its writer has its shutdown time. */
const drainMsMax = 30_000;
const lookEveryMs = 250;

export interface CaptureClosing {
  readonly writer: ChildHandle;
  readonly timers: Timers;
  /** The writer's report has arrived. */
  readonly closed: Promise<void>;
  /** The longest that one file call may take. */
  readonly fileCallMsMax: number;
}

/** Resolves when there is nothing left to wait for. The writer has been told to close its capture. */
export async function waitForCapture({ writer, timers, closed, fileCallMsMax }: CaptureClosing): Promise<void> {
  const cancels: { patience?: Cancel; look?: Cancel } = {};
  const patience = new Promise<void>((resolve) => (cancels.patience = timers.after(drainMsMax, resolve)));
  const blocked = new Promise<void>((resolve) => {
    const look = (): void => {
      const { blockedOn, markAgeMs } = writer.progress.read();
      if (blockedOn === null || (markAgeMs ?? 0) < fileCallMsMax) {
        cancels.look = timers.after(lookEveryMs, look);
        return;
      }
      void writer.kill();
      resolve();
    };
    look();
  });
  await Promise.race([closed, writer.exited, patience, blocked]);
  cancels.patience?.();
  cancels.look?.();
}
