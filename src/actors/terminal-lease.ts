// Who puts the terminal back as it was: one word of shared memory between the dashboard's thread and the main thread. Whichever of
// them comes first does it, and only that one, because a second restore would move the shell's cursor. It writes nothing itself but for
// the main thread's last attempt.

import { terminalRestoreSequence } from '../ui-terminal/terminal-modes.ts';
import { writeWithoutBlocking } from './output-descriptor.ts';
import type { OutputTarget } from '../ui-terminal/dashboard-message.ts';

const asFound = 0;
const changed = 1;

/** Memory for one terminal, which is as it was found. */
export const createTerminalLease = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/** Notes, before the first byte, that the terminal will need to be restored. */
export function takeTerminal(lease: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(lease), 0, changed);
}

/** @returns true for the one caller who must now write `terminalRestoreSequence` */
export function returnTerminal(lease: SharedArrayBuffer): boolean {
  return Atomics.exchange(new Int32Array(lease), 0, asFound) === changed;
}

/**
 * Restores the terminal unless that has been done. For the composition root: after the dashboard's exit for any reason, and in
 * the handler of the process's `exit` event. Never blocks, never throws.
 */
export function restoreTerminal(lease: SharedArrayBuffer, terminal: OutputTarget): void {
  if (returnTerminal(lease)) writeWithoutBlocking(terminal, Buffer.from(terminalRestoreSequence));
}
