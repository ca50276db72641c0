// The program as a process of its own: what it says line by line, and how it ends. Faults may be injected, and it leaves no core file.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const lineDeadlineMs = 50_000;

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** The first line that fits, now or later; rejects with everything that was said when the process ends without it, or in 50 s. */
  line(fits: RegExp): Promise<string>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** @param folder its folder for temporary files, and where it runs */
export function startProgram(folder: string, args: readonly string[]): RunningProgram {
  const child = spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', process.execPath, PROGRAM, ...args], {
    cwd: folder, env: { ...process.env, RYLL_TEST_FAULTS: '1', TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const heard = (line: string): void => {
    lines.push(line);
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on('line', heard);
  createInterface({ input: child.stderr }).on('line', heard);
  const ended = new Promise<number | string>((resolve) => void child.once('close', (code, signal) => resolve(code ?? signal ?? '')));
  return {
    child, lines, ended,
    line: (fits) => new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((line) => fits.test(line));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      const inVain = (how: string) => (): void => reject(new Error(`${how} without ${String(fits)}:\n${lines.join('\n')}`));
      setTimeout(inVain(`${lineDeadlineMs} ms`), lineDeadlineMs).unref();
      void ended.then(inVain('ended'));
    }),
  };
}

/** A headless `connect`, with faults. */
export const connectProgram = (folder: string, address: string, ...args: readonly string[]): RunningProgram =>
  startProgram(folder, ['connect', '--direct', address, '--headless', ...args]);
