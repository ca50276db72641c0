// A ring's newest traffic, held still: the segments are pinned, not copied, so taking one costs the same however much they
// hold, and the producer goes on in other memory meanwhile. Whoever takes one must release it, and soon.

import type { TapMemory, TapRingHandle } from './segments.ts';
import { DISK_PIN, openTapMemory, pinSegment, RECLAIMED, Row, rowOf, unpinSegment } from './segments.ts';
import type { HeadEntry, TapEntry } from './tap-entry.ts';
import { readStreamHead, SegmentCursor } from './tap-entry.ts';

export interface TapSnapshot {
  readonly handle: TapRingHandle;
  /** Oldest first. The yielded object is reused; its bytes are valid until `release`. */
  entries(): Generator<TapEntry, void>;
  /** The pinned start of a stream; empty when it is not kept any more. */
  head(stream: number): HeadEntry[];
  /** Idempotent. The entries' bytes are gone after it. */
  release(): void;
}

interface Held {
  readonly segment: number;
  readonly serial: number;
  readonly used: number;
}

/** At most `ringBytes` of the newest entries, and fewer when other snapshots already hold what may be held. */
export function snapshotTapRing(handle: TapRingHandle): TapSnapshot {
  const memory = openTapMemory(handle);
  const held = holdNewest(memory);
  let released = false;
  return {
    handle,
    *entries() {
      const cursor = new SegmentCursor();
      for (const { segment, used } of held) {
        if (released) return;
        cursor.open(memory, segment, 0);
        for (let entry = cursor.next(used); entry !== null && !released; entry = cursor.next(used)) yield entry;
      }
    },
    head: (stream) => readStreamHead(memory, stream),
    release() {
      if (released) return;
      released = true;
      for (const { segment } of held) unpinSegment(memory, segment, 1);
    },
  };
}

function holdNewest(memory: TapMemory): Held[] {
  const { words, handle } = memory;
  const newestFirst = Array.from({ length: memory.segments }, (_, segment) => ({ segment, serial: Atomics.load(words, rowOf(segment) + Row.serial) }))
    .filter(({ serial }) => serial !== 0)
    .sort((a, b) => (b.serial - a.serial) | 0);
  const held: Held[] = [];
  let bytes = 0;
  for (const { segment, serial } of newestFirst) {
    if (bytes >= handle.ringBytes) break;
    if (!mayHold(memory, segment) || !pinSegment(memory, segment, serial, 1)) continue;
    const used = Atomics.load(words, rowOf(segment) + Row.used);
    bytes += used;
    held.push({ segment, serial, used });
  }
  return held.reverse();
}

/** The producer must always find memory: of each size, a part is never held. Already held by another snapshot is free. */
function mayHold(memory: TapMemory, segment: number): boolean {
  const each = memory.handle.classes.find(({ first, count }) => segment >= first && segment < first + count)!;
  const isHeld = (index: number): boolean => {
    const pins = Atomics.load(memory.words, rowOf(index) + Row.pins);
    return pins !== RECLAIMED && (pins & ~DISK_PIN) !== 0;
  };
  if (isHeld(segment)) return true;
  let heldCount = 0;
  for (let index = each.first; index < each.first + each.count; index++) if (isHeld(index)) heldCount += 1;
  return heldCount < each.pinnable;
}
