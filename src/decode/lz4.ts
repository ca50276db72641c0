/**
 * LZ4 images: a small container around raw LZ4 blocks. The blocks are one continuing stream (a match may reach back into
 * earlier blocks' output) and hold as many rows as the server happened to have at hand, so all of them are decoded into
 * one piece of memory, which then is an uncompressed bitmap.
 */
import { BitmapFlag, BitmapFormat } from '../protocol/constants.ts';
import { decodeBitmap } from './bitmap.ts';
import type { ByteBudget } from './byte-budget.ts';
import { requireWorking } from './byte-budget.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import type { PixelBuffer } from './pixel-buffer.ts';

/** top_down and format. */
const headerBytes = 2;
/** The shortest match; lengths on the wire are counted from it. */
const matchBytesMin = 4;
/** One byte of a length makes this many bytes of output, at the very best. */
const expansionMax = 255;

const pixelBytes: Readonly<Record<number, number>> = {
  [BitmapFormat.bit16]: 2,
  [BitmapFormat.bit24]: 3,
  [BitmapFormat.bit32]: 4,
  [BitmapFormat.rgba]: 4,
  // No text on the format has this one, but spice-server 0.15.1 sends it.
  [BitmapFormat.bit8Alpha]: 1,
};

/**
 * Decodes one LZ4 container into a target of the descriptor's size; the container does not repeat that size.
 * @throws DecodeError `truncated`, `badFormat`, `oversize`, `badBlock`, `overrun`, `badDistance`, `overBudget`
 */
export function decodeLz4(bytes: Uint8Array, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  if (bytes.length < headerBytes) throw new DecodeError('truncated', 'lz4.header', bytes.length, headerBytes);
  const topDown = bytes[0]! !== 0;
  const format = bytes[1]!;
  const bytesPerPixel = pixelBytes[format];
  if (bytesPerPixel === undefined) throw new DecodeError('badFormat', 'lz4.format', format, BitmapFormat.bit8Alpha);
  const { width, height } = target;
  const stride = width * bytesPerPixel;
  const outputBytes = stride * height;
  if (outputBytes > bytes.length * expansionMax) {
    throw new DecodeError('oversize', 'lz4.output', outputBytes, bytes.length * expansionMax);
  }
  requireWorking(budget, outputBytes, 'lz4.output');
  const data = new Uint8Array(outputBytes);
  let at = headerBytes;
  let out = 0;
  while (out < outputBytes) {
    if (at + 4 > bytes.length) throw new DecodeError('truncated', 'lz4.block', bytes.length, at + 4);
    const blockBytes = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    at += 4;
    if (blockBytes === 0 || at + blockBytes > bytes.length) {
      throw new DecodeError('truncated', 'lz4.block', blockBytes, bytes.length - at);
    }
    out = decodeBlock(bytes, at, at + blockBytes, data, out);
    at += blockBytes;
  }
  return decodeBitmap({ format, flags: topDown ? BitmapFlag.topDown : 0, width, height, stride, data }, null, target);
}

/** One raw block, `input[at..end)`. Returns where the output ends now. */
function decodeBlock(input: Uint8Array, start: number, end: number, output: Uint8Array, outStart: number): number {
  const outEnd = output.length;
  let at = start;
  let out = outStart;
  while (at < end) {
    const token = input[at++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw new DecodeError('badBlock', 'lz4.literals', at, end);
        more = input[at++]!;
        literals += more;
      }
    }
    if (at + literals > end) throw new DecodeError('badBlock', 'lz4.literals', literals, end - at);
    if (out + literals > outEnd) throw new DecodeError('overrun', 'lz4.output', out + literals, outEnd);
    for (const stop = out + literals; out < stop; ) output[out++] = input[at++]!;
    // The last sequence of a block is literals alone.
    if (at === end) return out;

    if (at + 2 > end) throw new DecodeError('badBlock', 'lz4.offset', at, end);
    const distance = input[at]! | (input[at + 1]! << 8);
    at += 2;
    let length = (token & 15) + matchBytesMin;
    if (length === 15 + matchBytesMin) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw new DecodeError('badBlock', 'lz4.length', at, end);
        more = input[at++]!;
        length += more;
      }
    }
    if (distance === 0 || distance > out) throw new DecodeError('badDistance', 'lz4.offset', distance, out);
    if (out + length > outEnd) throw new DecodeError('overrun', 'lz4.output', out + length, outEnd);
    if (distance >= length && length >= 64) {
      output.copyWithin(out, out - distance, out - distance + length);
      out += length;
    } else {
      for (const stop = out + length; out < stop; out++) output[out] = output[out - distance]!;
    }
  }
  throw new DecodeError('badBlock', 'lz4.block', at, end);
}
