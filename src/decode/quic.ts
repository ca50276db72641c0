/**
 * QUIC images (the SFALIC family of lossless codecs, not the network protocol): the header, which channels a type has,
 * and the walk down the rows. Rows come top first, always. The loops are in `quic-rows.ts`.
 */
import type { ByteBudget } from './byte-budget.ts';
import { widen555 } from './colour.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { alphaPixels, opaquePixels } from './decoded-info.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { openQuicBits } from './quic-bits.ts';
import type { QuicCodes } from './quic-codes.ts';
import { quicCodeBitsMax, quicCodes5, quicCodes8 } from './quic-codes.ts';
import { createQuicChannel, createQuicGroup } from './quic-model.ts';
import type { QuicColours, QuicPlane } from './quic-rows.ts';
import { decodeQuicRow } from './quic-rows.ts';

/** The pixel types that QUIC numbers. */
const quicType = { gray: 1, rgb16: 2, rgb24: 3, rgb32: 4, rgba: 5 } as const;

/** Bytes before the first code word. */
const headerBytes = 20;
/** The bytes "QUIC". */
const magic = 0x43495551;

/**
 * Decodes one QUIC stream into a target of its size.
 * @throws DecodeError `truncated`, `badHeader`, `sizeMismatch`, `oversize`, `overrun`, `overBudget`; the target's pixels are then some
 *   mixture of old and new
 */
export function decodeQuic(bytes: Uint8Array, target: PixelBuffer, budget: ByteBudget): DecodedInfo {
  if (bytes.length < headerBytes) throw new DecodeError('truncated', 'quic.header', bytes.length, headerBytes);
  if (u32(bytes, 0) !== magic) throw new DecodeError('badHeader', 'quic.magic', u32(bytes, 0), magic);
  if (u32(bytes, 4) !== 0) throw new DecodeError('badHeader', 'quic.version', u32(bytes, 4), 0);
  const type = u32(bytes, 8);
  const { width, height } = target;
  if (u32(bytes, 12) !== width) throw new DecodeError('sizeMismatch', 'quic.width', u32(bytes, 12), width);
  if (u32(bytes, 16) !== height) throw new DecodeError('sizeMismatch', 'quic.height', u32(bytes, 16), height);
  const data = bytes.subarray(headerBytes);
  switch (type) {
    case quicType.gray:
      decodeLayers(data, target, budget, [plane(width, 0)]);
      mapPixels(target, (grey) => grey * 0x010101);
      return opaquePixels;
    case quicType.rgb16:
      // Decoded as 5 bits in each byte, because predictions are made of those, and widened at the end.
      decodeLayers(data, target, budget, [colours(quicCodes5, width)]);
      mapPixels(target, (word) => widen555(((word >>> 6) & 0x7c00) | ((word >>> 3) & 0x03e0) | (word & 0x001f)));
      return opaquePixels;
    case quicType.rgb24:
    case quicType.rgb32:
      decodeLayers(data, target, budget, [colours(quicCodes8, width)]);
      return opaquePixels;
    case quicType.rgba:
      decodeLayers(data, target, budget, [colours(quicCodes8, width), plane(width, 24)]);
      return alphaPixels;
    default:
      throw new DecodeError('badHeader', 'quic.type', type, quicType.rgba);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function colours(codes: QuicCodes, width: number): QuicColours {
  const group = createQuicGroup(codes);
  const red = createQuicChannel(codes, width);
  const green = createQuicChannel(codes, width);
  const blue = createQuicChannel(codes, width);
  return { kind: 'colours', group, red, green, blue };
}

/** Alpha lies over colours that are there already; grey is alone in the word until it is spread over all three. */
function plane(width: number, shift: 0 | 24): QuicPlane {
  const group = createQuicGroup(quicCodes8);
  return { kind: 'plane', group, channel: createQuicChannel(quicCodes8, width), shift, keep: shift === 24 ? 0xffffff : 0 };
}

/** Each row has its layers one after the other; all layers share the bits. */
function decodeLayers(data: Uint8Array, target: PixelBuffer, budget: ByteBudget, layers: readonly (QuicColours | QuicPlane)[]): void {
  const { width, height, words } = target;
  const bits = openQuicBits(data, width * 4, quicCodeBitsMax, budget);
  const step = target.strideBytes >>> 2;
  for (let y = 0, current = 0, above = -1; y < height; y++, above = current, current += step) {
    for (const layer of layers) decodeQuicRow(layer, bits, words, above, current, width);
  }
}

function mapPixels(target: PixelBuffer, map: (word: number) => number): void {
  const { width, height, words } = target;
  const step = target.strideBytes >>> 2;
  for (let y = 0; y < height; y++) {
    for (let x = y * step; x < y * step + width; x++) words[x] = map(words[x]!);
  }
}
