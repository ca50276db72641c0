// The disk's side of a tap ring: takes entries in order, a batch at a time, and marks them taken only when the caller says
// that they are on disk. What was taken is written down beside the segments, so a new writer goes on where the last one
// stopped. It never makes the producer wait: at most one segment is held, and only while a batch is under way.

import type { TapMemory, TapRingHandle } from './segments.ts';
import { Count, DISK_PIN, isLater, openTapMemory, pinSegment, RECLAIMED, Row, rowOf, segmentAfter, unpinSegment, Word } from './segments.ts';
import type { HeadEntry, TapEntry } from './tap-entry.ts';
import { readStreamHead, SegmentCursor } from './tap-entry.ts';

/** A place in the ring: everything appended up to a moment. */
export interface TapMark {
  readonly serial: number;
  readonly used: number;
}

/** There is one at a time for each ring. */
export class TapDiskReader {
  readonly channel: string;
  readonly #memory: TapMemory;
  readonly #words: Int32Array;
  readonly #cursor = new SegmentCursor();
  #segment = -1;
  /** Of the segment in which the reader stands; 0 before the first. */
  #serial = 0;
  #entries = 0;
  #entryBytes = 0;

  /** From here on, what the ring gives up unread counts as dropped. Entries still in the ring are read, too. */
  constructor(handle: TapRingHandle) {
    this.channel = handle.channel;
    this.#memory = openTapMemory(handle);
    this.#words = this.#memory.words;
    for (let segment = 0; segment < this.#memory.segments; segment++) this.#dropStalePin(segment);
    Atomics.store(this.#words, Word.capturing, 1);
  }

  /**
   * Hands over entries of at least `bytesMin` bytes if there are so many, all of one segment, in order. True when there
   * were any: then `commit` or `rollback` must follow, and the entries' bytes stay valid until it does.
   */
  take(bytesMin: number, visit: (entry: TapEntry) => void): boolean {
    while (this.#hold()) {
      // In this order: when a later segment was seen, nothing more will be published in this one.
      const later = segmentAfter(this.#memory, this.#serial) >= 0;
      const used = Atomics.load(this.#words, rowOf(this.#segment) + Row.used);
      if (this.#cursor.at < used && this.#visit(used, bytesMin, visit)) return true;
      this.commit();
      if (!later || !this.#moveOn()) return false;
    }
    return false;
  }

  /** What was handed over is on disk. */
  commit(): void {
    const row = rowOf(this.#segment);
    const words = this.#words;
    words[row + Row.diskEntries] = words[row + Row.diskEntries]! + this.#entries;
    words[row + Row.diskEntryBytes] = words[row + Row.diskEntryBytes]! + this.#entryBytes;
    words[row + Row.diskBytes] = this.#cursor.at;
    if (this.#entries > 0) Atomics.add(this.#memory.counts, Count.delivered, BigInt(this.#entries));
    this.#release();
  }

  /** What was handed over is not on disk: it comes again, unless the ring gives it up before. */
  rollback(): void {
    this.#cursor.open(this.#memory, this.#segment, this.#words[rowOf(this.#segment) + Row.diskBytes]!);
    this.#release();
  }

  /** Asks to be told of the next append. False, and not asleep, when there is something to take already. */
  sleep(): boolean {
    Atomics.store(this.#words, Word.sleep, 1);
    // The producer publishes and then looks at the word; this side sets the word and then looks at what is published.
    if (!this.hasMore()) return true;
    Atomics.store(this.#words, Word.sleep, 0);
    return false;
  }

  hasMore(): boolean {
    if (segmentAfter(this.#memory, this.#serial) >= 0) return true;
    if (this.#serial === 0) return false;
    const row = rowOf(this.#segment);
    return Atomics.load(this.#words, row + Row.serial) === this.#serial && Atomics.load(this.#words, row + Row.used) > this.#cursor.at;
  }

  /** The place behind everything appended so far. */
  end(): TapMark {
    const serial = Atomics.load(this.#words, Word.newest);
    for (let segment = 0; segment < this.#memory.segments; segment++) {
      const row = rowOf(segment);
      if (Atomics.load(this.#words, row + Row.serial) === serial) return { serial, used: Atomics.load(this.#words, row + Row.used) };
    }
    // Given up already: then the end is where that segment ended.
    return { serial, used: 0 };
  }

  /** Has everything before the mark been taken or given up? */
  isPast(mark: TapMark): boolean {
    if (mark.serial === 0 || !this.hasMore()) return true;
    if (this.#serial === 0) return false;
    return isLater(this.#serial, mark.serial) || (this.#serial === mark.serial && this.#cursor.at >= mark.used);
  }

  /** Entries that wait to be taken. Exact while nobody appends. */
  waiting(): number {
    let entries = 0;
    for (let segment = 0; segment < this.#memory.segments; segment++) {
      const row = rowOf(segment);
      if (Atomics.load(this.#words, row + Row.serial) !== 0) entries += this.#words[row + Row.entries]! - this.#words[row + Row.diskEntries]!;
    }
    return entries;
  }

  /** The pinned start of a stream, such as its link exchange, copied; empty when it is not kept any more. */
  head(stream: number): HeadEntry[] {
    return readStreamHead(this.#memory, stream);
  }

  /** The capture is over: nothing wakes anybody, and what the ring gives up is not a drop. */
  detach(): void {
    Atomics.store(this.#words, Word.capturing, 0);
    Atomics.store(this.#words, Word.sleep, 0);
  }

  #visit(used: number, bytesMin: number, visit: (entry: TapEntry) => void): boolean {
    this.#entries = 0;
    this.#entryBytes = 0;
    for (let entry = this.#cursor.next(used); entry !== null; entry = this.#cursor.next(used)) {
      this.#entries += 1;
      this.#entryBytes += entry.bytes.byteLength;
      visit(entry);
      if (this.#entryBytes >= bytesMin) break;
    }
    return this.#entries > 0;
  }

  /** Holds the segment in which the reader stands, or the next that is still there. */
  #hold(): boolean {
    while (this.#serial === 0 || !pinSegment(this.#memory, this.#segment, this.#serial, DISK_PIN)) {
      if (!this.#moveOn()) return false;
    }
    return true;
  }

  #moveOn(): boolean {
    for (;;) {
      const next = segmentAfter(this.#memory, this.#serial);
      if (next < 0) return false;
      const row = rowOf(next);
      const serial = Atomics.load(this.#words, row + Row.serial);
      if (serial === 0 || !pinSegment(this.#memory, next, serial, DISK_PIN)) continue;
      this.#segment = next;
      this.#serial = serial;
      this.#cursor.open(this.#memory, next, this.#words[row + Row.diskBytes]!);
      this.#release();
      return true;
    }
  }

  #release(): void {
    this.#entries = 0;
    this.#entryBytes = 0;
    unpinSegment(this.#memory, this.#segment, DISK_PIN);
  }

  // A writer that was terminated may have held one.
  #dropStalePin(segment: number): void {
    const index = rowOf(segment) + Row.pins;
    for (;;) {
      const pins = Atomics.load(this.#words, index);
      if (pins === RECLAIMED || (pins & DISK_PIN) === 0) return;
      if (Atomics.compareExchange(this.#words, index, pins, pins & ~DISK_PIN) === pins) return;
    }
  }
}
