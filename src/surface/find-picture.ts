/**
 * Finds a small picture on a surface: the first place, in reading order, where enough of its pixels are alike. Pixels of the small picture
 * that are more transparent than not are free. It looks at the surface as it is; who needs a picture that holds still gives a copy.
 */
import type { PixelRect } from './fingerprint.ts';
import type { PngPicture } from './png-picture.ts';

/** Rows top-down without padding, 4 bytes a pixel: B, G, R, X. */
export interface SearchedPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface FindOptions {
  /** The template lies inside of it. */
  readonly within: PixelRect;
  /** Steps of 256 by which each of a pixel's colours may differ. */
  readonly tolerance: number;
  /** The share of the template's pixels that may differ by more. */
  readonly differing: number;
  /** Whether the search goes on; asked now and then. */
  readonly mayGoOn: () => boolean;
}

export type Found = { readonly kind: 'found'; readonly x: number; readonly y: number } | { readonly kind: 'absent' } | { readonly kind: 'gaveUp' };

/** A pixel of the template, packed as B | G << 8 | R << 16, with its place. */
interface Probes {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly colour: Int32Array;
}

export function findPicture(picture: SearchedPicture, template: PngPicture, options: FindOptions): Found {
  const { within, tolerance } = options;
  const probes = probesOf(template);
  const count = probes.colour.length;
  const differingMax = Math.floor(count * options.differing);
  const words = new Int32Array(picture.pixels.buffer, picture.pixels.byteOffset, picture.width * picture.height);
  const offsets = Int32Array.from(probes.x, (x, at) => (probes.y[at] ?? 0) * picture.width + x);
  const endX = Math.min(within.right, picture.width) - template.width;
  const endY = Math.min(within.bottom, picture.height) - template.height;
  for (let y = within.top; y <= endY; y++) {
    if (!options.mayGoOn()) return { kind: 'gaveUp' };
    for (let x = within.left; x <= endX; x++) {
      const origin = y * picture.width + x;
      let differing = 0;
      for (let at = 0; at < count && differing <= differingMax; at++) {
        if (!isAlike(words[origin + (offsets[at] ?? 0)] ?? 0, probes.colour[at] ?? 0, tolerance)) differing += 1;
      }
      if (differing <= differingMax) return { kind: 'found', x, y };
    }
  }
  return { kind: 'absent' };
}

function isAlike(one: number, other: number, tolerance: number): boolean {
  if (((one ^ other) & 0x00ff_ffff) === 0) return true;
  if (tolerance === 0) return false;
  return (
    Math.abs((one & 0xff) - (other & 0xff)) <= tolerance &&
    Math.abs(((one >>> 8) & 0xff) - ((other >>> 8) & 0xff)) <= tolerance &&
    Math.abs(((one >>> 16) & 0xff) - ((other >>> 16) & 0xff)) <= tolerance
  );
}

/**
 * The opaque pixels, one of each colour first and the rare colours before the common: most of a screen is one colour, and a place that is
 * not the right one should be known by its first pixels.
 */
function probesOf({ width, height, rgba }: PngPicture): Probes {
  const places = new Map<number, number[]>();
  for (let at = 0; at < width * height; at++) {
    if ((rgba[at * 4 + 3] ?? 0) < 128) continue;
    const colour = ((rgba[at * 4] ?? 0) << 16) | ((rgba[at * 4 + 1] ?? 0) << 8) | (rgba[at * 4 + 2] ?? 0);
    const known = places.get(colour);
    if (known === undefined) places.set(colour, [at]);
    else known.push(at);
  }
  const rareFirst = [...places].toSorted(([, one], [, other]) => one.length - other.length);
  const ordered = [
    ...rareFirst.map(([colour, [first = 0]]) => [colour, first] as const),
    ...rareFirst.flatMap(([colour, [, ...rest]]) => rest.map((at) => [colour, at] as const)),
  ];
  return {
    x: Int32Array.from(ordered, ([, at]) => at % width),
    y: Int32Array.from(ordered, ([, at]) => Math.floor(at / width)),
    colour: Int32Array.from(ordered, ([colour]) => colour),
  };
}
