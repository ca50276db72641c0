// Thread names: each thread is named after what runs there, so that the system's own tools (top -H, gdb, Activity Monitor) and the runtime metrics
// tell actors apart. A name is a help and never a reason to fail.

import { accessSync, constants, writeFileSync } from 'node:fs';
import { nameThisThread, prepareNativeCalls } from './native-calls.ts';

/** What Linux keeps of a name; it cuts the rest by itself. */
const linuxNameBytesMax = 15;
const isLinux = process.platform === 'linux';
const ownName = '/proc/thread-self/comm';

/**
 * On the main thread, before a thread is started that is to be named. Where the system's file does it the addon stays out of the workers: loading it
 * there takes 5 ms in each, the file a fourteenth of one (docs/decisions/0017-names-of-threads.md).
 */
export function prepareThreadNames(): void {
  if (!isLinux || !isWritable()) prepareNativeCalls();
}

/** Names the thread that calls, as `display/0`. */
export function nameThread(name: string): void {
  const kept = isLinux ? name.slice(0, linuxNameBytesMax) : name;
  if (isLinux) {
    try {
      return writeFileSync(ownName, kept);
    } catch {
      // Read-only in some containers: the system call is not.
    }
  }
  nameThisThread(kept);
}

function isWritable(): boolean {
  try {
    accessSync(ownName, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
