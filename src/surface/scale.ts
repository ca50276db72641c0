/**
 * Scaling, by the nearest pixel or by interpolating between four: a part of a picture is brought to the size of a draw
 * command's box, and only as much of it as will be painted. Positions are computed in 16.16 fixed point, and weights in
 * 7 bits, as the reference renderer (pixman) does, so that the same pixels come out.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import type { Rect } from '../protocol/messages/draw.ts';

/** A scaled part: the picture's first pixel belongs at (left, top) of `covers`, in destination coordinates. */
export interface ScaledPart {
  readonly picture: PixelBuffer;
  readonly covers: Rect;
}

/** Where the scaled pixels go: memory of their own, zeroed; null when there is none to be had. */
export type MakeBuffer = (width: number, height: number) => PixelBuffer | null;

/**
 * Scales `area` of `source` to `box`, and makes the pixels of `wanted` (inside the box). Pixels whose position falls
 * outside the source do not exist: `covers` is the rest. Null when nothing is left, or no memory for it.
 */
export function scaleNearest(source: PixelBuffer, area: Rect, box: Rect, wanted: Rect, make: MakeBuffer): ScaledPart | null {
  const columns = positions(area.left, area.right - area.left, box.left, box.right - box.left, wanted.left, wanted.right, source.width);
  const rows = positions(area.top, area.bottom - area.top, box.top, box.bottom - box.top, wanted.top, wanted.bottom, source.height);
  if (columns === null || rows === null) return null;
  const covers = { top: rows.first, left: columns.first, bottom: rows.end, right: columns.end };
  const width = covers.right - covers.left;
  const height = covers.bottom - covers.top;
  const picture = make(width, height);
  if (picture === null) return null;
  const sourceStride = source.strideBytes >>> 2;
  for (let y = 0; y < height; y++) {
    const from = (rows.at[y] ?? 0) * sourceStride;
    const to = y * width;
    for (let x = 0; x < width; x++) picture.words[to + x] = source.words[from + (columns.at[x] ?? 0)] ?? 0;
  }
  return { picture, covers };
}

/**
 * Scales `area` of `source` to `box` by bilinear interpolation, and makes the pixels of `wanted` (inside the box). Around
 * the source lies transparent black, which dims the outermost pixels, as in the reference. Null when there is no area, or no memory for it.
 */
export function scaleBilinear(source: PixelBuffer, sourceHasAlpha: boolean, area: Rect, box: Rect, wanted: Rect, make: MakeBuffer): ScaledPart | null {
  const columns = lerps(area.left, area.right - area.left, box.left, box.right - box.left, wanted.left, wanted.right, source.width);
  const rows = lerps(area.top, area.bottom - area.top, box.top, box.bottom - box.top, wanted.top, wanted.bottom, source.height);
  if (columns === null || rows === null) return null;
  const width = wanted.right - wanted.left;
  const height = wanted.bottom - wanted.top;
  const picture = make(width, height);
  if (picture === null) return null;
  const stride = source.strideBytes >>> 2;
  const opaque = sourceHasAlpha ? 0 : 0xff_00_00_00;
  const pixelAt = (row: number, column: number): number => {
    const inside = row >= 0 && row < source.height && column >= 0 && column < source.width;
    return inside ? (source.words[row * stride + column] ?? 0) | opaque : 0;
  };
  for (let y = 0; y < height; y++) {
    const row = rows.at[y] ?? 0;
    const down = rows.weight[y] ?? 0;
    for (let x = 0; x < width; x++) {
      const column = columns.at[x] ?? 0;
      const right = columns.weight[x] ?? 0;
      const above = mixPixels(pixelAt(row, column), pixelAt(row, column + 1), right);
      const below = mixPixels(pixelAt(row + 1, column), pixelAt(row + 1, column + 1), right);
      picture.words[y * width + x] =
        mixBytes(above.blue, below.blue, down) |
        (mixBytes(above.green, below.green, down) << 8) |
        (mixBytes(above.red, below.red, down) << 16) |
        (mixBytes(above.alpha, below.alpha, down) << 24);
    }
  }
  return { picture, covers: wanted };
}

/** Weights of an interpolation are 0 to 127 of this. */
const weightUnit = 128;

/** The four bytes of two pixels side by side, weighted, still times `weightUnit`. */
interface WeightedPixel {
  readonly blue: number;
  readonly green: number;
  readonly red: number;
  readonly alpha: number;
}

function mixPixels(left: number, right: number, weight: number): WeightedPixel {
  const rest = weightUnit - weight;
  return {
    blue: (left & 255) * rest + (right & 255) * weight,
    green: ((left >>> 8) & 255) * rest + ((right >>> 8) & 255) * weight,
    red: ((left >>> 16) & 255) * rest + ((right >>> 16) & 255) * weight,
    alpha: (left >>> 24) * rest + (right >>> 24) * weight,
  };
}

function mixBytes(above: number, below: number, weight: number): number {
  return (above * (weightUnit - weight) + below * weight) >>> 14;
}

/**
 * For each destination coordinate in [from, to) the first of the two source coordinates that it lies between, and the
 * weight of the second. Coordinates outside of the source by more than a pixel are all -2: nothing is there.
 */
function lerps(
  areaStart: number,
  areaSize: number,
  boxStart: number,
  boxSize: number,
  from: number,
  to: number,
  sourceSize: number,
): { at: Int32Array; weight: Uint8Array } | null {
  if (areaSize <= 0 || boxSize <= 0) return null;
  const { step, half } = stepOf(areaSize, boxSize);
  const at = new Int32Array(to - from);
  const weight = new Uint8Array(to - from);
  for (let i = from; i < to; i++) {
    // Pixels are points at their centres here, half a pixel in.
    const position = (i - boxStart) * step + half - 32_768;
    const whole = Math.floor(position / 65_536);
    const first = areaStart + whole;
    at[i - from] = first >= -1 && first < sourceSize ? first : -2;
    weight[i - from] = Math.floor((position - whole * 65_536) / 512);
  }
  return { at, weight };
}

/** The distance between two destination pixels in the source, and half of it, in 1/65536 of a pixel. */
function stepOf(areaSize: number, boxSize: number): { step: number; half: number } {
  const step = Math.floor((areaSize * 65_536) / boxSize);
  return { step, half: Math.floor((step + 1) / 2) };
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
  const { step, half } = stepOf(areaSize, boxSize);
  const at = new Int32Array(to - from);
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
