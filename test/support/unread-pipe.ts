// A pipe that nobody reads until the test says so: what an unread terminal is to the thread that writes to it.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface UnreadPipe {
  readonly path: string;
  /** Begins to read. The array grows with everything that was and will be written. */
  read(): Buffer[];
  /** No reader any more: writers are told EPIPE. */
  close(): void;
}

export function createUnreadPipe(): UnreadPipe {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // Non-blocking, so that opening does not wait for the writer.
  let descriptor: number | null = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let socket: Socket | null = null;
  return {
    path,
    read() {
      const chunks: Buffer[] = [];
      if (descriptor === null) return chunks;
      socket = new Socket({ fd: descriptor, readable: true, writable: false });
      descriptor = null;
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', () => undefined);
      return chunks;
    },
    close() {
      socket?.destroy();
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
