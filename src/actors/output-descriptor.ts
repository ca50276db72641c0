// A descriptor that one thread owns and writes to synchronously: a terminal, a pipe or a file. Where it can, it writes without blocking;
// where it cannot, a write may block this thread for as long as nobody reads, and is marked as progress, so that a watchdog can tell it
// from a fault. It queues nothing.

import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { ProgressMark } from './kernel/progress.ts';
import type { OutputTarget } from '../ui-terminal/dashboard-message.ts';

/** What became of a write. `gone`: nobody will read any more (a closed pipe, a terminal that hung up). */
export type WriteResult = { readonly kind: 'written'; readonly bytes: number } | { readonly kind: 'full' } | { readonly kind: 'gone'; readonly code: string };

export interface OutputDescriptor {
  /**
   * Writes some of the bytes. `full` comes only from a non-blocking descriptor: try again later.
   * @throws the system's error for anything that is neither: a full disk, a descriptor that is not open
   */
  write(bytes: Uint8Array): WriteResult;
  /** Closes what was opened here. */
  close(): void;
}

/** How long to wait before a `full` descriptor is tried again, in milliseconds. There is no event for it outside the main loop's streams. */
export const fullRetryMs = 20;

const goneCodes = new Set(['EPIPE', 'EIO', 'ENXIO', 'ECONNRESET']);

/**
 * Opens it. A path is opened for writing at its end and never becomes the controlling terminal; only a `log` is made when it is not there.
 * @param call what it is for, and the name of the blocking call in the progress marks
 * @throws the system's error when the path cannot be opened
 */
export function openOutput(target: OutputTarget, call: 'terminal' | 'log', progress: ProgressMark): OutputDescriptor {
  const opened = target.kind === 'path'
    ? openSync(target.path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | (call === 'log' ? constants.O_CREAT : 0), 0o600)
    : reopenNonBlocking(target.descriptor);
  const isOurs = opened !== null;
  const descriptor = opened ?? (target.kind === 'descriptor' ? target.descriptor : -1);
  let isOpen = true;
  return {
    write(bytes) {
      progress.blockedOn(call);
      try {
        return { kind: 'written', bytes: writeSync(descriptor, bytes) };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        if (code === 'EAGAIN') return { kind: 'full' };
        if (goneCodes.has(code)) return { kind: 'gone', code };
        throw error;
      } finally {
        progress.blockedOn(null);
      }
    },
    close() {
      if (isOurs && isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/**
 * A terminal or a pipe opened anew, so that being non-blocking is ours alone and not the shell's: a thread inside a blocking write
 * cannot be ended, the process would wait for it at its exit, and so would `tcsetattr` (it takes the terminal's write lock). Null for
 * what cannot be opened again (a socket, a terminal of another user) or never blocks (a file): use the descriptor as it is.
 */
function reopenNonBlocking(descriptor: number): number | null {
  try {
    const kind = fstatSync(descriptor);
    if (!kind.isCharacterDevice() && !kind.isFIFO()) return null;
    return openSync(`/dev/fd/${descriptor}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

/**
 * Writes once without ever blocking, for the last moments of a process: the file is opened anew, non-blocking, so that neither the
 * thread that owns it nor its flags matter. What cannot be written is left out.
 */
export function writeWithoutBlocking(target: OutputTarget, bytes: Uint8Array): void {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(target.kind === 'path' ? target.path : `/dev/fd/${target.descriptor}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK);
    writeSync(descriptor, bytes);
  } catch {
    // Nothing is left to be told about it: the process ends.
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
