// Report pool: writes reports one after another in a thread of its own, with a bound on how many wait and a deadline for each. A disk that hangs holds up that thread
// alone: what waits behind it fails at its deadline, and the session does not notice.

import { Piscina } from 'piscina';
import type { Timers } from '../actors/kernel/host.ts';
import type { ReportPlan, ReportWritten } from '../capture/report/report-members.ts';

/** Reports that may wait for the one that is being written. */
export const waitingMax = 8;
/** From when it was asked for, in milliseconds: traffic is held still for no longer. */
const reportMsMax = 60_000;
/** How long a thread that has nothing to do is kept: its memory, which reading a whole ring has filled, is given back with it. */
const idleMs = 1_000;
/** Compressing a ring takes seconds of processor time, and channels have the first claim to it. Each thread has a niceness of its own on Linux; elsewhere it is left as it is. */
const niceness = 10;
const endMs = 2_000;
const reportTask = new URL('../pool/report-task.js', import.meta.url).href;

/** Why there is no report. */
export class ReportFailed extends Error {
  override readonly name = 'ReportFailed';
  /** `tooMany`: not tried, too many wait. `tooSlow`: given up at its deadline. `notWritten`: the file system, or a mistake of ours. */
  readonly code: 'tooMany' | 'tooSlow' | 'notWritten';

  constructor(code: ReportFailed['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Where reports are written. Tests and simulations have others. */
export interface ReportWriter {
  /** Rejects with `ReportFailed`. The plan's traffic is read until then. */
  write(plan: ReportPlan): Promise<ReportWritten>;
  /** Waits for what is under way, for at most so long. False = a thread was left behind inside a blocked call. */
  close(patienceMs: number): Promise<boolean>;
}

interface Waiting {
  readonly plan: ReportPlan;
  settle(outcome: { readonly written: ReportWritten } | { readonly failed: ReportFailed }): void;
  isSettled: boolean;
}

export class ReportPool implements ReportWriter {
  readonly #timers: Timers;
  readonly #deadlineMs: number;
  readonly #task: string;
  readonly #waiting: Waiting[] = [];
  #pool: Piscina<ReportPlan, ReportWritten> | null = null;
  #isWriting = false;
  #isClosed = false;
  #idle: () => void = () => undefined;

  /** Deadline and task are others in tests only. */
  constructor(timers: Timers, { deadlineMs = reportMsMax, task = reportTask }: { readonly deadlineMs?: number; readonly task?: string } = {}) {
    this.#timers = timers;
    this.#deadlineMs = deadlineMs;
    this.#task = task;
  }

  write(plan: ReportPlan): Promise<ReportWritten> {
    if (this.#isClosed) return Promise.reject(new ReportFailed('tooSlow', 'the session ended before it was written'));
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new ReportFailed('tooMany', `${waitingMax} reports wait to be written already`));
    }
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(this.#deadlineMs, () => {
        // It may be the one that is being written: its thread stays inside the call that blocks, and finds out when that returns.
        if (this.#waiting.includes(job)) this.#waiting.splice(this.#waiting.indexOf(job), 1);
        job.settle({ failed: new ReportFailed('tooSlow', `the disk did not take it within ${this.#deadlineMs / 1000} s`) });
      });
      const job: Waiting = {
        plan,
        isSettled: false,
        settle: (outcome) => {
          if (job.isSettled) return;
          job.isSettled = true;
          cancel();
          if ('written' in outcome) resolve(outcome.written);
          else reject(outcome.failed);
        },
      };
      this.#waiting.push(job);
      void this.#work();
    });
  }

  async close(patienceMs: number): Promise<boolean> {
    this.#isClosed = true;
    const isIdle = await this.#within(patienceMs, this.#isWriting ? new Promise<void>((resolve) => (this.#idle = resolve)) : Promise.resolve());
    for (const job of this.#waiting.splice(0)) job.settle({ failed: new ReportFailed('tooSlow', 'the session ended before it was written') });
    if (this.#pool === null) return true;
    const ended = this.#pool.destroy();
    // Ending a thread that is inside a blocked call never comes to an end.
    if (await this.#within(isIdle ? patienceMs : endMs, ended)) return true;
    ended.catch(() => undefined);
    return false;
  }

  async #work(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        job.settle({ written: await this.#threads().run(job.plan) });
      } catch (error) {
        job.settle({ failed: new ReportFailed('notWritten', error instanceof Error ? error.message : String(error)) });
      }
    }
    this.#isWriting = false;
    this.#idle();
  }

  #threads(): Piscina<ReportPlan, ReportWritten> {
    return (this.#pool ??= new Piscina({
      filename: this.#task, minThreads: 0, maxThreads: 1, idleTimeout: idleMs, niceIncrement: process.platform === 'linux' ? niceness : 0, resourceLimits: { maxOldGenerationSizeMb: 256 },
    }));
  }

  #within(ms: number, promise: Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timers.after(ms, () => resolve(false));
      promise.then(
        () => {
          cancel();
          resolve(true);
        },
        (error: unknown) => {
          cancel();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
}
