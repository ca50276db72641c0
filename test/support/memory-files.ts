// A disk in memory for the writer's tests: it can be full, forbidden, take a few bytes at a time, and let something happen in
// the middle of a write, as a slow disk does. It refuses what the real one refuses.
import type { CaptureFiles } from '#app/actors/capture-files.js';
import { basename, dirname } from 'node:path';

export interface MemoryDisk {
  readonly calls: CaptureFiles;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Bytes that still fit. */
  free: number;
  /** Most bytes that one write takes. */
  writeMax: number;
  /** Runs inside each write, before it takes effect. */
  duringWrite: (() => void) | null;
  /** The code that every call of this name fails with. */
  failing: Partial<Record<keyof CaptureFiles, string>>;
  readonly openFiles: number;
}

function systemError(code: string, call: string): Error {
  return Object.assign(new Error(`${code}: ${call} refused`), { code, errno: -1, syscall: call });
}

export function memoryDisk(): MemoryDisk {
  const files = new Map<string, Uint8Array>();
  const directories = new Set<string>();
  const open = new Map<number, string>();
  let next = 3;

  const check = (call: keyof CaptureFiles): void => {
    const code = disk.failing[call];
    if (code !== undefined) throw systemError(code, call);
  };
  const pathOf = (file: number): string => {
    const path = open.get(file);
    if (path === undefined) throw systemError('EBADF', 'file');
    return path;
  };

  const calls: CaptureFiles = {
    makeDirectory: (path) => {
      check('makeDirectory');
      directories.add(path);
    },
    list: (directory) => {
      check('list');
      if (!directories.has(directory)) throw systemError('ENOENT', 'list');
      return [...files.keys()].filter((path) => dirname(path) === directory).map((path) => basename(path));
    },
    readText: (path) => {
      check('readText');
      const bytes = files.get(path);
      return bytes === undefined ? null : new TextDecoder().decode(bytes);
    },
    create: (path) => {
      check('create');
      if (files.has(path)) throw systemError('EEXIST', 'create');
      if (!directories.has(dirname(path))) throw systemError('ENOENT', 'create');
      files.set(path, new Uint8Array(0));
      open.set(next, path);
      return next++;
    },
    write: (file, bytes, position) => {
      disk.duringWrite?.();
      check('write');
      const path = pathOf(file);
      const old = files.get(path)!;
      const taken = Math.min(bytes.byteLength, disk.writeMax);
      const grown = Math.max(old.byteLength, position + taken);
      const room = disk.free - (grown - old.byteLength);
      // Like a real disk: first it takes what fits, and only then it refuses.
      const fits = room >= 0 ? taken : taken + room;
      if (fits <= 0) throw systemError('ENOSPC', 'write');
      const end = Math.max(old.byteLength, position + fits);
      const fresh = new Uint8Array(end);
      fresh.set(old);
      fresh.set(bytes.subarray(0, fits), position);
      disk.free -= end - old.byteLength;
      files.set(path, fresh);
      return fits;
    },
    truncate: (file, byteLength) => {
      check('truncate');
      const path = pathOf(file);
      disk.free += Math.max(0, files.get(path)!.byteLength - byteLength);
      files.set(path, files.get(path)!.slice(0, byteLength));
    },
    close: (file) => {
      pathOf(file);
      open.delete(file);
      check('close');
    },
    replaceText: (path, text) => {
      check('replaceText');
      files.set(path, new TextEncoder().encode(text));
    },
  };

  const disk: MemoryDisk = {
    calls,
    files,
    free: Number.MAX_SAFE_INTEGER,
    writeMax: Number.MAX_SAFE_INTEGER,
    duringWrite: null,
    failing: {},
    get openFiles() {
      return open.size;
    },
  };
  return disk;
}
