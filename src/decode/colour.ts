/**
 * Colours as 32-bit pixels: widening of 15-bit colours, and palettes turned into tables that any index may be looked up
 * in. It does not remember palettes; that is `palette-cache.ts`.
 */

import type { Palette } from '../protocol/messages/image.ts';

/** How the colours of palettes are stored: 16 on a 16-bit surface (low 15 bits, 5-5-5), 32 otherwise (0x00RRGGBB). */
export type ColourDepth = 16 | 32;

/** One x1r5g5b5 colour as 0x00RRGGBB; each channel is (v << 3) | (v >> 2). */
export function widen555(colour: number): number {
  const high = ((colour & 0x7c00) << 9) | ((colour & 0x03e0) << 6) | ((colour & 0x001f) << 3);
  return high | ((high >>> 5) & 0x070707);
}

/**
 * The palette as 256 pixels, so that no index of 8 bits or fewer can leave it. An index that the palette does not have
 * is black: peers pad rows with whatever bits they like, so it is not an error.
 */
export function colourTable(palette: Palette, depth: ColourDepth): Uint32Array {
  const table = new Uint32Array(256);
  const count = Math.min(palette.entries.length, 256);
  for (let i = 0; i < count; i++) {
    const colour = palette.entries[i]!;
    table[i] = depth === 16 ? widen555(colour) : colour & 0xffffff;
  }
  return table;
}
