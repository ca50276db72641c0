// Stack probe: where a thread is that does not answer: its JavaScript stack, taken from the main thread through `node:inspector` without
// a port and without its help. It tells an endless loop (a stack) from an event loop that turns (idle) and from a thread inside native
// code (no answer; then the system says what the thread waits in). It ends nobody, and judges nobody.

import { Session } from 'node:inspector';
import type { Timers } from './host.ts';
import { readOsThread } from './os-thread.ts';
import type { OsThread } from './os-thread.ts';
import { SourcePositions } from './source-position.ts';

export interface StackFrame {
  readonly functionName: string;
  /** Below the package's folder and in its source when there is a source map: `src/decode/lz.ts`. Otherwise as the engine names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export type StackReport =
  /** Innermost frame first, at most `framesMax`. `osThread` is as it was before it was looked at: what runs is told from what waits by it. */
  | { readonly kind: 'stack'; readonly frames: readonly StackFrame[]; readonly framesLeftOut: number; readonly osThread: OsThread | null }
  /** Its event loop turns and no JavaScript ran while it was looked at. */
  | { readonly kind: 'idle' }
  /** It serves no interrupt: it is inside a system call or a long native function. */
  | { readonly kind: 'native'; readonly osThread: OsThread | null }
  | { readonly kind: 'unavailable'; readonly why: string };

export interface ProbedThread {
  /** Of `worker_threads`. */
  readonly threadId: number;
  /** The system's own number for it, for what only the system knows; null = unknown. */
  readonly osThreadId: number | null;
}

const framesMax = 50;
/** A thread that runs JavaScript answers within tens of milliseconds; the rest is for a machine under load. */
const answerMs = 2_000;
/** JavaScript that runs is paused at its next loop edge or call. Waiting longer would not make an idle thread run any. */
const pauseMs = 1_000;
const resumeMs = 500;
const mapMs = 1_000;
/** A stack thousands of frames deep is described by megabytes. */
const messageCharactersMax = 32 * 1024 * 1024;

/** Makes one probe after another: two debuggers of one worker would stop each other's work. */
export class StackProbe {
  readonly #timers: Timers;
  #last: Promise<unknown> = Promise.resolve();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Never rejects, and takes at most five seconds from its turn on. The thread stands still for some tens of milliseconds of it. */
  probe(thread: ProbedThread): Promise<StackReport> {
    const turn = this.#last.then(() => this.#probe(thread)).catch((error: unknown): StackReport => ({ kind: 'unavailable', why: String(error) }));
    this.#last = turn;
    return turn;
  }

  async #probe({ threadId, osThreadId }: ProbedThread): Promise<StackReport> {
    const debuggee = new WorkerDebugger(threadId, this.#timers);
    try {
      // Before it is touched: a debugger wakes a thread that waits.
      const before = osThreadId === null ? null : readOsThread(osThreadId);
      if (!(await debuggee.attach())) return { kind: 'unavailable', why: `no thread ${threadId} runs any more` };
      const native = (): StackReport => ({ kind: 'native', osThread: osThreadId === null ? null : readOsThread(osThreadId) });
      if ((await debuggee.ask('Debugger.enable', answerMs)) === null) return native();
      const paused = debuggee.paused(pauseMs);
      const told = debuggee.ask('Debugger.pause', pauseMs);
      const frames = await paused;
      // It may have gone into native code between the two commands: an idle thread hears both.
      if (frames === null) return (await told) === null ? native() : { kind: 'idle' };
      await debuggee.ask('Debugger.resume', resumeMs);
      return await this.#report(frames, debuggee, before);
    } finally {
      debuggee.detach();
    }
  }

  async #report(frames: readonly CallFrame[], debuggee: WorkerDebugger, osThread: OsThread | null): Promise<StackReport> {
    const kept = frames.slice(0, framesMax);
    const positions = new SourcePositions();
    const urls = kept.map((frame) => debuggee.urlOf(frame));
    // A disk that hangs must not take the evidence with it: without maps the lines are those of the compiled files.
    await within(this.#timers, mapMs, positions.load(urls));
    return {
      kind: 'stack',
      osThread,
      framesLeftOut: frames.length - kept.length,
      frames: kept.map(({ functionName, location }, index) => ({
        functionName: functionName === '' ? '(anonymous)' : functionName,
        ...positions.locate(urls[index] ?? '', location.lineNumber, location.columnNumber ?? 0),
      })),
    };
  }
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number };
}

interface WorkerMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly scriptId?: string; readonly url?: string; readonly callFrames?: readonly CallFrame[] };
}

/** The debugger's conversation with one worker. Whatever happened, `detach` leaves that worker running and without a debugger. */
class WorkerDebugger {
  readonly #threadId: number;
  readonly #timers: Timers;
  readonly #session = new Session();
  readonly #answers = new Map<number, () => void>();
  readonly #urls = new Map<string, string>();
  #workerSession: string | null = null;
  #onPaused: (frames: readonly CallFrame[]) => void = () => undefined;
  #lastId = 0;

  constructor(threadId: number, timers: Timers) {
    this.#threadId = threadId;
    this.#timers = timers;
  }

  /** False when there is no such thread. */
  async attach(): Promise<boolean> {
    this.#session.connect();
    this.#session.on('NodeWorker.attachedToWorker', ({ params }) => {
      // Their `workerId` counts attachments; the thread's own id is only in the title, as in `[worker 12] display/0#1`.
      if (params.workerInfo.title.startsWith(`[worker ${this.#threadId}]`)) this.#workerSession = params.sessionId;
    });
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      if (params.sessionId === this.#workerSession && params.message.length <= messageCharactersMax) this.#received(JSON.parse(params.message) as WorkerMessage);
    });
    // The attachments are announced before the answer.
    const enabled = new Promise<void>((resolve) => this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, () => resolve()));
    await within(this.#timers, answerMs, enabled);
    return this.#workerSession !== null;
  }

  /** Null when it did not answer in time. */
  ask(method: string, deadlineMs: number): Promise<true | null> {
    // Before it is sent: the answer of a fast thread arrives as an interrupt, within `post` itself.
    const answered = new Promise<true>((resolve) => this.#answers.set(this.#lastId + 1, () => resolve(true)));
    this.#send(method);
    return within(this.#timers, deadlineMs, answered);
  }

  /** Where it stops next; null when it did not in time. */
  paused(deadlineMs: number): Promise<readonly CallFrame[] | null> {
    return within(this.#timers, deadlineMs, new Promise((resolve) => (this.#onPaused = resolve)));
  }

  /** In modules the engine leaves a frame's own `url` empty. */
  urlOf(frame: CallFrame): string {
    return frame.url === '' ? (this.#urls.get(frame.location.scriptId) ?? '') : frame.url;
  }

  /**
   * Both commands reach a thread that is inside native code now when it comes out. Without them it would stop there for ever: a
   * debugger that only goes away leaves a paused thread paused, and `terminate()` then waits for it.
   */
  detach(): void {
    if (this.#workerSession !== null) {
      this.#send('Debugger.resume');
      this.#send('Debugger.disable');
    }
    this.#session.post('NodeWorker.disable');
    this.#session.disconnect();
  }

  #send(method: string): void {
    const message = JSON.stringify({ id: ++this.#lastId, method, params: {} });
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#workerSession ?? '', message });
  }

  #received({ id, method, params }: WorkerMessage): void {
    if (id !== undefined) {
      this.#answers.get(id)?.();
      this.#answers.delete(id);
    } else if (method === 'Debugger.scriptParsed') {
      if (params?.scriptId !== undefined && params.url !== undefined && params.url !== '') this.#urls.set(params.scriptId, params.url);
    } else if (method === 'Debugger.paused') {
      this.#onPaused(params?.callFrames ?? []);
    }
  }
}

/** What it resolves to, or null at the deadline. */
function within<T>(timers: Timers, ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(ms, () => resolve(null));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
