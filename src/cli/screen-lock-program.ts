// Screen lock program: runs the program that tells whether the screen is locked and hands its lines on. Its output is bounded, and it is started again a
// few times when it ends; a session never waits for it and never fails with it.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import { createLineSplitter, pushBytes, takeLine } from '../control/line-splitter.ts';
import type { ScreenLock, ScreenLockEvents, ScreenLockProgram } from './screen-lock.ts';

const lineBytesMax = 16 * 1024;
const lastWordsMax = 400;
/** Starts in a row that came to nothing. One that ran for `wellMs` was well. */
const startsMax = 3;
const againMs = 5_000;
const wellMs = 60_000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

export function screenLockOf(program: ScreenLockProgram, host: Pick<HostBase, 'clock' | 'timers'>): ScreenLock {
  return {
    provider: program.provider,
    watch: (events) => {
      const running = new RunningProgram(program, host, events);
      return () => running.stop();
    },
  };
}

class RunningProgram {
  readonly #program: ScreenLockProgram;
  readonly #host: Pick<HostBase, 'clock' | 'timers'>;
  readonly #events: ScreenLockEvents;
  #child: Child | null = null;
  #ended: Promise<void> = Promise.resolve();
  #failures = 0;
  #stopped = false;
  #cancelAgain: Cancel = () => undefined;

  constructor(program: ScreenLockProgram, host: Pick<HostBase, 'clock' | 'timers'>, events: ScreenLockEvents) {
    this.#program = program;
    this.#host = host;
    this.#events = events;
    this.#start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelAgain();
    if (this.#child !== null) {
      endGroup(this.#child);
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    }
    await this.#ended;
  }

  #start(): void {
    const { program, args } = this.#program;
    const startedMs = this.#host.clock.monotonicMs();
    // A process group of its own: it ends whole, and Ctrl+C on the terminal is for the client alone.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
    this.#child = child;
    let lastWords = '';
    this.#listen(child);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-lastWordsMax)));
    this.#ended = new Promise((resolve) => {
      const over = (how: string): void => {
        resolve();
        if (this.#child !== child) return;
        this.#child = null;
        const words = lastWords.trim().replaceAll(/\s+/g, ' ');
        this.#over(this.#host.clock.monotonicMs() - startedMs, words === '' ? how : `${how}: ${words}`);
      };
      child.once('error', (error) => over(error.message));
      // What it started may hold its output open still.
      child.once('exit', () => endGroup(child));
      child.once('close', (code, signal) => over(signal ?? `exit code ${code}`));
    });
  }

  #listen(child: Child): void {
    const lines = createLineSplitter(lineBytesMax);
    child.stdout.on('data', (chunk: Buffer) => {
      pushBytes(lines, chunk);
      for (let line = takeLine(lines); line !== null; line = takeLine(lines)) {
        const locked = line.kind === 'line' ? this.#program.read(Buffer.from(line.bytes).toString('utf8').trim()) : null;
        if (locked !== null && !this.#stopped) this.#events.heard(locked);
      }
    });
  }

  #over(ranMs: number, why: string): void {
    if (this.#stopped) return;
    this.#failures = ranMs >= wellMs ? 1 : this.#failures + 1;
    if (this.#failures >= startsMax) this.#events.lost(why);
    else this.#cancelAgain = this.#host.timers.after(againMs, () => this.#start());
  }
}

function endGroup(child: Child): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
