/**
 * One-bit masks: which pixels of a region are painted. A mask comes as a one-bit bitmap on the wire, never compressed, and
 * may be kept in the image cache. It refines a region's rectangles to runs of set bits; it paints nothing itself.
 */

/** A bitmap of 1 bit a pixel. `data` may be a view of the message it came in: keep it with `keepMask`. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly strideBytes: number;
  /** Whether the least significant bit of a byte is the leftmost pixel. */
  readonly leastBitFirst: boolean;
  /** Whether the first stored row is the top one. */
  readonly topDown: boolean;
  readonly data: Uint8Array;
}

/** How a mask lies over a draw command: its pixel for destination (x, y) is (x + dx, y + dy). */
export interface PlacedMask {
  readonly mask: Mask;
  readonly dx: number;
  readonly dy: number;
  /** Paint where the bit is clear, still only inside the mask. */
  readonly inverted: boolean;
}

/** A copy that outlives the message. */
export function keepMask(mask: Mask): Mask {
  return { ...mask, data: mask.data.slice() };
}

/**
 * Calls `paint` for each run of pixels in the rectangle that the mask lets through, row by row. Outside the mask nothing
 * is painted, also when it is inverted.
 */
export function forEachRun(
  placed: PlacedMask,
  left: number,
  top: number,
  right: number,
  bottom: number,
  paint: (left: number, top: number, right: number, bottom: number) => void,
): void {
  const { mask, dx, dy } = placed;
  const wanted = placed.inverted ? 0 : 1;
  const firstX = Math.max(left, -dx);
  const endX = Math.min(right, mask.width - dx);
  const firstY = Math.max(top, -dy);
  const endY = Math.min(bottom, mask.height - dy);
  for (let y = firstY; y < endY; y++) {
    const row = (mask.topDown ? y + dy : mask.height - 1 - y - dy) * mask.strideBytes;
    let runStart = -1;
    for (let x = firstX; x < endX; x++) {
      const bitIndex = x + dx;
      const byte = mask.data[row + (bitIndex >>> 3)] ?? 0;
      const bit = (byte >>> (mask.leastBitFirst ? bitIndex & 7 : 7 - (bitIndex & 7))) & 1;
      if (bit === wanted) {
        if (runStart < 0) runStart = x;
      } else if (runStart >= 0) {
        paint(runStart, y, x, y + 1);
        runStart = -1;
      }
    }
    if (runStart >= 0) paint(runStart, y, endX, y + 1);
  }
}
