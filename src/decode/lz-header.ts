/**
 * The headers of LZ and GLZ streams: which pixels, how many, which row first. Big-endian, unlike the rest of SPICE.
 * Reading one allocates nothing and believes nothing: sizes are compared with the target and with the bytes at hand.
 */
import { DecodeError } from './decode-error.ts';
import type { PixelBuffer } from './pixel-buffer.ts';

/** The pixel types that LZ and GLZ number alike. */
export const lzType = {
  plt1Le: 1,
  plt1Be: 2,
  plt4Le: 3,
  plt4Be: 4,
  plt8: 5,
  rgb16: 6,
  rgb24: 7,
  rgb32: 8,
  rgba: 9,
  xxxa: 10,
  a8: 11,
} as const;

/** Bytes before the first control byte. */
export const lzHeaderBytes = 28;
export const glzHeaderBytes = 33;

const magic = 0x20205a4c;
const version = 0x00010001;

export interface LzHeader {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  /** Bytes a row in the encoder's memory; says how many units palette types have. */
  readonly stride: number;
  readonly topDown: boolean;
}

export interface GlzHeader extends LzHeader {
  /** The dictionary's own count of images, not the descriptor's id. */
  readonly imageId: number;
  /** The oldest image that may still be referred to is `imageId - windowHeadDistance`. */
  readonly windowHeadDistance: number;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function checkMagic(bytes: Uint8Array, headerBytes: number): void {
  if (bytes.length < headerBytes) throw new DecodeError('truncated', 'lz.header', bytes.length, headerBytes);
  if (u32(bytes, 0) !== magic) throw new DecodeError('badHeader', 'lz.magic', u32(bytes, 0), magic);
  if (u32(bytes, 4) !== version) throw new DecodeError('badHeader', 'lz.version', u32(bytes, 4), version);
}

/** @throws DecodeError `truncated`, `badHeader` */
export function readLzHeader(bytes: Uint8Array): LzHeader {
  checkMagic(bytes, lzHeaderBytes);
  return {
    type: u32(bytes, 8),
    width: u32(bytes, 12),
    height: u32(bytes, 16),
    stride: u32(bytes, 20),
    topDown: u32(bytes, 24) !== 0,
  };
}

/** @throws DecodeError `truncated`, `badHeader`, `oversize` for an image id that no number can count to */
export function readGlzHeader(bytes: Uint8Array): GlzHeader {
  checkMagic(bytes, glzHeaderBytes);
  const imageIdHigh = u32(bytes, 21);
  // A count from 0 never gets here; beyond 2^53 ids would no longer be exact.
  if (imageIdHigh >= 0x200000) throw new DecodeError('oversize', 'glz.imageId.high', imageIdHigh, 0x1fffff);
  return {
    type: bytes[8]! & 15,
    topDown: (bytes[8]! & 16) !== 0,
    width: u32(bytes, 9),
    height: u32(bytes, 13),
    stride: u32(bytes, 17),
    imageId: imageIdHigh * 0x1_0000_0000 + u32(bytes, 25),
    windowHeadDistance: u32(bytes, 29),
  };
}

/**
 * Checks the header against the target, which the caller made after checking the descriptor's size, and against what
 * the bytes can hold at the very best: one byte of a match's length makes 255 units.
 * @throws DecodeError `sizeMismatch`, `oversize`
 */
export function checkLzSize(header: LzHeader, target: PixelBuffer, units: number, bytes: number): void {
  if (header.width !== target.width) throw new DecodeError('sizeMismatch', 'lz.width', header.width, target.width);
  if (header.height !== target.height) throw new DecodeError('sizeMismatch', 'lz.height', header.height, target.height);
  if (units > bytes * 255) throw new DecodeError('oversize', 'lz.units', units, bytes * 255);
}
