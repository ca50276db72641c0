// A ring's newest traffic, held still: the segments are pinned, not copied, so taking one costs the same however much they
// hold, and the producer goes on in other memory meanwhile. What is held is a plain value that can be read on another thread. Whoever takes one must release it, and soon.

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

interface HeldSegment {
  readonly segment: number;
  readonly serial: number;
  /** Bytes that were there when it was pinned. */
  readonly used: number;
}

/** Structured-cloneable. Its memory stays as it is until `releaseTapPins`, which only the thread that pinned may call. */
export interface TapPins {
  readonly handle: TapRingHandle;
  /** Oldest first. */
  readonly held: readonly HeldSegment[];
  /** Of its newest `ringBytes` some could not be held, because other snapshots hold as much as may be held. */
  readonly incomplete: boolean;
  /** One word: 1 = released, and what is read from now on may be of a later time. */
  readonly released: SharedArrayBuffer;
}

/** What was held was released while it was read: who released it no longer waits for the reader. */
export class TapPinsReleased extends Error {
  override readonly name = 'TapPinsReleased';
  readonly code = 'tap-pins-released';
}

/** Pins at most `ringBytes` of the newest entries, and fewer when other snapshots already hold what may be held. */
export function pinTapRing(handle: TapRingHandle): TapPins {
  return { handle, ...holdNewest(openTapMemory(handle)), released: new SharedArrayBuffer(4) };
}

/** Idempotent. */
export function releaseTapPins(pins: TapPins): void {
  if (Atomics.exchange(new Int32Array(pins.released), 0, 1) === 1) return;
  const memory = openTapMemory(pins.handle);
  for (const { segment } of pins.held) unpinSegment(memory, segment, 1);
}

export interface TapPinsReader {
  /** Oldest first. The yielded object is reused. Throws `TapPinsReleased` when the pins are released before the end. */
  entries(): Generator<TapEntry, void>;
  head(stream: number): HeadEntry[];
}

/** On any thread. An entry's bytes are those that were pinned if `entries` yields once more, or ends, after they were used. */
export function readTapPins(pins: TapPins): TapPinsReader {
  const memory = openTapMemory(pins.handle);
  const released = new Int32Array(pins.released);
  const check = (): void => {
    if (Atomics.load(released, 0) === 1) throw new TapPinsReleased('the recorded traffic was given up before it was written: writing it took too long');
  };
  return {
    *entries() {
      const cursor = new SegmentCursor();
      for (const { segment, used } of pins.held) {
        check();
        cursor.open(memory, segment, 0);
        for (let entry = cursor.next(used); entry !== null; entry = cursor.next(used)) {
          yield entry;
          check();
        }
      }
    },
    head: (stream) => readStreamHead(memory, stream),
  };
}

/** The same on the thread that pins. */
export function snapshotTapRing(handle: TapRingHandle): TapSnapshot {
  const pins = pinTapRing(handle);
  const reader = readTapPins(pins);
  const isReleased = (): boolean => Atomics.load(new Int32Array(pins.released), 0) === 1;
  return {
    handle,
    *entries() {
      if (isReleased()) return;
      for (const entry of reader.entries()) {
        yield entry;
        if (isReleased()) return;
      }
    },
    head: (stream) => reader.head(stream),
    release: () => releaseTapPins(pins),
  };
}

function holdNewest(memory: TapMemory): Pick<TapPins, 'held' | 'incomplete'> {
  const { words, handle } = memory;
  const newestFirst = Array.from({ length: memory.segments }, (_, segment) => ({ segment, serial: Atomics.load(words, rowOf(segment) + Row.serial) }))
    .filter(({ serial }) => serial !== 0)
    .sort((a, b) => (b.serial - a.serial) | 0);
  const { classes } = handle;
  // The producer must always find memory: of each size, a part is never held. What another snapshot holds already is free.
  const room = classes.map(({ first, count, pinnable }) => pinnable - Array.from({ length: count }, (_, index) => isHeld(memory, first + index)).filter(Boolean).length);
  const held: HeldSegment[] = [];
  let bytes = 0;
  let incomplete = false;
  for (const { segment, serial } of newestFirst) {
    if (bytes >= handle.ringBytes) break;
    const size = classes.findLastIndex(({ first }) => segment >= first);
    const isFree = isHeld(memory, segment);
    if (!isFree && (room[size] ?? 0) <= 0) {
      incomplete = true;
      continue;
    }
    if (!pinSegment(memory, segment, serial, 1)) continue;
    if (!isFree) room[size] = (room[size] ?? 0) - 1;
    const used = Atomics.load(words, rowOf(segment) + Row.used);
    bytes += used;
    held.push({ segment, serial, used });
  }
  return { held: held.reverse(), incomplete };
}

const isHeld = (memory: TapMemory, segment: number): boolean => {
  const pins = Atomics.load(memory.words, rowOf(segment) + Row.pins);
  return pins !== RECLAIMED && (pins & ~DISK_PIN) !== 0;
};
