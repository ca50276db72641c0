/**
 * The pixel formats that SURFACE_CREATE can name, and which of them can be drawn on here. It says nothing about image
 * formats: those are the decoders' business, and everything they make is 32 bits a pixel.
 */

/** Format numbers of SURFACE_CREATE (protocol section "Surfaces"). */
export const surfaceFormat = {
  /** 1-bit alpha. */
  a1: 1,
  /** 8-bit alpha. */
  a8: 8,
  /** x1r5g5b5. */
  rgb555: 16,
  /** Bytes B, G, R, x: the fourth byte means nothing. */
  xrgb: 32,
  /** r5g6b5. */
  rgb565: 80,
  /** Bytes B, G, R, A with premultiplied colour. */
  argb: 96,
} as const;

/** Whether surfaces of this format have pixels here. Others are known by id only, and what is drawn on them is a gap. */
export function isDrawableFormat(format: number): boolean {
  return format === surfaceFormat.xrgb || format === surfaceFormat.argb;
}
