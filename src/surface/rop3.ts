/**
 * Ternary raster operations (DRAW_ROP3): every bit of the result is a function of the same bit of a brush, a source and the
 * destination, and the code is that function's table. It works on one rectangle inside the target, like `blit.ts`.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { modulo } from './fill.ts';

/** A tile that repeats over the plane: its pixel (0, 0) lies at destination (originX, originY). */
export interface Tile {
  readonly pixels: PixelBuffer;
  readonly originX: number;
  readonly originY: number;
}

/** One pixel: bit `4·brush + 2·source + destination` of the code is the result, for each bit of the three. */
function applyRop3(code: number, brush: number, source: number, destination: number): number {
  // Choosing by the destination first leaves two bits, then one: no loop over the eight entries.
  const choose = (entry: number): number => (destination & -((code >>> (entry + 1)) & 1)) | (~destination & -((code >>> entry) & 1));
  const withBrush = (source & choose(6)) | (~source & choose(4));
  const without = (source & choose(2)) | (~source & choose(0));
  return ((brush & withBrush) | (~brush & without)) >>> 0;
}

/** True when the result does not depend on the source, so that a server may leave it away. */
export function ignoresSource(code: number): boolean {
  return (code & 0x33) === ((code >>> 2) & 0x33);
}

/** Paints a rectangle. The source pixel for (x, y) is (x + dx, y + dy); neither source nor tile may overlap the target. */
export function blitRop3(
  target: PixelBuffer, left: number, top: number, right: number, bottom: number, source: PixelBuffer, dx: number, dy: number, brush: Tile, code: number,
): void {
  const { words } = target;
  const stride = target.strideBytes >>> 2;
  const sourceStride = source.strideBytes >>> 2;
  const { pixels: tile, originX, originY } = brush;
  const tileStride = tile.strideBytes >>> 2;
  const startX = modulo(left - originX, tile.width);
  for (let y = top; y < bottom; y++) {
    const row = modulo(y - originY, tile.height) * tileStride;
    let from = (y + dy) * sourceStride + left + dx;
    let tileX = startX;
    for (let at = y * stride + left, end = y * stride + right; at < end; at++, from++) {
      words[at] = applyRop3(code, tile.words[row + tileX] ?? 0, source.words[from] ?? 0, words[at] ?? 0);
      if (++tileX === tile.width) tileX = 0;
    }
  }
}
