// A small disk of its own that a test can fill, empty and mount read-only: tmpfs, which takes and refuses as a disk does. Only root can mount one.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Takes every byte that is left. */
  fill(): void;
  /** Gives back what `fill` took. */
  free(): void;
  unmount(): void;
}

/** Whether disks can be mounted here; otherwise tests that need one are skipped. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mounts();

/** @param path a folder that is not there yet */
export function mountSmallDisk(path: string, mebibytes: number, mode: 'rw' | 'ro' = 'rw'): SmallDisk {
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700,${mode}`, 'ryll-actors-test', path], { stdio: 'pipe' });
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => fill(ballast),
    free: () => rmSync(ballast),
    // Also when somebody still holds a file of it.
    unmount: () => void execFileSync('umount', ['-l', path], { stdio: 'pipe' }),
  };
}

function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let bytes = 1024 * 1024; bytes >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

/** A container's root may not. */
function mounts(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
