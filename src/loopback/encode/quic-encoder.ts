/**
 * A QUIC encoder for the test server: GRAY, RGB16, RGB24, RGB32 and RGBA. It follows the description of the format
 * sentence by sentence, without the decoder's shortcuts and without its code; only the table of pseudo-random numbers is
 * shared, because it has no other source. Given the same picture it makes the bytes that spice-server makes.
 */
import { quicRandom } from '../../decode/quic-codes.ts';
import { ByteSink } from './byte-sink.ts';
import type { Picture } from './picture.ts';

export type QuicPixelType = 'gray' | 'rgb16' | 'rgb24' | 'rgb32' | 'rgba';
const typeNumbers = { gray: 1, rgb16: 2, rgb24: 3, rgb32: 4, rgba: 5 } as const;

/** A picture as one QUIC stream. GRAY takes the blue channel; RGB16 the upper 5 bits of each. */
export function encodeQuic(picture: Picture, type: QuicPixelType): Uint8Array {
  const { width, height, words } = picture;
  const bits = new BitSink();
  for (const field of [0x43495551, 0, typeNumbers[type], width, height]) bits.write(field, 32);
  const plane = (shift: number, bitsPerChannel: number): number[][] =>
    Array.from({ length: height }, (_row, y) =>
      Array.from({ length: width }, (_column, x) => ((words[y * width + x]! >>> shift) & 255) >>> (8 - bitsPerChannel)),
    );
  const bitsPerChannel = type === 'rgb16' ? 5 : 8;
  const first = type === 'gray' ? [plane(0, 8)] : [16, 8, 0].map((shift) => plane(shift, bitsPerChannel));
  const groups = [new Group(first, bitsPerChannel, bits)];
  if (type === 'rgba') groups.push(new Group([plane(24, 8)], 8, bits));
  for (let y = 0; y < height; y++) for (const group of groups) group.encodeRow(y, width);
  return bits.finish();
}

/** Bits from the most significant end of little-endian words. */
class BitSink {
  readonly #sink = new ByteSink();
  #word = 0;
  #free = 32;

  write(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      this.#free--;
      if ((value >>> i) & 1) this.#word |= 1 << this.#free;
      if (this.#free === 0) {
        this.#sink.u32LittleEndian(this.#word >>> 0);
        this.#word = 0;
        this.#free = 32;
      }
    }
  }

  /** The last word is filled up, and one word of zeros follows that a decoder may read ahead into. */
  finish(): Uint8Array {
    if (this.#free < 32) this.#sink.u32LittleEndian(this.#word >>> 0);
    this.#sink.u32LittleEndian(0);
    return this.#sink.toBytes();
  }
}

/** A code word: zeros, a 1 unless the value is escaped, then the suffix. */
interface CodeWord {
  readonly zeros: number;
  readonly one: boolean;
  readonly suffix: number;
  readonly suffixBits: number;
}

/** The code word of `value` in Golomb-Rice code `l`, limited to 26 bits. */
function codeWord(value: number, l: number, bitsPerChannel: number): CodeWord {
  const longestPrefix = Math.min(26 - bitsPerChannel, 2 ** (bitsPerChannel - l) - 1);
  const plain = longestPrefix * 2 ** l;
  if (value < plain) return { zeros: value >>> l, one: true, suffix: value % 2 ** l, suffixBits: l };
  let suffixBits = 0;
  while (2 ** suffixBits < 2 ** bitsPerChannel - plain) suffixBits++;
  return { zeros: longestPrefix, one: false, suffix: value - plain, suffixBits };
}

function codeLength(word: CodeWord): number {
  return word.zeros + (word.one ? 1 : 0) + word.suffixBits;
}

/** The number of the bucket that a context falls into. */
function bucketOf(context: number, bitsPerChannel: number): number {
  let first = 0;
  let size = 1;
  for (let bucket = 0; ; bucket++) {
    const rest = 2 ** bitsPerChannel - first - size;
    if (context < first + size || rest < size) return bucket;
    first += size;
    size *= 2;
  }
}

/** All code words and buckets of channels with so many bits. */
interface Codes {
  readonly bitsPerChannel: number;
  /** By value, then by l. */
  readonly words: readonly (readonly CodeWord[])[];
  readonly lengths: readonly (readonly number[])[];
  readonly buckets: readonly number[];
}

function makeCodes(bitsPerChannel: number): Codes {
  const values = Array.from({ length: 2 ** bitsPerChannel }, (_value, value) => value);
  const numbers = Array.from({ length: bitsPerChannel }, (_number, l) => l);
  const words = values.map((value) => numbers.map((l) => codeWord(value, l, bitsPerChannel)));
  return {
    bitsPerChannel,
    words,
    lengths: words.map((row) => row.map(codeLength)),
    buckets: values.map((context) => bucketOf(context, bitsPerChannel)),
  };
}
const codesOf5 = makeCodes(5);
const codesOf8 = makeCodes(8);

/** One channel: its rows of values and what was learned from coding them. */
class Channel {
  readonly rows: readonly (readonly number[])[];
  readonly coded: number[];
  /** The context of the pixel coded last. */
  context = 0;
  /** By bucket. */
  readonly counters: number[][];
  readonly best: number[];

  constructor(rows: readonly (readonly number[])[], bitsPerChannel: number) {
    this.rows = rows;
    this.counters = Array.from({ length: 8 }, () => Array.from({ length: bitsPerChannel }, () => 0));
    this.best = Array.from({ length: 8 }, () => bitsPerChannel - 1);
    this.coded = rows[0]!.map(() => 0);
  }
}

const runExponents = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const triggers = [110, 550, 900, 800, 550, 400, 350];

/** Channels that are coded pixel by pixel together, with one schedule of learning and one state of runs. */
class Group {
  readonly #channels: readonly Channel[];
  readonly #codes: Codes;
  readonly #bits: BitSink;
  #wait = 0;
  #seed = 255;
  #maskIndex = 0;
  #countdown = 2048;
  #runState = 0;

  constructor(planes: readonly (readonly (readonly number[])[])[], bitsPerChannel: number, bits: BitSink) {
    this.#channels = planes.map((rows) => new Channel(rows, bitsPerChannel));
    this.#codes = bitsPerChannel === 5 ? codesOf5 : codesOf8;
    this.#bits = bits;
  }

  encodeRow(y: number, width: number): void {
    let at = 0;
    while (this.#maskIndex < 6 && this.#countdown <= width - at) {
      this.#encodeSegment(y, at, at + this.#countdown);
      at += this.#countdown;
      this.#maskIndex++;
      this.#countdown = 2048;
    }
    if (at === width) return;
    this.#encodeSegment(y, at, width);
    if (this.#maskIndex < 6) this.#countdown -= width - at;
  }

  #encodeSegment(y: number, start: number, end: number): void {
    let i = start;
    if (i === 0) {
      this.#encodePixel(y, 0);
      if (this.#wait > 0) this.#wait--;
      else {
        this.#wait = this.#random();
        this.#learn(0);
      }
      i = 1;
    }
    let stop = i + this.#wait;
    let lastRunStart = 0;
    for (;;) {
      let ran = false;
      while (i < end && i <= stop) {
        if (i !== lastRunStart && this.#runBegins(y, i)) {
          lastRunStart = i;
          this.#wait = stop - i;
          let length = 0;
          while (i + length < end && this.#same(y, i + length, y, i - 1)) length++;
          this.#writeRun(length);
          i += length;
          if (i === end) return;
          stop = i + this.#wait;
          ran = true;
          break;
        }
        this.#encodePixel(y, i);
        i++;
      }
      if (ran) continue;
      if (stop >= end) {
        this.#wait = stop - end;
        return;
      }
      this.#learn(stop);
      stop = i + this.#random();
    }
  }

  #random(): number {
    this.#seed = (this.#seed + 1) % 256;
    return quicRandom[this.#seed]! % 2 ** this.#maskIndex;
  }

  #same(yA: number, xA: number, yB: number, xB: number): boolean {
    return this.#channels.every(({ rows }) => rows[yA]![xA] === rows[yB]![xB]);
  }

  #runBegins(y: number, i: number): boolean {
    return y > 0 && i > 2 && this.#same(y - 1, i - 1, y - 1, i) && this.#same(y, i - 1, y, i - 2);
  }

  #writeRun(length: number): void {
    let rest = length;
    while (rest >= 2 ** runExponents[this.#runState]!) {
      rest -= 2 ** runExponents[this.#runState]!;
      this.#bits.write(1, 1);
      this.#runState = Math.min(this.#runState + 1, 31);
    }
    this.#bits.write(0, 1);
    this.#bits.write(rest, runExponents[this.#runState]!);
    this.#runState = Math.max(this.#runState - 1, 0);
  }

  #encodePixel(y: number, i: number): void {
    const { words, buckets } = this.#codes;
    const values = words.length;
    for (const channel of this.#channels) {
      const row = channel.rows[y]!;
      const above = y > 0 ? channel.rows[y - 1]! : null;
      const left = i > 0 ? row[i - 1]! : null;
      const prediction = above === null ? (left ?? 0) : left === null ? above[i]! : Math.floor((left + above[i]!) / 2);
      const difference = (row[i]! - prediction + values) % values;
      // Small differences of either sign become small numbers: 0, -1, 1, -2, 2, ...
      const coded = difference < values / 2 ? difference * 2 : (values - difference) * 2 - 1;
      channel.context = i > 0 ? channel.coded[i - 1]! : channel.coded[0]!;
      const word = words[coded]![channel.best[buckets[channel.context]!]!]!;
      this.#bits.write(0, word.zeros);
      if (word.one) this.#bits.write(1, 1);
      this.#bits.write(word.suffix, word.suffixBits);
      channel.coded[i] = coded;
    }
  }

  /** Pixel `i` is the one coded last. */
  #learn(i: number): void {
    for (const channel of this.#channels) {
      const bucket = this.#codes.buckets[channel.context]!;
      const lengths = this.#codes.lengths[channel.coded[i]!]!;
      const counters = channel.counters[bucket]!.map((count, l) => count + lengths[l]!);
      const fewest = Math.min(...counters);
      channel.best[bucket] = counters.lastIndexOf(fewest);
      channel.counters[bucket] = fewest > triggers[this.#maskIndex]! ? counters.map((count) => count >>> 1) : counters;
    }
  }
}
