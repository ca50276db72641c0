// What this process holds, counted from outside its own bookkeeping: threads and descriptors as the system has them, handles as Node has them,
// MessagePorts in the heap of every thread, resident memory. On Linux only, and slow: every heap is collected for it.
import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, runInThisContext } from 'node:vm';

/** Memory is in MiB. */
export interface HeldResources {
  readonly threads: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly messagePorts: number;
  readonly residentMib: number;
  readonly mainHeapMib: number;
}

/** In each thread: its ports after a collection, which `queryObjects` makes, and what its event loop holds. Node warns in each that the function is young. */
const inThread = `(() => {
  const warn = process.emitWarning;
  process.emitWarning = () => undefined;
  const ports = process.getBuiltinModule('node:v8').queryObjects(process.getBuiltinModule('node:worker_threads').MessagePort, { format: 'count' });
  process.emitWarning = warn;
  return JSON.stringify([ports, process.getActiveResourcesInfo().length]);
})()`;
const answerMs = 30_000;

setFlagsFromString('--expose-gc');
// The flag makes `gc` a global of contexts that are made from now on; nothing else is known of that value.
const collect = runInNewContext('gc') as () => void;

/** Ports and handles of every other thread. One that ends meanwhile has none. */
async function askThreads(): Promise<readonly (readonly [ports: number, handles: number])[]> {
  const session = new Session();
  const waiting = new Map<string, () => void>();
  const answers: (readonly [number, number])[] = [];
  const answered = (sessionId: string): void => {
    waiting.get(sessionId)?.();
    waiting.delete(sessionId);
  };
  session.connect();
  try {
    session.on('NodeWorker.attachedToWorker', ({ params }) => waiting.set(params.sessionId, () => undefined));
    session.on('NodeWorker.detachedFromWorker', ({ params }) => answered(params.sessionId));
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const { id, result } = JSON.parse(params.message) as { readonly id?: number; readonly result?: { readonly result?: { readonly value?: string } } };
      if (id !== 1) return;
      const value = result?.result?.value;
      if (value !== undefined) answers.push(JSON.parse(value) as [number, number]);
      answered(params.sessionId);
    });
    // The attachments are announced before the answer.
    await new Promise<void>((resolve) => session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, () => resolve()));
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: inThread, returnByValue: true } });
    const all = Promise.all([...waiting.keys()].map((sessionId) => new Promise<void>((resolve) => waiting.set(sessionId, resolve))));
    for (const sessionId of waiting.keys()) session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    const late = new AbortController();
    await Promise.race([all, pause(answerMs, null, { signal: late.signal }).then(() => { throw new Error(`${waiting.size} threads did not answer in ${answerMs} ms`); })]);
    late.abort();
    return answers;
  } finally {
    session.post('NodeWorker.disable');
    session.disconnect();
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const mib = 1024 ** 2;

export async function heldResources(): Promise<HeldResources> {
  collect();
  // This thread is one of them.
  const threads = [...(await askThreads()), JSON.parse(String(runInThisContext(inThread))) as [number, number]];
  collect();
  return {
    threads: readdirSync('/proc/self/task').length,
    handles: sum(threads.map(([, handles]) => handles)),
    // Reading the folder takes one.
    descriptors: readdirSync('/proc/self/fd').length - 1,
    messagePorts: sum(threads.map(([ports]) => ports)),
    residentMib: (Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024) / mib,
    mainHeapMib: process.memoryUsage().heapUsed / mib,
  };
}
