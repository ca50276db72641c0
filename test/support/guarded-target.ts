// A target for decoders inside larger memory whose other bytes are known: rows are apart, and there is memory before and
// after. Whatever a decoder does, those bytes must stay.
import { pixelBufferOver } from '#app/decode/pixel-buffer.js';
import type { PixelBuffer } from '#app/decode/pixel-buffer.js';

const guardByte = 0xa5;
const guardBytes = 256;

export interface GuardedTarget {
  readonly target: PixelBuffer;
  /** The pixels alone, rows packed. */
  readonly packed: () => Uint8Array;
  /** How many guard bytes were written to. */
  readonly damage: () => number;
}

/** @param rowGapBytes bytes between rows, a multiple of 4; with 0 the target is packed */
export function createGuardedTarget(width: number, height: number, rowGapBytes: number): GuardedTarget {
  const stride = width * 4 + rowGapBytes;
  const memory = new Uint8Array(guardBytes * 2 + stride * height).fill(guardByte);
  const target = pixelBufferOver(memory.buffer, guardBytes, width, height, stride);
  const isPixel = (at: number) => {
    const inside = at - guardBytes;
    return inside >= 0 && inside < stride * height && inside % stride < width * 4;
  };
  return {
    target,
    packed: () => {
      const bytes = new Uint8Array(width * height * 4);
      for (let y = 0; y < height; y++) bytes.set(memory.subarray(guardBytes + y * stride, guardBytes + y * stride + width * 4), y * width * 4);
      return bytes;
    },
    damage: () => memory.reduce((count, byte, at) => (byte !== guardByte && !isPixel(at) ? count + 1 : count), 0),
  };
}
