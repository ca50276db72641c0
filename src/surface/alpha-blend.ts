/**
 * Source over destination with a constant opacity, on premultiplied pixels, rounded exactly as the reference renderer
 * rounds (pixman: (a·b + 128) with its high byte added back, saturating sums). It works on one rectangle that lies inside
 * both target and source, like `blit.ts`.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { modulo } from './fill.ts';
import type { Coverage } from './glyph-coverage.ts';
import type { Tile } from './rop3.ts';

/** What the fourth bytes mean in one blend. */
export interface BlendAlpha {
  /** Constant opacity, 0 to 255, on top of the source's own alpha. */
  readonly opacity: number;
  /** False: the source counts as opaque, whatever its fourth bytes hold. */
  readonly sourceHasAlpha: boolean;
  /** False: the target's fourth bytes are left alone. */
  readonly targetHasAlpha: boolean;
}

/** Blends a rectangle. The source pixel for (x, y) is (x + dx, y + dy). */
export function blendOver(
  target: PixelBuffer,
  left: number,
  top: number,
  right: number,
  bottom: number,
  source: PixelBuffer,
  dx: number,
  dy: number,
  alpha: BlendAlpha,
): void {
  const { words } = target;
  const sourceWords = source.words;
  const stride = target.strideBytes >>> 2;
  const sourceStride = source.strideBytes >>> 2;
  const opaqueMask = alpha.sourceHasAlpha ? 0 : 0xff_00_00_00;
  const keptMask = alpha.targetHasAlpha ? 0 : 0xff_00_00_00;
  for (let y = top; y < bottom; y++) {
    let from = (y + dy) * sourceStride + left + dx;
    for (let at = y * stride + left, end = y * stride + right; at < end; at++, from++) {
      const below = words[at] ?? 0;
      const above = scalePixel((sourceWords[from] ?? 0) | opaqueMask, alpha.opacity);
      const mixed = addSaturated(scalePixel(below, 255 - (above >>> 24)), above);
      words[at] = (mixed & ~keptMask) | (below & keptMask);
    }
  }
}

/** All four bytes times factor / 255, each rounded; two bytes at a time in one word. */
export function scalePixel(pixel: number, factor: number): number {
  if (factor === 255) return pixel;
  // `imul` keeps the product in 32 bits, where it fits as an unsigned number; `*` would make a double of it.
  let even = (Math.imul(pixel & 0xff_00_ff, factor) + 0x80_00_80) | 0;
  even = ((even + ((even >>> 8) & 0xff_00_ff)) >>> 8) & 0xff_00_ff;
  let odd = (Math.imul((pixel >>> 8) & 0xff_00_ff, factor) + 0x80_00_80) | 0;
  odd = (odd + ((odd >>> 8) & 0xff_00_ff)) & 0xff_00_ff_00;
  return odd | even;
}

/** Byte by byte sums that stop at 255: sources that are not properly premultiplied would wrap otherwise. */
export function addSaturated(a: number, b: number): number {
  let even = (a & 0xff_00_ff) + (b & 0xff_00_ff);
  even |= 0x1_00_01_00 - ((even >>> 8) & 0xff_00_ff);
  let odd = ((a >>> 8) & 0xff_00_ff) + ((b >>> 8) & 0xff_00_ff);
  odd |= 0x1_00_01_00 - ((odd >>> 8) & 0xff_00_ff);
  return (even & 0xff_00_ff) | ((odd & 0xff_00_ff) << 8);
}

/**
 * Lays an opaque brush over a rectangle as far as it is covered: 0 leaves a pixel, 255 replaces it.
 * @param keepsAlpha the target's fourth bytes are left alone
 */
export function blendCovered(target: PixelBuffer, left: number, top: number, right: number, bottom: number, brush: Tile, coverage: Coverage, keepsAlpha: boolean): void {
  const { words } = target;
  const stride = target.strideBytes >>> 2;
  const { pixels: tile, originX, originY } = brush;
  const { covers, values } = coverage;
  const keptMask = keepsAlpha ? 0xff_00_00_00 : 0;
  for (let y = top; y < bottom; y++) {
    const row = modulo(y - originY, tile.height) * (tile.strideBytes >>> 2);
    const from = (y - covers.top) * (covers.right - covers.left) - covers.left;
    for (let x = left; x < right; x++) {
      const value = values[from + x] ?? 0;
      if (value === 0) continue;
      const at = y * stride + x;
      const below = words[at] ?? 0;
      const color = (tile.words[row + modulo(x - originX, tile.width)] ?? 0) | 0xff_00_00_00;
      const mixed = addSaturated(scalePixel(below, 255 - value), scalePixel(color, value));
      words[at] = (mixed & ~keptMask) | (below & keptMask);
    }
  }
}
