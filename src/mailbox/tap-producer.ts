// The appending side of a tap ring: one copy into shared memory and one store to publish it. It posts nothing, waits for
// nobody and allocates nothing, whatever its readers do; what they lose by that is counted here, where it happens.

import type { SegmentClass, SegmentView, TapMemory, TapRingHandle } from './segments.ts';
import {
  Count, ENTRY_HEADER_BYTES, entrySize, EntryFlag, growBlock, isLater, newestSegment, nextSerial, NOTE_SHIFT, openTapMemory, RECLAIMED, Row, rowOf,
  segmentView, streamHead, Word,
} from './segments.ts';

/** `wake`: stored, and the disk reader sleeps: tell it, once. `lost`: no memory for it, counted as unrecorded. */
export type Append = 'stored' | 'wake' | 'lost';

/** Bytes of the word pair that a stream's start is. */
const STREAM_MARK_BYTES = 8;
/** Large segments grow in these steps. */
const GROWTH_BYTES = 1024 * 1024;

/**
 * One stream's appends, by one thread. A channel's next generation opens a producer of its own on the same ring; from then
 * on this one only refuses.
 */
export class TapProducer {
  readonly channel: string;
  /** Counts the producers of this ring from 0. */
  readonly stream: number;
  readonly #memory: TapMemory;
  readonly #words: Int32Array;
  readonly #generation: number;
  #segment = -1;
  #row = 0;
  #view: SegmentView | null = null;
  #capacity = 0;
  #used = 0;
  #entries = 0;
  #entryBytes = 0;
  #serial = 0;
  /** The open segment's first entry, counted since the ring was made. */
  #sequence = 0;
  #sent = 0;
  #received = 0;

  constructor(handle: TapRingHandle, generation: number) {
    this.channel = handle.channel;
    this.#memory = openTapMemory(handle);
    this.#words = this.#memory.words;
    this.#generation = generation;
    this.stream = Atomics.add(this.#words, Word.streams, 1);
    this.#continue();
    this.#beginStream();
  }

  /** `monotonicMs`: when the bytes came or went. `note`: the user's own number, below 2^16. The bytes are copied. */
  append(received: boolean, monotonicMs: number, bytes: Uint8Array, note = 0): Append {
    return this.#append((received ? EntryFlag.received : 0) | (note << NOTE_SHIFT), monotonicMs, bytes);
  }

  /** The same, for the start of a stream: kept for as long as the stream is, however much follows. */
  appendHead(received: boolean, monotonicMs: number, bytes: Uint8Array, note = 0): Append {
    return this.#append((received ? EntryFlag.received : 0) | EntryFlag.head | (note << NOTE_SHIFT), monotonicMs, bytes);
  }

  #append(flags: number, monotonicMs: number, bytes: Uint8Array): Append {
    const words = this.#words;
    const { byteLength } = bytes;
    const size = entrySize(byteLength);
    if (Atomics.load(words, Word.streams) !== this.stream + 1) return this.#lose(flags, byteLength);
    if (this.#used + size > this.#capacity && !this.#makeRoom(size)) return this.#lose(flags, byteLength);
    // #makeRoom has opened a segment when there was none.
    writeEntry(this.#view!, this.#used, flags, monotonicMs, bytes);
    if ((flags & EntryFlag.head) !== 0) this.#keepInHead(flags, monotonicMs, bytes);
    this.#advance(flags, byteLength);
    this.#entries += 1;
    this.#entryBytes += byteLength;
    words[this.#row + Row.entries] = this.#entries;
    words[this.#row + Row.entryBytes] = this.#entryBytes;
    this.#publish(size);
    // A load first: the exchange is dearer, and nearly always nobody sleeps.
    return Atomics.load(words, Word.sleep) === 1 && Atomics.exchange(words, Word.sleep, 0) === 1 ? 'wake' : 'stored';
  }

  /** The reader could not be told: the next append shall try again. */
  wakeRefused(): void {
    if (Atomics.load(this.#words, Word.capturing) === 1) Atomics.store(this.#words, Word.sleep, 1);
  }

  #publish(size: number): void {
    this.#used += size;
    Atomics.store(this.#words, this.#row + Row.used, this.#used);
  }

  #advance(flags: number, byteLength: number): void {
    if ((flags & EntryFlag.received) === 0) this.#sent = (this.#sent + byteLength) | 0;
    else this.#received = (this.#received + byteLength) | 0;
  }

  // The stream goes on without these bytes, so readers see a gap of exactly this size.
  #lose(flags: number, byteLength: number): Append {
    this.#advance(flags, byteLength);
    Atomics.add(this.#memory.counts, Count.unrecorded, 1n);
    // The gap must be between segments: only there does a reader take its bearings anew.
    this.#capacity = 0;
    return 'lost';
  }

  /** Opens the next segment for an entry of this size. */
  #makeRoom(size: number): boolean {
    for (const each of this.#memory.handle.classes) {
      if (size > each.entryBytesMax) continue;
      const segment = this.#claim(each);
      if (segment < 0) continue;
      if (each.first > 0 && !this.#grow(segment, size, each.entryBytesMax)) continue;
      this.#open(segment, each.first > 0 ? size : each.entryBytesMax);
      return true;
    }
    return false;
  }

  // A segment that cannot grow is left empty: it has been given up already.
  #grow(segment: number, size: number, max: number): boolean {
    const { handle } = this.#memory;
    const block = handle.blocks[1 + segment - handle.classes[0]!.count]!;
    if (block.byteLength >= size) return true;
    return growBlock(block, Math.min(max, Math.ceil(size / GROWTH_BYTES) * GROWTH_BYTES));
  }

  /** A segment that nobody holds, emptied: one of the empty ones, or else the oldest. -1 when all are held. */
  #claim(each: SegmentClass): number {
    for (;;) {
      let empty = -1;
      let oldest = -1;
      let oldestSerial = 0;
      let unheld = 0;
      for (let segment = each.first; segment < each.first + each.count; segment++) {
        const row = rowOf(segment);
        const serial = this.#words[row + Row.serial]!;
        if (serial === 0) {
          if (empty < 0) empty = segment;
        } else if (Atomics.load(this.#words, row + Row.pins) === 0) {
          unheld += 1;
          if (oldest < 0 || isLater(oldestSerial, serial)) {
            oldest = segment;
            oldestSerial = serial;
          }
        }
      }
      const surplus = unheld >= each.retained;
      if (oldest >= 0 && (surplus || empty < 0)) {
        const given = this.#giveUp(oldest);
        // After pins were released there may be more than one too many.
        if (given && unheld === each.retained) return oldest;
        if (given && empty < 0) return oldest;
        continue;
      }
      return empty;
    }
  }

  /** Takes a segment from whoever has not read it. False when a reader was quicker. */
  #giveUp(segment: number): boolean {
    const words = this.#words;
    const row = rowOf(segment);
    if (Atomics.compareExchange(words, row + Row.pins, 0, RECLAIMED) !== 0) return false;
    this.#clear(segment);
    return true;
  }

  #clear(segment: number): void {
    const words = this.#words;
    const row = rowOf(segment);
    // A thread is only ever terminated at a call or a loop's end, so what is counted here is also forgotten.
    const unread = words[row + Row.entries]! - words[row + Row.diskEntries]!;
    const unreadBytes = (words[row + Row.entryBytes]! - words[row + Row.diskEntryBytes]!) >>> 0;
    if (unread > 0 && Atomics.load(words, Word.capturing) === 1) {
      Atomics.add(this.#memory.counts, Count.dropped, BigInt(unread));
      Atomics.add(this.#memory.counts, Count.droppedBytes, BigInt(unreadBytes));
    }
    words[row + Row.entries] = 0;
    words[row + Row.entryBytes] = 0;
    words[row + Row.diskEntries] = 0;
    words[row + Row.diskBytes] = 0;
    words[row + Row.diskEntryBytes] = 0;
    Atomics.store(words, row + Row.used, 0);
    Atomics.store(words, row + Row.serial, 0);
    Atomics.store(words, row + Row.pins, 0);
  }

  /** Gives an empty segment its new life. Readers see it when its serial is stored, last. */
  #open(segment: number, capacity: number): void {
    const words = this.#words;
    const row = rowOf(segment);
    this.#sequence += this.#entries;
    this.#memory.numbers[(row + Row.sequence) >> 1] = this.#sequence;
    words[row + Row.stream] = this.stream;
    words[row + Row.generation] = this.#generation;
    words[row + Row.sentBefore] = this.#sent;
    words[row + Row.receivedBefore] = this.#received;
    this.#segment = segment;
    this.#row = row;
    this.#view = segmentView(this.#memory, segment);
    this.#capacity = capacity;
    this.#used = 0;
    this.#entries = 0;
    this.#entryBytes = 0;
    this.#serial = nextSerial(this.#serial);
    Atomics.store(words, row + Row.serial, this.#serial);
    Atomics.store(words, Word.newest, this.#serial);
  }

  /** Takes over where the last producer stopped, which may have been anywhere but between two stores. */
  #continue(): void {
    const words = this.#words;
    for (let segment = 0; segment < this.#memory.segments; segment++) {
      if (Atomics.load(words, rowOf(segment) + Row.pins) === RECLAIMED) this.#clear(segment);
    }
    this.#segment = newestSegment(this.#memory);
    if (this.#segment < 0) return;
    // The last store of opening a segment may be missing.
    Atomics.store(words, Word.newest, words[rowOf(this.#segment) + Row.serial]!);
    const row = rowOf(this.#segment);
    const usual = this.#memory.handle.classes[0]!;
    this.#row = row;
    this.#serial = words[row + Row.serial]!;
    this.#view = segmentView(this.#memory, this.#segment);
    this.#used = Atomics.load(words, row + Row.used);
    // An entry that was counted but not published has not happened.
    const published = countEntries(this.#view, this.#used);
    this.#entries = published.entries;
    this.#entryBytes = published.entryBytes;
    words[row + Row.entries] = this.#entries;
    words[row + Row.entryBytes] = this.#entryBytes;
    this.#sequence = this.#memory.numbers[(row + Row.sequence) >> 1]!;
    this.#capacity = this.#segment < usual.count ? usual.entryBytesMax : 0;
  }

  // Costs no segment of its own: a channel that fails again and again must not push out the evidence of why.
  #beginStream(): void {
    const head = streamHead(this.#memory, this.stream);
    Atomics.store(head.words, 0, 0);
    Atomics.store(head.words, 1, 0);
    Atomics.store(head.words, 0, this.stream + 1);
    const size = entrySize(STREAM_MARK_BYTES);
    if (this.#used + size > this.#capacity) return;
    const mark = new Uint8Array(new Int32Array([this.stream, this.#generation]).buffer);
    writeEntry(this.#view!, this.#used, EntryFlag.stream, 0, mark);
    this.#publish(size);
  }

  #keepInHead(flags: number, monotonicMs: number, bytes: Uint8Array): void {
    const head = streamHead(this.#memory, this.stream);
    const used = Atomics.load(head.words, 1);
    const size = entrySize(bytes.byteLength);
    // More than a link exchange can be: what does not fit is in the ring like everything else.
    if (used + size > head.view.bytes.byteLength) return;
    writeEntry(head.view, used, flags, monotonicMs, bytes);
    Atomics.store(head.words, 1, used + size);
  }
}

function writeEntry(view: SegmentView, at: number, flags: number, monotonicMs: number, bytes: Uint8Array): void {
  view.words[at >> 2] = bytes.byteLength;
  view.words[(at >> 2) + 1] = flags;
  view.numbers[(at >> 3) + 1] = monotonicMs;
  view.bytes.set(bytes, at + ENTRY_HEADER_BYTES);
}

function countEntries(view: SegmentView, used: number): { entries: number; entryBytes: number } {
  let entries = 0;
  let entryBytes = 0;
  for (let at = 0; at < used; ) {
    const byteLength = view.words[at >> 2]!;
    if ((view.words[(at >> 2) + 1]! & EntryFlag.stream) === 0) {
      entries += 1;
      entryBytes += byteLength;
    }
    at += entrySize(byteLength);
  }
  return { entries, entryBytes };
}
