/**
 * `ryll-actors doctor`: looks at the machine the way the client will use it and says what will not work, before a session does. It changes nothing that
 * stays: the files that prove a folder writable are removed again.
 */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { findPlayer, playerNames, players } from '../actors/audio-players.ts';
import { chooseH264Encoder, h264Package } from '../actors/h264-encoders.ts';
import { chooseScreenLock, screenLockPlace } from './screen-lock.ts';

/** The oldest Node that is tested; package.json says the same in `engines`. */
const NODE_MIN: readonly [number, number] = [20, 19];

/** How long the trial thread may take to answer, in milliseconds: fifty times what it usually needs. */
const WORKER_DEADLINE_MS = 5000;

/** Below this a session with its decoders and traffic rings gets tight, in bytes. */
const MEMORY_MIN_BYTES = 512 * 1024 * 1024;

export type CheckStatus = 'ok' | 'note' | 'problem';

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found and, for a problem, what to do. */
  readonly detail: string;
}

export interface DoctorOptions {
  /** Where `--capture` would write; null = not asked. */
  readonly captureFolder: string | null;
  readonly nodeVersion: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: { readonly isTTY: boolean; readonly columns: number | null; readonly rows: number | null; readonly colorDepth: number | null };
}

/** What the process itself says of its surroundings. */
export function doctorOptions(captureFolder: string | null): DoctorOptions {
  const { stdout } = process;
  return {
    captureFolder,
    nodeVersion: process.versions.node,
    environment: process.env,
    terminal: stdout.isTTY
      ? { isTTY: true, columns: stdout.columns, rows: stdout.rows, colorDepth: stdout.getColorDepth() }
      : { isTTY: false, columns: null, rows: null, colorDepth: null },
  };
}

export async function runChecks(options: DoctorOptions): Promise<readonly Check[]> {
  return [
    checkNode(options.nodeVersion),
    await checkThreads(),
    checkMachine(),
    { name: 'decoders', status: 'note', detail: 'all image decoders are built in; there are no optional native ones in this version' },
    ...checkTerminal(options),
    checkSound(options.environment),
    await checkVideo(options.environment),
    checkScreenLock(options.environment),
    await checkFolder('temporary folder', tmpdir()),
    ...(options.captureFolder === null ? [] : [await checkFolder('capture folder', options.captureFolder)]),
  ];
}

/** Lines for a terminal or a file, the verdict last. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const problems = checks.filter(({ status }) => status === 'problem').length;
  const lines = checks.map(({ name, status, detail }) => `${status.padEnd(8)}${name.padEnd(width + 2)}${detail}`);
  return [...lines, problems === 0 ? 'Everything that the client needs is here.' : `${problems} problem${problems === 1 ? '' : 's'} found.`].join('\n');
}

export function doctorExit(checks: readonly Check[]): 'ok' | 'failed' {
  return checks.some(({ status }) => status === 'problem') ? 'failed' : 'ok';
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return { name: 'Node.js', status: enough ? 'ok' : 'problem', detail: enough ? version : `${version} is too old; install ${NODE_MIN.join('.')} or newer` };
}

/** Starts a real thread and lets it count in shared memory: containers and policies can forbid either. */
async function checkThreads(): Promise<Check> {
  const name = 'threads';
  try {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker("const { workerData } = require('node:worker_threads'); Atomics.add(workerData, 0, 1);", { eval: true, workerData: shared, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const outcome = await new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${WORKER_DEADLINE_MS / 1000} s`), WORKER_DEADLINE_MS);
      worker.once('error', (error) => resolve(error.message));
      worker.once('exit', () => resolve('exited'));
    });
    clearTimeout(timer);
    await worker.terminate();
    if (outcome === 'exited' && Atomics.load(shared, 0) === 1) return { name, status: 'ok', detail: 'worker threads and shared memory work' };
    return { name, status: 'problem', detail: `worker threads with shared memory do not work (${outcome}); connect can still run with --single-thread` };
  } catch (error) {
    return { name, status: 'problem', detail: `worker threads with shared memory do not work (${messageOf(error)}); connect can still run with --single-thread` };
  }
}

function checkMachine(): Check {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const cores = availableParallelism();
  const detail = `${cores} core${cores === 1 ? '' : 's'}, ${Math.round(bytes / 1024 / 1024)} MiB of memory`;
  if (bytes < MEMORY_MIN_BYTES) return { name: 'machine', status: 'note', detail: `${detail}: little for a large screen` };
  return { name: 'machine', status: 'ok', detail };
}

/** Opus is built in; what plays is a program of the system's. */
function checkSound(environment: DoctorOptions['environment']): Check {
  const found = playerNames.filter((name) => findPlayer(name, environment['PATH'] ?? '') !== null);
  if (found.length > 0) return { name: 'sound', status: 'ok', detail: `--audio-device can play through ${found.join(', ')}` };
  const packages = playerNames.map((name) => `${name} (${players[name].from})`).join(', ');
  return { name: 'sound', status: 'note', detail: `no player for --audio-device: install one of ${packages}; --audio-file needs none` };
}

/** JPEG pictures need no program. */
async function checkVideo(environment: DoctorOptions['environment']): Promise<Check> {
  const choice = await chooseH264Encoder(environment['PATH'] ?? '');
  if (choice.kind === 'encoder') return { name: 'video', status: 'ok', detail: `--video-codec h264 can encode with ffmpeg's ${choice.encoder}` };
  return { name: 'video', status: 'note', detail: `no encoder for --video-codec h264: ${choice.why}; install the package ${h264Package}; mjpeg, the default, needs none` };
}

/** Nothing depends on it: a session without is told nothing of it. */
function checkScreenLock(environment: DoctorOptions['environment']): Check {
  const choice = chooseScreenLock(screenLockPlace(environment));
  if (choice.kind === 'program') return { name: 'screen lock', status: 'ok', detail: `told by ${choice.program.provider}, in sessions with a dashboard` };
  return { name: 'screen lock', status: 'note', detail: `not available: ${choice.why}; a session does not notice that the screen is locked` };
}

function checkTerminal({ terminal, environment }: DoctorOptions): Check[] {
  if (!terminal.isTTY) return [{ name: 'terminal', status: 'note', detail: 'the output is no terminal: there is no dashboard, log lines are plain' }];
  const term = environment['TERM'] ?? '';
  const size: Check =
    (terminal.columns ?? 0) >= 80 && (terminal.rows ?? 0) >= 24
      ? { name: 'terminal', status: 'ok', detail: `${term === '' ? 'TERM is not set' : term}, ${terminal.columns} x ${terminal.rows} cells` }
      : { name: 'terminal', status: 'note', detail: `${terminal.columns ?? 0} x ${terminal.rows ?? 0} cells; the dashboard wants 80 x 24` };
  if (term === '' || term === 'dumb') return [{ name: 'terminal', status: 'note', detail: `TERM=${term}: no cursor control, so no dashboard; use --headless` }];
  const colors = 2 ** (terminal.colorDepth ?? 1);
  const reduced = (environment['NO_COLOR'] ?? '') === '' ? '' : ' (NO_COLOR is set)';
  const utf8 = /utf-?8/i.test(environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '');
  return [
    size,
    { name: 'colours', status: colors >= 256 ? 'ok' : 'note', detail: `${colors >= 2 ** 24 ? 'true colour' : `${colors} colours`}${reduced}` },
    utf8
      ? { name: 'characters', status: 'ok', detail: 'UTF-8' }
      : { name: 'characters', status: 'note', detail: 'the locale is not UTF-8: pictures in the dashboard may look broken; set LANG to a UTF-8 locale' },
  ];
}

/** A folder that is not there yet is made when it is needed, so then the nearest one above it counts. */
async function checkFolder(name: string, folder: string): Promise<Check> {
  let nearest = resolve(folder);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const proof = join(nearest, `.ryll-actors-doctor-${process.pid}`);
  try {
    await writeFile(proof, 'x', { flag: 'wx' });
    await rm(proof);
    return { name, status: 'ok', detail: nearest === resolve(folder) ? `${folder} can be written` : `${folder} can be made in ${nearest}` };
  } catch (error) {
    return { name, status: 'problem', detail: `${folder} cannot be written (${messageOf(error)}); choose another folder or fix its permissions` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
