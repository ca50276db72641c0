// The size of a terminal as the terminal itself says it: one `ioctl` on a descriptor opened for that alone, because Node makes a
// descriptor that it asks non-blocking, and the one that is drawn on must not be. It reports no changes; who wants to know asks.

import { closeSync, constants, openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import type { OutputTarget } from '../ui-terminal/dashboard-message.ts';

export interface TerminalSize {
  /** Null for something that is no terminal, or one that does not know (a serial line). */
  read(): { readonly columns: number; readonly rows: number } | null;
  close(): void;
}

/** Opens the terminal a second time. A target that is no terminal, or cannot be opened again, has no size: `read` gives null. */
export function openTerminalSize(target: OutputTarget): TerminalSize {
  const stream = openStream(target);
  return {
    read() {
      if (stream === null) return null;
      try {
        const [columns, rows] = stream.getWindowSize();
        return columns > 0 && rows > 0 ? { columns, rows } : null;
      } catch {
        // It has hung up; the next write says so.
        return null;
      }
    },
    close() { stream?.destroy(); },
  };
}

function openStream(target: OutputTarget): WriteStream | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(target.kind === 'path' ? target.path : `/dev/fd/${target.descriptor}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    if (isatty(descriptor)) {
      const stream = new WriteStream(descriptor);
      stream.on('error', () => undefined);
      return stream;
    }
    closeSync(descriptor);
  } catch {
    if (descriptor !== null) closeSync(descriptor);
  }
  return null;
}
