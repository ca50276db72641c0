// The memory of one tap ring: a table of segments in a control block, and the blocks that hold their bytes. It says where
// things are and who may touch a segment; it does not append (tap-producer.ts) or read (tap-reader.ts, tap-snapshot.ts).
// Everything is shared memory made on the main thread, so it outlives the actor that fills it and the one that reads it.

/** Everything needed to open one channel's ring on any thread. Structured-cloneable. */
export interface TapRingHandle {
  /** Such as `display/0`; also the ring's name in messages. */
  readonly channel: string;
  /** Bytes of the newest traffic that a snapshot shows. */
  readonly ringBytes: number;
  readonly segmentBytes: number;
  readonly classes: readonly SegmentClass[];
  readonly control: SharedArrayBuffer;
  /** One block for all usual segments, then one growable block for each larger one. */
  readonly blocks: readonly SharedArrayBuffer[];
  /** Wall clock minus monotonic clock, in milliseconds, taken once: entries carry monotonic times only. */
  readonly wallBaseMs: number;
}

/** Segments of one size. The producer never waits, so readers may hold (`pin`) no more than `pinnable` of them. */
export interface SegmentClass {
  readonly first: number;
  readonly count: number;
  /** A single entry of at most this many bytes, with its header, fits. */
  readonly entryBytesMax: number;
  /** Segments that keep their bytes while nobody holds them; above it the oldest is given up. */
  readonly retained: number;
  readonly pinnable: number;
}

/** Words of the control block, each group on a cache line of its own. */
export const Word = {
  /** 1 = the disk reader has seen everything and wants to be told of the next entry. */
  sleep: 0,
  /** 1 = a disk reader is attached: what is given up unread counts as dropped. */
  capturing: 16,
  /** How often a producer was opened. The last one owns the ring. */
  streams: 32,
  /** Serial of the segment opened last. */
  newest: 40,
} as const;

/** 64-bit counters of the control block, written by one thread each. */
export const Count = {
  /** Producer: entries given up before the disk reader had them. */
  dropped: 24,
  droppedBytes: 25,
  /** Producer: entries that found no segment at all, neither in memory nor for the disk. */
  unrecorded: 26,
  /** Disk reader: entries taken for good. */
  delivered: 32,
} as const;

/** Words of a segment's row, counted from the row's start. */
export const Row = {
  /** Snapshots that hold it in the low bits, `DISK_PIN`, or `RECLAIMED` alone. */
  pins: 0,
  /** Counts up with each segment opened; 0 = holds nothing. */
  serial: 1,
  /** Bytes that readers may read. Stored last. */
  used: 2,
  entries: 3,
  entryBytes: 4,
  /** Which producer's stream is running where the segment starts, and where in that stream each direction stands. */
  stream: 5,
  generation: 6,
  sentBefore: 7,
  receivedBefore: 8,
  /** What the disk reader has taken. */
  diskEntries: 9,
  diskBytes: 10,
  diskEntryBytes: 11,
  /** A float64: the number of the segment's first entry since the ring was made. */
  sequence: 12,
} as const;

export const DISK_PIN = 1 << 16;
/** The producer is giving this segment a new life; nobody may hold it. */
export const RECLAIMED = -1;

export const ENTRY_HEADER_BYTES = 16;
/** What the ring knows of an entry. Its user's own number stands above these bits. */
export const EntryFlag = {
  received: 1,
  /** Also kept in the stream's head, which outlives the segments. */
  head: 2,
  /** Not an entry: a new producer's stream starts here. */
  stream: 4,
} as const;
export const NOTE_SHIFT = 8;

/** Streams whose heads are kept. A channel that re-links more often than this within one ring loses the oldest heads. */
const STREAM_HEADS_MAX = 16;
/** Room for both directions of a link exchange: two messages of at most 4 KiB and their small parts. */
const STREAM_HEAD_BYTES = 16 * 1024;

const CONTROL_BYTES = 512;
const ROW_BYTES = 64;
const HEAD_WORDS_BYTES = 16;

/** A growable block, which ECMAScript 2024 describes and Node 20 has; the configured library is of 2023. */
interface GrowableBlock extends SharedArrayBuffer {
  readonly maxByteLength: number;
  grow(byteLength: number): void;
}

export function createGrowableBlock(byteLengthMax: number): SharedArrayBuffer {
  const Growable = SharedArrayBuffer as unknown as new (byteLength: number, options: { maxByteLength: number }) => GrowableBlock;
  return new Growable(0, { maxByteLength: byteLengthMax });
}

/** False when the system refuses the memory. Every thread sees the new length. */
export function growBlock(block: SharedArrayBuffer, byteLength: number): boolean {
  try {
    // Blocks after the first come from createGrowableBlock; cloning keeps what they are.
    (block as GrowableBlock).grow(byteLength);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export function controlBytes(segments: number): number {
  return CONTROL_BYTES + segments * ROW_BYTES + STREAM_HEADS_MAX * (HEAD_WORDS_BYTES + STREAM_HEAD_BYTES);
}

/** A thread's views of one ring. */
export interface TapMemory {
  readonly handle: TapRingHandle;
  readonly words: Int32Array;
  readonly counts: BigUint64Array;
  readonly numbers: Float64Array;
  readonly segments: number;
  readonly heads: (StreamHead | null)[];
  readonly views: (SegmentView | null)[];
}

/** A segment's bytes seen three ways; all start at the segment's first byte. */
export interface SegmentView {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly numbers: Float64Array;
}

/** The pinned start of one stream. Word 0: the stream's number plus 1; word 1: bytes used. */
export interface StreamHead {
  readonly words: Int32Array;
  readonly view: SegmentView;
}

export function openTapMemory(handle: TapRingHandle): TapMemory {
  const { control } = handle;
  const segments = handle.classes.reduce((sum, each) => sum + each.count, 0);
  const headsAt = CONTROL_BYTES + segments * ROW_BYTES;
  return {
    handle,
    words: new Int32Array(control, 0, headsAt / 4),
    counts: new BigUint64Array(control, 0, CONTROL_BYTES / 8),
    numbers: new Float64Array(control, 0, headsAt / 8),
    segments,
    heads: Array.from({ length: STREAM_HEADS_MAX }, () => null),
    views: Array.from({ length: segments }, () => null),
  };
}

/** Where the head of a stream is kept: whether it is that stream's still, its words say. */
export function streamHead({ handle, words, heads }: TapMemory, stream: number): StreamHead {
  const index = stream % STREAM_HEADS_MAX;
  const at = words.byteLength + index * (HEAD_WORDS_BYTES + STREAM_HEAD_BYTES);
  return (heads[index] ??= { words: new Int32Array(handle.control, at, HEAD_WORDS_BYTES / 4), view: viewOf(handle.control, at + HEAD_WORDS_BYTES, STREAM_HEAD_BYTES) });
}

/** The first word of a segment's row. */
export function rowOf(segment: number): number {
  return (CONTROL_BYTES + segment * ROW_BYTES) / 4;
}

/** The segment's bytes as far as they are allocated. */
export function segmentView(memory: TapMemory, segment: number): SegmentView {
  const { blocks, segmentBytes, classes } = memory.handle;
  const usual = classes[0]!.count;
  const known = memory.views[segment];
  if (segment < usual) {
    return known ?? (memory.views[segment] = viewOf(blocks[0]!, segment * segmentBytes, segmentBytes));
  }
  const block = blocks[1 + segment - usual]!;
  if (known?.bytes.byteLength === block.byteLength) return known;
  return (memory.views[segment] = viewOf(block, 0, block.byteLength));
}

function viewOf(block: SharedArrayBuffer, at: number, byteLength: number): SegmentView {
  return {
    bytes: new Uint8Array(block, at, byteLength),
    words: new Int32Array(block, at, byteLength >> 2),
    numbers: new Float64Array(block, at, byteLength >> 3),
  };
}

/** Bytes that an entry takes: entries start on multiples of 8, so that their times can be read as numbers. */
export function entrySize(byteLength: number): number {
  return ENTRY_HEADER_BYTES + ((byteLength + 7) & ~7);
}

/** Is serial `a` later than `b`? They wrap after 2^32 segments. */
export function isLater(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** Holds a segment for one snapshot or for the disk (`DISK_PIN`). False when it has another life by now. */
export function pinSegment(memory: TapMemory, segment: number, serial: number, pin: number): boolean {
  const { words } = memory;
  const row = rowOf(segment);
  for (;;) {
    const pins = Atomics.load(words, row + Row.pins);
    if (pins === RECLAIMED || Atomics.load(words, row + Row.serial) !== serial) return false;
    if (Atomics.compareExchange(words, row + Row.pins, pins, pins + pin) === pins) break;
  }
  // The segment may have been given up and reopened between the two loads; held, it cannot change any more.
  if (Atomics.load(words, row + Row.serial) === serial) return true;
  unpinSegment(memory, segment, pin);
  return false;
}

export function unpinSegment(memory: TapMemory, segment: number, pin: number): void {
  Atomics.sub(memory.words, rowOf(segment) + Row.pins, pin);
}

/** The oldest segment later than `serial` (0: the oldest of all), or -1. */
export function segmentAfter(memory: TapMemory, serial: number): number {
  // Nearly always the reader stands in the newest segment already, and a hundred rows need not be looked at. A segment that is being opened
  // at this moment may be missed: its producer has published nothing in it yet, and looks whether the reader sleeps when it has.
  if (Atomics.load(memory.words, Word.newest) === serial) return -1;
  // Segments open and go while the rows are scanned, so the oldest one seen may be younger than one opened behind the scan's
  // back. One that was there before the scan began cannot be: whatever precedes it was there, too, or is gone.
  let before = 0;
  for (;;) {
    const found = scanAfter(memory, serial);
    if (found < 0) return -1;
    const next = Atomics.load(memory.words, rowOf(found) + Row.serial);
    if (next === nextSerial(serial) || (next !== 0 && next === before)) return found;
    before = next;
  }
}

/** The segment that was opened last, or -1. */
export function newestSegment(memory: TapMemory): number {
  let newest = -1;
  let serial = 0;
  for (let segment = 0; segment < memory.segments; segment++) {
    const each = Atomics.load(memory.words, rowOf(segment) + Row.serial);
    if (each === 0 || (newest >= 0 && !isLater(each, serial))) continue;
    newest = segment;
    serial = each;
  }
  return newest;
}

/** 0 means empty, so the numbering leaves it out. */
export function nextSerial(serial: number): number {
  const next = (serial + 1) | 0;
  return next === 0 ? 1 : next;
}

function scanAfter(memory: TapMemory, serial: number): number {
  let found = -1;
  let oldest = 0;
  for (let segment = 0; segment < memory.segments; segment++) {
    const each = Atomics.load(memory.words, rowOf(segment) + Row.serial);
    if (each === 0 || (serial !== 0 && !isLater(each, serial))) continue;
    if (found < 0 || isLater(oldest, each)) {
      found = segment;
      oldest = each;
    }
  }
  return found;
}
