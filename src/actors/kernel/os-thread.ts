// What the operating system knows of a thread: the state that it is in and the system call that it waits in. Linux only, from
// /proc, which never blocks; elsewhere, and where a container hides it, there is nothing to know.

import { readFileSync, readlinkSync } from 'node:fs';

export interface OsThread {
  readonly osThreadId: number;
  /** `running`, `sleeping`, `waiting for a disk`, or the system's own letter. */
  readonly state: string;
  /** By name where it is one that blocks often, otherwise its number; null = in none, or not told. */
  readonly systemCall: string | null;
  /** The kernel function that it sleeps in; null when not told. */
  readonly waitsIn: string | null;
}

const states: Readonly<Record<string, string>> = { R: 'running', S: 'sleeping', D: 'waiting for a disk', T: 'stopped', t: 'stopped by a tracer', Z: 'ended' };

const systemCalls: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  x64: {
    0: 'read', 1: 'write', 2: 'open', 7: 'poll', 17: 'pread64', 18: 'pwrite64', 20: 'writev', 35: 'nanosleep', 42: 'connect', 61: 'wait4', 74: 'fsync', 75: 'fdatasync',
    77: 'ftruncate', 202: 'futex', 230: 'clock_nanosleep', 232: 'epoll_wait', 247: 'waitid', 257: 'openat', 281: 'epoll_pwait',
  },
  arm64: {
    22: 'epoll_pwait', 46: 'ftruncate', 56: 'openat', 63: 'read', 64: 'write', 66: 'writev', 67: 'pread64', 68: 'pwrite64', 73: 'ppoll', 82: 'fsync', 83: 'fdatasync', 95: 'waitid',
    98: 'futex', 101: 'nanosleep', 115: 'clock_nanosleep', 203: 'connect', 260: 'wait4',
  },
};

/** The system's number of the thread that asks; null where it cannot be told. */
export function ownOsThreadId(): number | null {
  try {
    const id = Number(/\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1]);
    return Number.isInteger(id) ? id : null;
  } catch {
    return null;
  }
}

/** Null when there is no such thread, or no such system. */
export function readOsThread(osThreadId: number): OsThread | null {
  const read = (name: string): string | null => {
    try {
      return readFileSync(`/proc/self/task/${osThreadId}/${name}`, 'latin1').trim();
    } catch {
      return null;
    }
  };
  // The name in brackets may hold anything, brackets too; the state follows the last of them.
  const state = /\) (\S)[^)]*$/.exec(read('stat') ?? '')?.[1];
  if (state === undefined) return null;
  const number = /^\d+/.exec(read('syscall') ?? '')?.[0] ?? null;
  const waitsIn = read('wchan');
  return {
    osThreadId,
    state: states[state] ?? state,
    systemCall: number === null ? null : (systemCalls[process.arch]?.[number] ?? number),
    waitsIn: waitsIn === null || waitsIn === '0' || waitsIn === '' ? null : waitsIn,
  };
}
