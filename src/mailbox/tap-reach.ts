// How far back a tap ring reaches: the time of the oldest entry that a snapshot would show. It holds one segment for the moment of the look and reads
// one entry of it, whatever the ring's size.

import { openTapMemory, pinSegment, Row, rowOf, unpinSegment, type TapMemory, type TapRingHandle } from './segments.ts';
import { SegmentCursor } from './tap-entry.ts';

/** Answers with monotonic milliseconds, or null while the ring is empty; call as often as you like. */
export function readTapReach(handle: TapRingHandle): () => number | null {
  const memory = openTapMemory(handle);
  return () => oldestShown(memory);
}

function oldestShown(memory: TapMemory): number | null {
  const { words, handle } = memory;
  const newestFirst = Array.from({ length: memory.segments }, (_, segment) => ({ segment, serial: Atomics.load(words, rowOf(segment) + Row.serial) }))
    .filter(({ serial }) => serial !== 0)
    .sort((a, b) => (b.serial - a.serial) | 0);
  let bytes = 0;
  let oldest: number | null = null;
  for (const { segment, serial } of newestFirst) {
    if (bytes >= handle.ringBytes) break;
    // One that was given up between the two looks is not shown any more, and nothing older is.
    if (!pinSegment(memory, segment, serial, 1)) break;
    const used = Atomics.load(words, rowOf(segment) + Row.used);
    const cursor = new SegmentCursor();
    cursor.open(memory, segment, 0);
    oldest = cursor.next(used)?.monotonicMs ?? oldest;
    unpinSegment(memory, segment, 1);
    bytes += used;
  }
  return oldest;
}
