// One channel's tap ring: made on the main thread, filled by the channel's actor, read by the writer and by snapshots. This
// file makes rings and reads their counters; the entries themselves go through tap-producer.ts and tap-reader.ts.

import type { SegmentClass, TapRingHandle } from './segments.ts';
import { controlBytes, Count, createGrowableBlock, newestSegment, openTapMemory, Row, rowOf, Word } from './segments.ts';

export type { TapRingHandle } from './segments.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** How far the disk may fall behind in entries, however small a channel's share of the memory is. */
export const LAG_ENTRIES_MIN = 65_536;
/** A small entry with its header, on which `LAG_ENTRIES_MIN` is based: most inputs, cursor and ack messages are smaller. */
const SMALL_ENTRY_BYTES = 64;
const SEGMENT_BYTES_MIN = 64 * KIB;
const SEGMENT_BYTES_MAX = 2 * MIB;
const SEGMENTS = 16;
/** As many snapshots can hold a whole ring each at the same time, of different times, before one must hold less. */
const SNAPSHOTS_MAX = 5;
/** Segments for one large entry each: four that hold a raw picture of 2560x1600, two up to the largest message there is. */
const LARGE = { count: 4, bytes: 16 * MIB, pinnable: 2 } as const;
const LARGEST = { count: 2, bytes: 256 * MIB + KIB, pinnable: 1 } as const;

export interface TapRingOptions {
  readonly channel: string;
  /** Traffic that a snapshot shows. The disk may lag by this much too, or by `LAG_ENTRIES_MIN` small entries if that is more. */
  readonly ringBytes: number;
  /** For tests: smaller segments than the ring's share would give. */
  readonly segmentBytes?: number;
  /** For tests: a smaller bound than `LAG_ENTRIES_MIN` gives. */
  readonly lagBytes?: number;
  /** For tests: the bytes of a large and of the largest segment. */
  readonly largeBytes?: readonly [large: number, largest: number];
}

/** The memory is reserved, not used: pages that no entry ever reached cost nothing. */
export function createTapRing(options: TapRingOptions, clock: { monotonicMs(): number; wallMs(): number }): TapRingHandle {
  const { channel, ringBytes } = options;
  const lagBytes = options.lagBytes ?? Math.max(ringBytes, LAG_ENTRIES_MIN * SMALL_ENTRY_BYTES);
  const segmentBytes = options.segmentBytes ?? clamp(roundUp(lagBytes / SEGMENTS, KIB), SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
  const [largeBytes, largestBytes] = options.largeBytes ?? [LARGE.bytes, LARGEST.bytes];
  const retained = Math.max(2, Math.ceil(lagBytes / segmentBytes));
  const pinnable = SNAPSHOTS_MAX * (Math.ceil(ringBytes / segmentBytes) + 1);
  const usual: SegmentClass = { first: 0, count: retained + pinnable, entryBytesMax: segmentBytes, retained, pinnable };
  const large: SegmentClass = { first: usual.count, count: LARGE.count, entryBytesMax: largeBytes, retained: LARGE.count, pinnable: LARGE.pinnable };
  const largest: SegmentClass = {
    first: large.first + large.count,
    count: LARGEST.count,
    entryBytesMax: largestBytes,
    retained: LARGEST.count,
    pinnable: LARGEST.pinnable,
  };
  const classes = [usual, large, largest];
  return {
    channel,
    ringBytes,
    segmentBytes,
    classes,
    control: new SharedArrayBuffer(controlBytes(largest.first + largest.count)),
    blocks: [
      new SharedArrayBuffer(usual.count * segmentBytes),
      ...[large, largest].flatMap((each) => Array.from({ length: each.count }, () => createGrowableBlock(each.entryBytesMax))),
    ],
    wallBaseMs: clock.wallMs() - clock.monotonicMs(),
  };
}

/** One ring in numbers, read from shared memory without asking anybody. */
export interface TapCounters {
  /** Entries since the ring was made. */
  readonly appended: number;
  /** Entries that the disk reader has taken for good. */
  readonly delivered: number;
  /** Entries missing from the capture file because the disk fell behind: `writer_dropped_count`. */
  readonly dropped: number;
  readonly droppedBytes: number;
  /** Entries that found no memory: missing from the ring and from the file. */
  readonly unrecorded: number;
  /** Streams that producers began: one for each start of the channel's actor. */
  readonly streams: number;
}

/** Reads a ring's counters; call as often as you like. */
export function readTapCounters(handle: TapRingHandle): () => TapCounters {
  const memory = openTapMemory(handle);
  const { words, counts, numbers } = memory;
  const count = (index: number): number => Number(Atomics.load(counts, index));
  const appended = (): number => {
    for (;;) {
      const newest = newestSegment(memory);
      if (newest < 0) return 0;
      const row = rowOf(newest);
      const serial = Atomics.load(words, row + Row.serial);
      const total = numbers[(row + Row.sequence) >> 1]! + Atomics.load(words, row + Row.entries);
      // The producer may have given the segment a new life in between.
      if (serial !== 0 && Atomics.load(words, row + Row.serial) === serial) return total;
    }
  };
  return () => ({
    appended: appended(),
    delivered: count(Count.delivered),
    dropped: count(Count.dropped),
    droppedBytes: count(Count.droppedBytes),
    unrecorded: count(Count.unrecorded),
    streams: Atomics.load(words, Word.streams),
  });
}

/** Reads one of them: how many entries the disk reader has lost. */
export function readTapDrops(handle: TapRingHandle): () => number {
  const { counts } = openTapMemory(handle);
  return () => Number(Atomics.load(counts, Count.dropped));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
