// What a process holds, counted from outside its own bookkeeping: threads and descriptors as the system has them, handles as Node has them, MessagePorts
// in the heap of every thread, resident memory. For soaks only.
import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { queryObjects } from 'node:v8';
import { MessagePort } from 'node:worker_threads';

/** In each thread: its ports after a collection (`queryObjects` makes one), and what its event loop holds. */
const inThread = `JSON.stringify([
  process.getBuiltinModule('node:v8').queryObjects(process.getBuiltinModule('node:worker_threads').MessagePort, { format: 'count' }),
  process.getActiveResourcesInfo().length,
])`;
const answerMs = 30_000;

/** The answers of all threads; one that ends meanwhile gives none. */
async function askThreads() {
  const session = new Session();
  const waiting = new Map();
  const answers = [];
  const answered = (sessionId, answer) => {
    if (answer !== null) answers.push(answer);
    waiting.get(sessionId)?.();
    waiting.delete(sessionId);
  };
  session.connect();
  try {
    session.on('NodeWorker.attachedToWorker', ({ params }) => waiting.set(params.sessionId, () => undefined));
    session.on('NodeWorker.detachedFromWorker', ({ params }) => answered(params.sessionId, null));
    session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const { id, result } = JSON.parse(params.message);
      if (id === 1) answered(params.sessionId, JSON.parse(result.result.value));
    });
    // The attachments are announced before the answer.
    await new Promise((resolve) => session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, resolve));
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: inThread, returnByValue: true } });
    const all = [...waiting.keys()].map((sessionId) => new Promise((resolve) => waiting.set(sessionId, resolve)));
    for (const sessionId of waiting.keys()) session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
    let late;
    await Promise.race([Promise.all(all), new Promise((_, reject) => (late = setTimeout(() => reject(new Error(`${waiting.size} threads did not answer in ${answerMs} ms`)), answerMs)))]);
    clearTimeout(late);
    return answers;
  } finally {
    session.post('NodeWorker.disable');
    session.disconnect();
  }
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** @returns {Promise<Record<string, number>>} memory in MiB */
export async function countAll() {
  globalThis.gc();
  const threads = await askThreads();
  globalThis.gc();
  return {
    'threads': readdirSync('/proc/self/task').length,
    'handles': process.getActiveResourcesInfo().length + sum(threads.map(([, handles]) => handles)),
    // Reading the folder takes one.
    'file descriptors': readdirSync('/proc/self/fd').length - 1,
    'MessagePorts': queryObjects(MessagePort, { format: 'count' }) + sum(threads.map(([ports]) => ports)),
    'resident memory': Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024,
    'heap of the main thread': process.memoryUsage().heapUsed / 1024 ** 2,
  };
}
