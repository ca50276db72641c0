// Mach sampler: what macOS tells of this task and its threads, through the calls of kernel/native-calls.ts. The kernel makes the list of threads in our
// address space and gives us a right to each: all of it is given back, whatever happens in between.

import type { RuntimeSample, ThreadSample } from '../metrics/runtime-metrics.ts';
import type { MachCalls } from './kernel/native-calls.ts';

const MACH_TASK_BASIC_INFO = 20;
const THREAD_BASIC_INFO = 3;
const THREAD_IDENTIFIER_INFO = 4;
const THREAD_EXTENDED_INFO = 5;
/** Sizes of their structures in 32-bit words. */
const words = { [MACH_TASK_BASIC_INFO]: 12, [THREAD_BASIC_INFO]: 10, [THREAD_IDENTIFIER_INFO]: 6, [THREAD_EXTENDED_INFO]: 28 } as const;
type Flavor = keyof typeof words;
const wordBytes = 4;
/** `pth_name` at the end of `thread_extended_info`. */
const nameOffset = 48;
const threadsMax = 4_096;

export interface MachClock {
  nowMs(): number;
  uptimeSecs(): number;
}

/** The sampler throws with the call's name and `kern_return_t` when one about the whole task fails. A thread that ends meanwhile is left out. */
export function machSampler(calls: MachCalls, clock: MachClock): () => RuntimeSample {
  return () => {
    const task = calls.taskSelf();
    const whole = info('task_info', (out, count) => calls.taskInfo(task, MACH_TASK_BASIC_INFO, out, count), MACH_TASK_BASIC_INFO);
    const threads = sampleThreads(calls, task);
    // The task's own times are those of threads that have ended.
    const cpuMs = timeMs(whole, 24) + timeMs(whole, 32) + threads.reduce((sum, thread) => sum + thread.cpuMs, 0);
    return { atMs: clock.nowMs(), cpuMs, rssKb: kilobytes(whole, 8), vmSizeKb: kilobytes(whole, 0), uptimeSecs: clock.uptimeSecs(), threads };
  };
}

function sampleThreads(calls: MachCalls, task: number): ThreadSample[] {
  const list = Buffer.alloc(8);
  const count = Buffer.alloc(wordBytes);
  check('task_threads', calls.taskThreads(task, list, count));
  const address = list.readBigUInt64LE();
  const listed = count.readUInt32LE();
  const listBytes = BigInt(listed * wordBytes);
  const threads: ThreadSample[] = [];
  try {
    // Every right has to be given back, so all of them are read; only so many are looked at.
    const ports = Buffer.alloc(listed * wordBytes);
    calls.copyFrom(ports, address, listBytes);
    for (let index = 0; index < listed; index++) {
      const port = ports.readUInt32LE(index * wordBytes);
      try {
        if (index < threadsMax) threads.push(sampleThread(calls, port));
      } catch {
        // KERN_INVALID_ARGUMENT and the like: it has ended since it was listed.
      } finally {
        calls.portDeallocate(task, port);
      }
    }
  } finally {
    check('mach_vm_deallocate', calls.vmDeallocate(task, address, listBytes));
  }
  return threads;
}

function sampleThread(calls: MachCalls, port: number): ThreadSample {
  const ask = (flavor: Flavor): Buffer => info(`thread_info ${flavor}`, (out, count) => calls.threadInfo(port, flavor, out, count), flavor);
  const basic = ask(THREAD_BASIC_INFO);
  return { tid: Number(ask(THREAD_IDENTIFIER_INFO).readBigUInt64LE(0)), name: nameOf(ask), cpuMs: timeMs(basic, 0) + timeMs(basic, 8), born: 0 };
}

/** Empty for a thread without one, and where the kernel does not know the flavor. */
function nameOf(ask: (flavor: Flavor) => Buffer): string {
  try {
    const bytes = ask(THREAD_EXTENDED_INFO).subarray(nameOffset);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  } catch {
    return '';
  }
}

function info(call: string, ask: (out: Buffer, count: Buffer) => number, flavor: Flavor): Buffer {
  const out = Buffer.alloc(words[flavor] * wordBytes);
  const count = Buffer.alloc(wordBytes);
  count.writeUInt32LE(words[flavor]);
  check(call, ask(out, count));
  // An older kernel may know fewer words; what it did not write is zero.
  return out;
}

function check(call: string, kernReturn: number): void {
  if (kernReturn !== 0) throw new Error(`${call} failed: kern_return_t ${kernReturn}`);
}

/** `time_value_t`: seconds and microseconds. */
const timeMs = (bytes: Buffer, offset: number): number => bytes.readInt32LE(offset) * 1_000 + bytes.readInt32LE(offset + wordBytes) / 1_000;
const kilobytes = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset) / 1_024n);
