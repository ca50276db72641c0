/**
 * The bits of a QUIC stream: little-endian 32-bit words, each taken from its most significant end. Reading is stateless
 * (a position goes in, a position comes out) so that the row loops can keep the position in a local variable. Zero words
 * after the data make reading past its end harmless; the end is checked once a row instead of once a bit.
 */
import type { ByteBudget } from './byte-budget.ts';
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { QuicCodes } from './quic-codes.ts';
import { quicRunExponents } from './quic-codes.ts';
import type { QuicGroup } from './quic-model.ts';

/** Input words, and how far decoding has come in them. */
export interface QuicBits {
  readonly words: Int32Array;
  /** Bits that the peer sent. Behind them lie zeros, as many as one row can possibly take. */
  readonly bitCount: number;
  /** The next bit to read. */
  position: number;
}

/** The most input bytes of one image: bit positions then stay below 2^30, where they are cheap integers. */
const quicBytesMax = 128 * 1024 * 1024;

/** A run of no pixels costs at most this many bits: its end and the longest last piece. */
const emptyRunBitsMax = 16;

/**
 * Copies the bytes into aligned words and adds the zeros.
 * @param rowCodes code words in one row of the image, at most
 * @throws DecodeError `oversize`, `overBudget`
 */
export function openQuicBits(bytes: Uint8Array, rowCodes: number, codeBitsMax: number, budget: ByteBudget): QuicBits {
  if (bytes.length > quicBytesMax) throw new DecodeError('oversize', 'quic.data', bytes.length, quicBytesMax);
  const zeroWords = Math.ceil((rowCodes * (codeBitsMax + emptyRunBitsMax)) / 32) + 4;
  const wordCount = Math.ceil(bytes.length / 4) + zeroWords;
  requireWorking(budget, wordCount * 4, 'quic.data');
  const words = new Int32Array(wordCount);
  new Uint8Array(words.buffer).set(bytes);
  return { words, bitCount: bytes.length * 8, position: 0 };
}

/** The 32 bits from `position` on. */
function peekQuicBits(words: Int32Array, position: number): number {
  const at = position >>> 5;
  const shift = position & 31;
  return (words[at]! << shift) | ((words[at + 1]! >>> 1) >>> (31 - shift));
}

/** One value in the code numbered `code`, with the bits that it took: (bits << 8) | value. */
export function readQuicValue(words: Int32Array, position: number, codes: QuicCodes, code: number): number {
  const bits = peekQuicBits(words, position);
  const zeros = Math.clz32(bits);
  const zerosMax = codes.zerosMax[code]!;
  if (zeros < zerosMax) {
    // Behind the zeros and their 1 come `code` bits; a shift by 32 would be a shift by 0, hence two.
    return ((zeros + 1 + code) << 8) | (zeros << code) | (((bits << (zeros + 1)) >>> 1) >>> (31 - code));
  }
  const escapeBits = codes.escapeBits[code]!;
  const value = codes.plainValues[code]! + (((bits << zerosMax) >>> 1) >>> (31 - escapeBits));
  return ((zerosMax + escapeBits) << 8) | (value & codes.mask);
}

/**
 * The length of a run, in pixels. Moves the group's run state and the position.
 * @param pixelsMax pixels left in the segment
 * @throws DecodeError `overrun`
 */
export function readQuicRun(bits: QuicBits, group: QuicGroup, pixelsMax: number): number {
  const { words } = bits;
  let position = bits.position;
  let state = group.runState;
  let pixels = 0;
  while (peekQuicBits(words, position) < 0) {
    position++;
    pixels += 1 << quicRunExponents[state]!;
    if (state < 31) state++;
    if (pixels > pixelsMax) throw new DecodeError('overrun', 'quic.run', pixels, pixelsMax);
  }
  position++;
  const lastBits = quicRunExponents[state]!;
  pixels += (peekQuicBits(words, position) >>> 1) >>> (31 - lastBits);
  if (pixels > pixelsMax) throw new DecodeError('overrun', 'quic.run', pixels, pixelsMax);
  bits.position = position + lastBits;
  group.runState = state > 0 ? state - 1 : 0;
  return pixels;
}
