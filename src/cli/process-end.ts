// Process end: how the process leaves with the exit code that it owes while a thread is inside a blocked system call. Node joins every
// thread in `process.exit`, in `process.reallyExit` and after an uncaught exception alike, so each of them hangs (tried on Node 20); only
// libc's `_exit` leaves at once with a code of one's choice. It decides nothing about when.

import { exitNow, prepareNativeCalls } from '../actors/kernel/native-calls.ts';

class ProcessEnd {
  #isForced = false;

  /**
   * Loads what `now` needs. Before any worker starts: the addon asks for a diagnostic report when it loads, and a report waits for
   * every thread; loaded first inside a worker, it takes the process down when that worker exits.
   */
  prepare(): void {
    prepareNativeCalls();
  }

  /** A thread was left behind: the process must not end the usual way. */
  force(): void {
    this.#isForced = true;
  }

  /** At the end of the program: leaves at once where that was forced, otherwise by itself when nothing is left to do. */
  finish(code: number): void {
    process.exitCode = code;
    if (this.#isForced) this.now(code);
  }

  /** Ends the process without waiting for its threads. What listens for `exit` on the main thread runs, so the terminal is put right. */
  now(code: number): never {
    process.exitCode = code;
    process.emit('exit', code);
    exitNow(code);
    // No prebuilt addon for this platform: dying of the signal itself gives a shell 130 and 143; for any other code there is no way left.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(signal);
    process.kill(process.pid, code === 130 ? 'SIGINT' : code === 143 ? 'SIGTERM' : 'SIGKILL');
    // A signal to oneself is delivered before `kill` returns, or at the latest in this loop.
    for (;;) process.hrtime();
  }
}

/** The one end of this process. */
export const processEnd = new ProcessEnd();
