// The size of a terminal as the terminal itself says it. It opens the terminal anew for each question: Node makes a descriptor that it
// asks non-blocking, which the one that is drawn on must not be, and outside the main thread it never asks twice.

import { closeSync, constants, openSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import type { OutputTarget } from '../ui-terminal/dashboard-message.ts';

/** Columns and rows, or null for something that is no terminal, has hung up, or does not know (a serial line). Never throws. */
export function readTerminalSize(target: OutputTarget): { readonly columns: number; readonly rows: number } | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(target.kind === 'path' ? target.path : `/dev/fd/${target.descriptor}`, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    if (!isatty(descriptor)) return null;
    const stream = new WriteStream(descriptor);
    // The stream owns the descriptor from here and closes it.
    descriptor = null;
    stream.on('error', () => undefined);
    const [columns, rows] = stream.getWindowSize();
    stream.destroy();
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
