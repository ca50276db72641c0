// The thread that watches the main thread. It lives on its own timer, asks the main thread nothing, and when that has stopped takes its stack
// with the inspector and writes it to a file at once: there may be no later.

import { Session, type Debugger } from 'node:inspector';
import { appendFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { MainFreeze, MainWatchStart } from './main-watch.ts';
import { readOsThread } from './os-thread.ts';
import { SourcePositions } from './source-position.ts';
import type { StackReport } from './stack-probe.ts';
import { placeOf, stackLines } from './stack-text.ts';
import { nameThread } from './thread-name.ts';

// Written by main-watch.ts on the other side of the same file's type.
const { word, frozenMs, tickMs, folder } = workerData as MainWatchStart;
nameThread('main-watch');
const beats = new Int32Array(word);
const answerMs = 2_000;
const framesMax = 50;
/** A main thread that stops again and again is described often enough by then. */
const freezesMax = 20;
/** This thread itself was not run for so long: the process was stopped or the machine suspended, which proves nothing about the main thread. */
const lateTicksMax = 3;

let lastBeat = Atomics.load(beats, 0);
let lastChangeMs = performance.now();
let lastLookMs = lastChangeMs;
let isDescribed = false;
let freezes = 0;
let file: string | null = null;

const timer = setInterval(look, tickMs);

function look(): void {
  const nowMs = performance.now();
  const isLate = nowMs - lastLookMs > (1 + lateTicksMax) * tickMs;
  lastLookMs = nowMs;
  const beat = Atomics.load(beats, 0);
  if (beat !== lastBeat || isLate) {
    lastBeat = beat;
    lastChangeMs = nowMs;
    isDescribed = false;
    return;
  }
  if (isDescribed || nowMs - lastChangeMs < frozenMs) return;
  isDescribed = true;
  if (++freezes >= freezesMax) clearInterval(timer);
  void describe(nowMs - lastChangeMs);
}

async function describe(silentMs: number): Promise<void> {
  const report = await mainStack().catch((error: unknown): StackReport => ({ kind: 'unavailable', why: String(error) }));
  const path = write(silentMs, report);
  // Heard when the main thread runs again, if it ever does.
  parentPort?.postMessage({ silentMs, place: placeOf(report), path } satisfies MainFreeze);
}

function write(silentMs: number, report: StackReport): string | null {
  const title = `${new Date().toISOString()} process ${process.pid}: the main thread has done nothing for ${Math.round(silentMs)} ms`;
  try {
    // A folder of a name that nobody can guess: in a folder that all users share, a name that can be guessed can be a trap.
    file ??= join(mkdtempSync(join(folder, `ryll-actors-${process.pid}-`)), 'main-thread.txt');
    appendFileSync(file, [title, ...stackLines(report).map((line) => `    ${line}`), ''].join('\n'), { mode: 0o600 });
    return file;
  } catch {
    return null;
  }
}

async function mainStack(): Promise<StackReport> {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  const paused = new Promise<readonly Debugger.CallFrame[]>((resolve) => session.once('Debugger.paused', ({ params }) => resolve(params.callFrames)));
  try {
    const enabled = await within(new Promise<true>((resolve) => session.post('Debugger.enable', () => resolve(true))));
    const told = enabled === null ? Promise.resolve(null) : within(new Promise<true>((resolve) => session.post('Debugger.pause', () => resolve(true))));
    const frames = enabled === null ? null : await within(paused);
    if (frames === null) return (await told) === null ? { kind: 'native', osThread: readOsThread(process.pid) } : { kind: 'idle' };
    const kept = frames.slice(0, framesMax);
    const positions = new SourcePositions();
    const urlOf = (frame: Debugger.CallFrame): string => (frame.url === '' ? (urls.get(frame.location.scriptId) ?? '') : frame.url);
    await within(positions.load(kept.map(urlOf)));
    return {
      kind: 'stack',
      osThread: null,
      framesLeftOut: frames.length - kept.length,
      frames: kept.map((frame) => ({
        functionName: frame.functionName === '' ? '(anonymous)' : frame.functionName,
        ...positions.locate(urlOf(frame), frame.location.lineNumber, frame.location.columnNumber ?? 0),
      })),
    };
  } finally {
    // In this order, also for a main thread that hears it later: a debugger that only goes away leaves it stopped.
    session.post('Debugger.resume', () => undefined);
    session.post('Debugger.disable', () => undefined);
    session.disconnect();
  }
}

function within<T>(promise: Promise<T>): Promise<T | null> {
  return Promise.race([promise, new Promise<null>((resolve) => void setTimeout(() => resolve(null), answerMs))]);
}
