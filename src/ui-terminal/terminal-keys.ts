// The few keys that the dashboard itself understands, read from the bytes that a terminal in raw mode sends. It sends nothing to the
// guest; whoever owns standard input (the main thread, which must hear Ctrl+C also when the dashboard's thread is blocked) calls it.

/** What a key asks for. */
export type DashboardKey = 'quit' | 'redraw' | 'reconnect';

/** The dashboard's keys in a chunk of input, in order; other keys are ignored. `q`, `Q` and Ctrl+C quit; Ctrl+L draws everything again; `r` and `R` reconnect. */
export function readDashboardKeys(bytes: Uint8Array): readonly DashboardKey[] {
  const keys: DashboardKey[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    // Arrow and function keys: ESC [ or ESC O, parameters, a final byte. Their letters are not keys of their own.
    if (byte === 0x1b) at = endOfSequence(bytes, at);
    else if (byte === 0x03 || byte === 0x71 || byte === 0x51) keys.push('quit');
    else if (byte === 0x0c) keys.push('redraw');
    else if (byte === 0x72 || byte === 0x52) keys.push('reconnect');
  }
  return keys;
}

/** The index of the last byte of an escape sequence that begins at `start`. */
function endOfSequence(bytes: Uint8Array, start: number): number {
  const kind = bytes[start + 1];
  if (kind === 0x4f) return start + 2;
  if (kind !== 0x5b) return kind === undefined || kind === 0x1b ? start : start + 1;
  let at = start + 2;
  while (at < bytes.length && (bytes[at] ?? 0) < 0x40) at++;
  return at;
}
