// Runs one program to its end and gives back what it said. Every program has a deadline: at it, the program and what it started
// are ended, and the result says so.
import { spawn } from 'node:child_process';

export interface Finished {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The deadline passed and it was killed. */
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

export interface Running {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** What it has said so far, on either output. */
  said(): string;
  /** Nobody reads its standard output any more. */
  closeOutput(): void;
  /** Sends a signal to it alone, as a terminal user or a service manager would. */
  signal(name: NodeJS.Signals): void;
}

const running = new Set<Running>();

export const start = (program: string, args: readonly string[], { env = {}, timeoutMs = 30_000, cwd }: RunOptions = {}): Running => {
  // A process group of its own, so that the deadline reaches what it started, too.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) });
  let [stdout, stderr, timedOut] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  const pid = child.pid ?? 0;
  const deadline = setTimeout(() => { timedOut = true; endGroup(pid); }, timeoutMs);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', (error) => { clearTimeout(deadline); reject(error); });
    child.once('close', (code, signal) => { clearTimeout(deadline); resolve({ code, signal, stdout, stderr, timedOut }); });
  });
  const self: Running = { pid, finished, said: () => stdout + stderr, closeOutput: () => { child.stdout.destroy(); }, signal: (name) => { child.kill(name); } };
  running.add(self);
  finished.finally(() => running.delete(self)).catch(() => { /* whoever awaits `finished` is told */ });
  return self;
};

export const run = async (program: string, args: readonly string[], options?: RunOptions): Promise<Finished> => start(program, args, options).finished;

/** The same, but anything but exit code 0 throws with what it said: for the tools that the tests stand on. */
export const runTool = async (program: string, args: readonly string[], options?: RunOptions): Promise<string> => {
  const { code, signal, stdout, stderr, timedOut } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${timedOut ? 'timed out' : `ended with ${code ?? signal}`}\n${stdout}\n${stderr}`);
  return stdout;
};

/** Ends what a failed test left running. */
export const endAllPrograms = async (): Promise<void> => {
  const left = [...running];
  for (const { pid } of left) endGroup(pid);
  await Promise.allSettled(left.map(({ finished }) => finished));
};

const endGroup = (pid: number): void => {
  try { process.kill(-pid, 'SIGKILL'); } catch { /* it had ended */ }
};
