// Native calls: every foreign function that this program calls, with its signature, in one place to be reviewed: a wrong one is memory
// corruption, not an error. No pointer is owned here: structures are buffers that are parsed by hand, addresses are numbers. What the calls are
// for is their callers' business.
//
// ffi-rs must be loaded on the main thread before any worker loads it: loaded first inside a worker, it takes the process down when that
// worker exits (tried with 1.3.7 on Node 20, 22 and 24). And it asks for a diagnostic report when it loads, which waits for every thread.

import { createRequire } from 'node:module';

type Ffi = typeof import('ffi-rs');

const isMac = process.platform === 'darwin';
const systemLibrary = isMac ? '/usr/lib/libSystem.B.dylib' : '';
const libc = 'libc';

/** Null where there is no addon for this platform: it is an optional package of each. */
function loadFfi(): Ffi | null {
  try {
    return createRequire(import.meta.url)('ffi-rs') as Ffi;
  } catch {
    return null;
  }
}

let opened: Ffi | null | undefined;

/** The addon with libc open in it; null where there is none. */
function openLibc(): Ffi | null {
  if (opened === undefined) {
    opened = process.platform === 'win32' ? null : loadFfi();
    try {
      opened?.open({ library: libc, path: systemLibrary });
    } catch {
      opened = null;
    }
  }
  return opened;
}

/** Loads the addon, on the main thread before any worker starts. False where there is none. */
export function prepareNativeCalls(): boolean {
  return openLibc() !== null;
}

/** `void _exit(int)`: the process ends at once, whatever its threads do. Returns only where there is no such call, or nothing was prepared: it is too late to load. */
export function exitNow(code: number): void {
  const ffi = opened ?? null;
  ffi?.load({ library: libc, funcName: '_exit', retType: ffi.DataType.Void, paramsType: [ffi.DataType.I32], paramsValue: [code] });
}

/** `size_t strlen(const char *)` of a null pointer: SIGSEGV, as by any mistake in an addon. For tests of what a native crash costs. */
export function crashNatively(): void {
  const ffi = openLibc();
  ffi?.load({ library: libc, funcName: 'strlen', retType: ffi.DataType.I64, paramsType: [ffi.DataType.I64], paramsValue: [0] });
}

const PR_SET_NAME = 15;

/**
 * Names the thread that calls: `int prctl(int, const char *, ...)` on Linux, `int pthread_setname_np(const char *)` on macOS.
 * @param name at most 15 bytes on Linux, 63 on macOS: longer ones are cut by the system or refused
 * @returns whether it was done
 */
export function nameThisThread(name: string): boolean {
  const ffi = openLibc();
  if (ffi === null) return false;
  const { I32, I64, String: text } = ffi.DataType;
  try {
    const result = isMac
      ? ffi.load({ library: libc, funcName: 'pthread_setname_np', retType: I32, paramsType: [text], paramsValue: [name] })
      : ffi.load({ library: libc, funcName: 'prctl', retType: I32, paramsType: [I32, text, I64, I64, I64], paramsValue: [PR_SET_NAME, name, 0, 0, 0] });
    return result === 0;
  } catch {
    return false;
  }
}

/** `_SC_CLK_TCK` of glibc and musl. */
const SC_CLK_TCK = 2;
const usualTicksPerSecond = 100;

/** Clock ticks a second, `long sysconf(int)`, in which Linux counts processor time; 100 where it cannot be asked. */
export function clockTicksPerSecond(): number {
  const ffi = openLibc();
  try {
    const ticks = Number(ffi?.load({ library: libc, funcName: 'sysconf', retType: ffi.DataType.I64, paramsType: [ffi.DataType.I32], paramsValue: [SC_CLK_TCK] }));
    return Number.isFinite(ticks) && ticks > 0 ? ticks : usualTicksPerSecond;
  } catch {
    return usualTicksPerSecond;
  }
}

/** macOS's calls about a task and its threads. Buffers are written to; the int that comes back is a `kern_return_t`, 0 = good. */
export interface MachCalls {
  /** A send right that the process holds anyway: never deallocated. */
  taskSelf(): number;
  /** @param count in: 32-bit words of `out`; out: words that were written */
  taskInfo(task: number, flavor: number, out: Buffer, count: Buffer): number;
  /** @param list out: the address of a list that the kernel made @param count out: its length in ports */
  taskThreads(task: number, list: Buffer, count: Buffer): number;
  threadInfo(thread: number, flavor: number, out: Buffer, count: Buffer): number;
  portDeallocate(task: number, port: number): number;
  vmDeallocate(task: number, address: bigint, bytes: bigint): number;
  /** Copies `bytes` from an address of this process: only ever the list of `taskThreads`, with its own length. */
  copyFrom(into: Buffer, address: bigint, bytes: bigint): void;
}

/** @param path the library that has them; another than the system's is for tests. Throws when it cannot be opened, or there is no addon. */
export function openMachCalls(path: string = systemLibrary): MachCalls {
  const ffi = openLibc();
  if (ffi === null) throw new Error('ffi-rs has no addon for this platform');
  const library = `mach:${path}`;
  ffi.open({ library, path });
  const { I32, U32, BigInt: address, U8Array: bytes, Void: nothing } = ffi.DataType;
  const calls = ffi.define({
    mach_task_self: { library, retType: U32, paramsType: [] },
    task_info: { library, retType: I32, paramsType: [U32, U32, bytes, bytes] },
    task_threads: { library, retType: I32, paramsType: [U32, bytes, bytes] },
    thread_info: { library, retType: I32, paramsType: [U32, U32, bytes, bytes] },
    mach_port_deallocate: { library, retType: I32, paramsType: [U32, U32] },
    mach_vm_deallocate: { library, retType: I32, paramsType: [U32, address, address] },
    memcpy: { library, retType: nothing, paramsType: [bytes, address, address] },
  });
  return {
    taskSelf: () => calls.mach_task_self([]),
    taskInfo: (task, flavor, out, count) => calls.task_info([task, flavor, out, count]),
    taskThreads: (task, list, count) => calls.task_threads([task, list, count]),
    threadInfo: (thread, flavor, out, count) => calls.thread_info([thread, flavor, out, count]),
    portDeallocate: (task, port) => calls.mach_port_deallocate([task, port]),
    vmDeallocate: (task, at, size) => calls.mach_vm_deallocate([task, at, size]),
    copyFrom: (into, at, size) => calls.memcpy([into, at, size]),
  };
}
