// Line splitter: bytes of one client in, whole lines out, in any chunking. It is pulled, not pushed: whoever reads takes one line at a
// time and may stop between two, so that a client that asks faster than it reads is held up and nobody else. It knows no JSON.

/** The longest request, in bytes without its line end. A longer one is skipped to its end and reported once. */
export const lineBytesMax = 1024 * 1024;

const lineEnd = 0x0a;
const firstCapacityBytes = 4 * 1024;

/** Mutable; owned by the client's connection. `bytes` from `start` to `end` have not been taken yet. */
export interface LineSplitter {
  readonly bytesMax: number;
  buffer: Uint8Array;
  start: number;
  end: number;
  /** No line end is before this one: a long line is searched once. */
  searched: number;
  skipping: boolean;
}

/** `bytes` is a view, valid until the next push. */
export type TakenLine = { readonly kind: 'line'; readonly bytes: Uint8Array } | { readonly kind: 'tooLong' };

export function createLineSplitter(bytesMax: number = lineBytesMax): LineSplitter {
  return { bytesMax, buffer: new Uint8Array(firstCapacityBytes), start: 0, end: 0, searched: 0, skipping: false };
}

/** Takes a copy of the chunk. Memory stays within twice the longest line and the chunk. */
export function pushBytes(splitter: LineSplitter, chunk: Uint8Array): void {
  if (splitter.end + chunk.length > splitter.buffer.length) makeRoom(splitter, chunk.length);
  splitter.buffer.set(chunk, splitter.end);
  splitter.end += chunk.length;
}

/** The next whole line, or that one was too long; null when more bytes are needed. */
export function takeLine(splitter: LineSplitter): TakenLine | null {
  for (;;) {
    const at = splitter.buffer.subarray(0, splitter.end).indexOf(lineEnd, splitter.searched);
    const { start } = splitter;
    const lineBytes = (at < 0 ? splitter.end : at) - start;
    splitter.searched = at < 0 ? splitter.end : at + 1;
    if (splitter.skipping) {
      splitter.start = splitter.searched;
      if (at < 0) return null;
      splitter.skipping = false;
      continue;
    }
    if (lineBytes > splitter.bytesMax) {
      splitter.start = splitter.searched;
      splitter.skipping = at < 0;
      return { kind: 'tooLong' };
    }
    if (at < 0) return null;
    splitter.start = splitter.searched;
    return { kind: 'line', bytes: splitter.buffer.subarray(start, at) };
  }
}

function makeRoom(splitter: LineSplitter, bytes: number): void {
  const kept = splitter.buffer.subarray(splitter.start, splitter.end);
  // Doubling makes a line that comes byte by byte cost no more than its length; a long one that has gone is forgotten again.
  const needed = kept.length + bytes;
  const capacity = needed <= firstCapacityBytes ? firstCapacityBytes : needed * 2;
  const buffer = new Uint8Array(capacity);
  buffer.set(kept);
  splitter.searched -= splitter.start;
  splitter.end = kept.length;
  splitter.start = 0;
  splitter.buffer = buffer;
}
