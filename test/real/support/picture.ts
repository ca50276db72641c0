// A picture as the real-server tests compare it: 8-bit RGB, rows top-down. It is deliberately not the client's PixelBuffer:
// what judges the client shares no code with it. The readers (PNG, PPM) end here, comparePixels starts here.

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** width * height * 3 bytes, R G B. */
  readonly rgb: Uint8Array;
}

/** One byte a pixel: 0 leaves the pixel out of a comparison, anything else takes it in. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

export interface Difference {
  readonly x: number;
  readonly y: number;
  readonly a: readonly [number, number, number];
  readonly b: readonly [number, number, number];
}

export interface Comparison {
  readonly equal: boolean;
  /** Pixels that were compared: all, or those the mask takes in. */
  readonly compared: number;
  readonly differing: number;
  readonly firstDifference: Difference | null;
  /** Of the differing pixels; right and bottom are one past the last. */
  readonly boundingBox: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number } | null;
}

/** Compares two pictures pixel for pixel. Throws when their sizes (or the mask's) differ: no answer would mean anything. */
export const comparePixels = (a: Picture, b: Picture, mask?: Mask): Comparison => {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`pictures of different sizes: ${a.width}x${a.height} and ${b.width}x${b.height}`);
  }
  if (mask && (mask.width !== a.width || mask.height !== a.height)) {
    throw new Error(`a ${mask.width}x${mask.height} mask for ${a.width}x${a.height} pictures`);
  }
  let compared = 0;
  let differing = 0;
  let firstDifference: Difference | null = null;
  let [left, top, right, bottom] = [a.width, a.height, 0, 0];
  for (let at = 0; at < a.width * a.height; at += 1) {
    if (mask && mask.values[at] === 0) continue;
    compared += 1;
    const o = at * 3;
    if (a.rgb[o] === b.rgb[o] && a.rgb[o + 1] === b.rgb[o + 1] && a.rgb[o + 2] === b.rgb[o + 2]) continue;
    differing += 1;
    const [x, y] = [at % a.width, Math.floor(at / a.width)];
    firstDifference ??= { x, y, a: colourAt(a, at), b: colourAt(b, at) };
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  }
  return { equal: differing === 0, compared, differing, firstDifference, boundingBox: differing === 0 ? null : { left, top, right, bottom } };
};

/** Share of the mask's pixels that are taken in, 0 to 1. */
export const maskShare = (mask: Mask): number => mask.values.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / mask.values.length;

/** How many different colours a picture has: a screen that shows nothing has one. */
export const colourCount = (picture: Picture): number => {
  const seen = new Set<number>();
  for (let o = 0; o < picture.rgb.length; o += 3) {
    seen.add(((picture.rgb[o] ?? 0) << 16) | ((picture.rgb[o + 1] ?? 0) << 8) | (picture.rgb[o + 2] ?? 0));
  }
  return seen.size;
};

const colourAt = ({ rgb }: Picture, at: number): [number, number, number] => [rgb[at * 3] ?? 0, rgb[at * 3 + 1] ?? 0, rgb[at * 3 + 2] ?? 0];
