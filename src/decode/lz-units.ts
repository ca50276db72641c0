/**
 * The LZ stream itself: literals and matches until all units of one pass are there. What a unit is (a colour, a 15-bit
 * colour, one byte) is asked once for a run of units, never inside it, so that the loops stay as tight as their copies.
 * It knows no headers and no images; `lz.ts` and `lz-plt.ts` do.
 */
import { widen555 } from './colour.ts';
import { DecodeError } from './decode-error.ts';

/**
 * The kinds of unit. Each number is also what the format adds to the length of its matches.
 * `colour`: literals B, G, R. `colour555`: literals x1r5g5b5, high byte first. `byte`: one byte, alpha or palette index.
 */
export const lzUnit = { colour: 0, colour555: 1, byte: 2 } as const;
export type LzUnit = (typeof lzUnit)[keyof typeof lzUnit];

/** Matches at least this long, in pixels, are worth the call of a block copy. */
const blockCopyUnitsMin = 32;

/** Where the units of one pass go. */
export interface LzOutput {
  /** Colour units: unit n is word n. */
  readonly words: Uint32Array;
  /** Byte units: unit n is byte n * byteStep + byteOffset. */
  readonly bytes: Uint8Array;
  readonly byteStep: number;
  readonly byteOffset: number;
}

/**
 * Decodes exactly `count` units from `input`, starting at byte `start`.
 * @returns where in `input` the next pass begins
 * @throws DecodeError `truncated`, `overrun`, `badDistance`
 */
export function decodeLzUnits(unit: LzUnit, input: Uint8Array, start: number, output: LzOutput, count: number): number {
  const { words, bytes, byteStep, byteOffset } = output;
  const end = input.length;
  const literalBytes = unit === lzUnit.colour ? 3 : unit === lzUnit.colour555 ? 2 : 1;
  let at = start;
  let out = 0;
  while (out < count) {
    if (at >= end) throw truncated(end);
    const control = input[at++]!;
    if (control < 32) {
      const stop = out + control + 1;
      if (stop > count) throw overrun(stop, count);
      if (at + (control + 1) * literalBytes > end) throw truncated(end);
      if (unit === lzUnit.colour) {
        for (; out < stop; out++, at += 3) words[out] = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
      } else if (unit === lzUnit.colour555) {
        for (; out < stop; out++, at += 2) words[out] = widen555((input[at]! << 8) | input[at + 1]!);
      } else {
        for (; out < stop; out++, at++) bytes[out * byteStep + byteOffset] = input[at]!;
      }
      continue;
    }
    let length = (control >>> 5) + unit;
    if (control >= 224) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw truncated(end);
        more = input[at++]!;
        length += more;
      }
    }
    if (at >= end) throw truncated(end);
    let distance = ((control & 31) << 8) + input[at++]! + 1;
    if (distance === 8192) {
      if (at + 2 > end) throw truncated(end);
      distance += (input[at]! << 8) | input[at + 1]!;
      at += 2;
    }
    const stop = out + length;
    if (stop > count) throw overrun(stop, count);
    if (distance > out) throw new DecodeError('badDistance', 'lz.distance', distance, out);
    if (unit === lzUnit.byte) {
      const back = distance * byteStep;
      for (let to = out * byteStep + byteOffset; out < stop; out++, to += byteStep) bytes[to] = bytes[to - back]!;
    } else {
      repeatPixels(words, out, stop, distance);
      out = stop;
    }
  }
  return at;
}

/** Repeats pixels from `distance` back. Overlap is meant: distance 1 is a run of one colour. */
export function repeatPixels(words: Uint32Array, out: number, stop: number, distance: number): void {
  if (stop - out >= blockCopyUnitsMin) {
    if (distance === 1) {
      words.fill(words[out - 1]!, out, stop);
      return;
    }
    if (distance >= stop - out) {
      words.copyWithin(out, out - distance, stop - distance);
      return;
    }
  }
  for (let from = out - distance; out < stop; out++, from++) words[out] = words[from]!;
}

function truncated(bytes: number): DecodeError {
  return new DecodeError('truncated', 'lz.data', bytes);
}

function overrun(units: number, count: number): DecodeError {
  return new DecodeError('overrun', 'lz.units', units, count);
}
