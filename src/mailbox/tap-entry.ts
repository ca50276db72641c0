// One entry of a tap ring as its readers see it, and the walk over a segment that finds the entries and keeps count of
// where each direction of the stream stands. It reads memory that the caller holds pinned; it never pins or copies itself.

import type { SegmentView, StreamHead, TapMemory } from './segments.ts';
import { ENTRY_HEADER_BYTES, entrySize, EntryFlag, NOTE_SHIFT, Row, rowOf, segmentView, streamHead } from './segments.ts';

/** The walk reuses one object: copy what you keep. */
export interface TapEntry {
  /** Received or sent. */
  readonly received: boolean;
  /** Part of the start of its stream. */
  readonly head: boolean;
  readonly note: number;
  readonly monotonicMs: number;
  /** A view of shared memory, valid while its segment is held. */
  readonly bytes: Uint8Array;
  /** Counts the starts of the channel's actor, from 0; `generation` is the actor's own number for it. */
  readonly stream: number;
  readonly generation: number;
  /** Counts the entries of the ring from 0: a jump says how many are missing. */
  readonly sequence: number;
  /** Bytes of this stream sent and received before this entry, modulo 2^32. */
  readonly sentBefore: number;
  readonly receivedBefore: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NO_BYTES = new Uint8Array(0);

/** Stands in one segment. */
export class SegmentCursor {
  /** Bytes of the segment that lie behind. */
  at = 0;
  #view: SegmentView = { bytes: NO_BYTES, words: new Int32Array(0), numbers: new Float64Array(0) };
  #sequence = 0;
  #sent = 0;
  #received = 0;
  readonly #entry: Mutable<TapEntry> = {
    received: false, head: false, note: 0, monotonicMs: 0, bytes: NO_BYTES, stream: 0, generation: 0, sequence: 0, sentBefore: 0, receivedBefore: 0,
  };

  /** Stands at `at`, which must be the start of an entry, or the end. */
  open(memory: TapMemory, segment: number, at: number): void {
    const row = rowOf(segment);
    const { words } = memory;
    this.#view = segmentView(memory, segment);
    this.#entry.stream = words[row + Row.stream]!;
    this.#entry.generation = words[row + Row.generation]!;
    this.#sequence = memory.numbers[(row + Row.sequence) >> 1]!;
    this.#sent = words[row + Row.sentBefore]!;
    this.#received = words[row + Row.receivedBefore]!;
    this.at = 0;
    while (this.at < at) this.#step();
  }

  /** The entry here, or null when there is none before `end`; steps behind it. */
  next(end: number): TapEntry | null {
    while (this.at < end) if (this.#step()) return this.#entry;
    return null;
  }

  /** True when an entry was passed, false when it was the start of a stream. */
  #step(): boolean {
    const { words, numbers, bytes } = this.#view;
    const { at } = this;
    const byteLength = words[at >> 2]!;
    const flags = words[(at >> 2) + 1]!;
    this.at = at + entrySize(byteLength);
    const entry = this.#entry;
    if ((flags & EntryFlag.stream) !== 0) {
      entry.stream = words[(at + ENTRY_HEADER_BYTES) >> 2]!;
      entry.generation = words[((at + ENTRY_HEADER_BYTES) >> 2) + 1]!;
      this.#sent = 0;
      this.#received = 0;
      return false;
    }
    entry.received = (flags & EntryFlag.received) !== 0;
    entry.head = (flags & EntryFlag.head) !== 0;
    entry.note = flags >>> NOTE_SHIFT;
    entry.monotonicMs = numbers[(at >> 3) + 1]!;
    entry.bytes = bytes.subarray(at + ENTRY_HEADER_BYTES, at + ENTRY_HEADER_BYTES + byteLength);
    entry.sequence = this.#sequence++;
    entry.sentBefore = this.#sent >>> 0;
    entry.receivedBefore = this.#received >>> 0;
    if (entry.received) this.#received = (this.#received + byteLength) | 0;
    else this.#sent = (this.#sent + byteLength) | 0;
    return true;
  }
}

/** One piece of a stream's pinned head. */
export interface HeadEntry {
  readonly received: boolean;
  readonly note: number;
  readonly monotonicMs: number;
  /** A copy. */
  readonly bytes: Uint8Array;
}

/** The pinned start of a stream (its link exchange), copied; empty when too many streams have begun since. */
export function readStreamHead(memory: TapMemory, stream: number): HeadEntry[] {
  const head = streamHead(memory, stream);
  if (Atomics.load(head.words, 0) !== stream + 1) return [];
  const entries = copyHead(head);
  // An exchange of nothing, because a plain load need not come after the copy.
  return Atomics.compareExchange(head.words, 0, stream + 1, stream + 1) === stream + 1 ? entries : [];
}

function copyHead({ words, view }: StreamHead): HeadEntry[] {
  const used = Atomics.load(words, 1);
  const entries: HeadEntry[] = [];
  for (let at = 0; at < used; ) {
    const byteLength = view.words[at >> 2]!;
    // A new stream may be overwriting this one: never believe a length further than the head goes.
    if (byteLength < 0 || at + entrySize(byteLength) > view.bytes.byteLength) return [];
    const flags = view.words[(at >> 2) + 1]!;
    entries.push({
      received: (flags & EntryFlag.received) !== 0,
      note: flags >>> NOTE_SHIFT,
      monotonicMs: view.numbers[(at >> 3) + 1]!,
      bytes: view.bytes.slice(at + ENTRY_HEADER_BYTES, at + ENTRY_HEADER_BYTES + byteLength),
    });
    at += entrySize(byteLength);
  }
  return entries;
}
