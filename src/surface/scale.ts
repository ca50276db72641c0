/**
 * Scaling by the nearest pixel: a part of a picture is brought to the size of a draw command's box, and only as much of it
 * as will be painted. Interpolated scaling is not done here. Positions are computed in 16.16 fixed point as the reference
 * renderer (pixman) does, so that the same pixels are chosen.
 */
import { createPixelBuffer } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Rect } from '../protocol/messages/draw.ts';
import { emptyRect } from './region.ts';

/** A scaled part: the picture's first pixel belongs at (left, top) of `covers`, in destination coordinates. */
export interface ScaledPart {
  readonly picture: PixelBuffer;
  readonly covers: Rect;
}

/**
 * Scales `area` of `source` to `box`, and makes the pixels of `wanted` (inside the box). Pixels whose position falls
 * outside the source do not exist: `covers` is the rest. Null when nothing is left.
 */
export function scaleNearest(source: PixelBuffer, area: Rect, box: Rect, wanted: Rect): ScaledPart | null {
  const columns = positions(area.left, area.right - area.left, box.left, box.right - box.left, wanted.left, wanted.right, source.width);
  const rows = positions(area.top, area.bottom - area.top, box.top, box.bottom - box.top, wanted.top, wanted.bottom, source.height);
  const covers = columns === null || rows === null ? emptyRect : { top: rows.first, left: columns.first, bottom: rows.end, right: columns.end };
  if (columns === null || rows === null) return null;
  const width = covers.right - covers.left;
  const height = covers.bottom - covers.top;
  const picture = createPixelBuffer(width, height);
  const sourceStride = source.strideBytes >>> 2;
  for (let y = 0; y < height; y++) {
    const from = (rows.at[y] ?? 0) * sourceStride;
    const to = y * width;
    for (let x = 0; x < width; x++) picture.words[to + x] = source.words[from + (columns.at[x] ?? 0)] ?? 0;
  }
  return { picture, covers };
}

/**
 * For each destination coordinate in [from, to) the source coordinate, along one axis. The coordinates that exist in the
 * source are one run [first, end), because positions only grow.
 */
function positions(
  areaStart: number,
  areaSize: number,
  boxStart: number,
  boxSize: number,
  from: number,
  to: number,
  sourceSize: number,
): { at: Int32Array; first: number; end: number } | null {
  if (areaSize <= 0 || boxSize <= 0) return null;
  const step = Math.floor((areaSize * 65_536) / boxSize);
  const half = Math.floor((step + 1) / 2);
  const at = new Int32Array(Math.max(0, to - from));
  let count = 0;
  let first = from;
  for (let i = from; i < to; i++) {
    // The centre of the pixel, less the smallest step: a centre exactly between two source pixels chooses the lower one.
    const position = areaStart + Math.floor(((i - boxStart) * step + half - 1) / 65_536);
    if (position < 0) {
      first = i + 1;
    } else if (position < sourceSize) {
      at[count++] = position;
    } else {
      break;
    }
  }
  return count === 0 ? null : { at: at.subarray(0, count), first, end: first + count };
}
