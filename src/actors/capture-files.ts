// The file calls that a capture needs, as an interface, so that slow, full and forbidden disks can be tested, and Node's own
// behind it. Synchronous on purpose: the thread pool that asynchronous calls share is the process's, and four blocked
// calls would stop all compression too. Only the writer, on its own thread, calls them.

import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProgressMark } from './kernel/progress.ts';

/** Every call may throw a system error: an `Error` with `code`, such as `ENOSPC`, and `errno`. */
export interface CaptureFiles {
  /** With its parents; not an error when it exists. */
  makeDirectory(path: string): void;
  list(directory: string): readonly string[];
  /** Null when there is no such file. */
  readText(path: string): string | null;
  /** Opens a new file; throws `EEXIST` rather than touch one that exists. */
  create(path: string): number;
  /** Writes at `position`, perhaps fewer bytes than asked but at least one; returns how many. */
  write(file: number, bytes: Uint8Array, position: number): number;
  truncate(file: number, byteLength: number): void;
  close(file: number): void;
  /** Puts a text in place of a file, whole or not at all. */
  replaceText(path: string, text: string): void;
}

/** Step by step, because Node's own recursive form never returns where nothing can be made (`/proc`: ENOENT for ever, Node 20). */
function makeDirectory(path: string): void {
  try {
    fs.mkdirSync(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST' && fs.statSync(path).isDirectory()) return;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    fs.mkdirSync(path);
  }
}

export const nodeCaptureFiles: CaptureFiles = {
  makeDirectory,
  list: (directory) => fs.readdirSync(directory),
  readText: (path) => {
    try {
      return fs.readFileSync(path, 'utf8');
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT') return null;
      throw error;
    }
  },
  create: (path) => fs.openSync(path, 'wx', 0o600),
  write: (file, bytes, position) => fs.writeSync(file, bytes, 0, bytes.byteLength, position),
  truncate: (file, byteLength) => fs.ftruncateSync(file, byteLength),
  close: (file) => fs.closeSync(file),
  replaceText: (path, text) => {
    const temporary = join(dirname(path), `.${process.pid}-${Date.now()}.tmp`);
    try {
      fs.writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
      fs.renameSync(temporary, path);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  },
};

/** The same calls, each marked before and after: silent inside one means blocked on the disk, and that is not a fault of the actor's. */
export function markFileCalls(files: CaptureFiles, progress: ProgressMark): CaptureFiles {
  const marked = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    progress.blockedOn('disk');
    try {
      return call(...args);
    } finally {
      progress.blockedOn(null);
    }
  };
  return {
    makeDirectory: marked((path) => files.makeDirectory(path)),
    list: marked((directory) => files.list(directory)),
    readText: marked((path) => files.readText(path)),
    create: marked((path) => files.create(path)),
    write: marked((file, bytes, position) => files.write(file, bytes, position)),
    truncate: marked((file, byteLength) => files.truncate(file, byteLength)),
    close: marked((file) => files.close(file)),
    replaceText: marked((path, text) => files.replaceText(path, text)),
  };
}

export interface SystemError extends Error {
  readonly code: string;
  readonly errno: number;
}

/** A refusal of the system's, as opposed to a mistake of ours. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'errno' in error && typeof error.errno === 'number';
}
