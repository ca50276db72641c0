/**
 * Porter and Duff's operators on premultiplied pixels, and their disjoint and conjoint forms (X Render): each is a sum of shares of
 * source and destination, computed as the reference renderer (pixman) does: in bytes, every product rounded by itself and sums
 * saturated, and the disjoint and conjoint ones in fractions.
 */
import { addSaturated, scalePixel } from './alpha-blend.ts';

/** Where the operators' numbers begin: twelve of Porter and Duff with ADD and SATURATE, twelve disjoint, twelve conjoint. */
const firstDisjoint = 16;
const firstConjoint = 32;

/** A share of a pixel: from the alpha of its own picture and that of the other, 0 to 1 or 0 to 255. */
type Share = (own: number, other: number) => number;

/** The twelve operators from shares of what is inside and what is outside of the other picture. */
function operatorsOf(none: Share, all: Share, inside: Share, outside: Share): readonly (readonly [Share, Share])[] {
  return [
    [none, none], [all, none], [none, all], [all, outside], [outside, all], [inside, none],
    [none, inside], [outside, none], [none, outside], [inside, outside], [outside, inside], [outside, outside],
  ];
}

const none: Share = () => 0;
const wholeByte: Share = () => 255;
/** As much of the source as there is room for: `(255 − other) / own` of it. */
const room: Share = (own, other) => (own <= 255 - other ? 255 : Math.floor(((255 - other) * 255 + (own >>> 1)) / own));
const plain = [...operatorsOf(none, wholeByte, (_own, other) => other, (_own, other) => 255 - other), [wholeByte, wholeByte] as const, [room, wholeByte] as const];

const wholeUnit: Share = () => 1;
/** Disjoint: the two pictures cover different parts of the pixel as long as they can. */
const disjointOut: Share = (own, other) => (own === 0 ? 1 : Math.min(1, (1 - other) / own));
const disjoint = operatorsOf(none, wholeUnit, (own, other) => 1 - disjointOut(own, other), disjointOut);
/** Conjoint: the one covers the other as far as it can. */
const conjointIn: Share = (own, other) => (own === 0 ? 1 : Math.min(1, other / own));
const conjoint = operatorsOf(none, wholeUnit, conjointIn, (own, other) => 1 - conjointIn(own, other));

/** Mixes two premultiplied pixels, whose alpha is real. `alphas` are the source's alphas, one for each byte of the destination to weigh it with. */
export type PixelMix = (source: number, alphas: number, destination: number) => number;

/** The operator's mix; null for a number that is none of these. */
export function porterDuff(operator: number): PixelMix | null {
  const bytes = plain[operator];
  if (bytes !== undefined) return (source, alphas, destination) => mixBytes(bytes, source, alphas, destination);
  const fractions = operator >= firstConjoint ? conjoint[operator - firstConjoint] : disjoint[operator - firstDisjoint];
  return fractions === undefined ? null : (source, alphas, destination) => mixFractions(fractions, source, alphas, destination);
}

function mixBytes([ofSource, ofDestination]: readonly [Share, Share], source: number, alphas: number, destination: number): number {
  const below = destination >>> 24;
  const alpha = alphas >>> 24;
  if (alphas === Math.imul(alpha, 0x0101_0101) >>> 0) {
    return addSaturated(scalePixel(source, ofSource(alpha, below)), scalePixel(destination, ofDestination(below, alpha))) >>> 0;
  }
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const own = (alphas >>> shift) & 255;
    const sum = times((source >>> shift) & 255, ofSource(own, below)) + times((destination >>> shift) & 255, ofDestination(below, own));
    word |= Math.min(255, sum) << shift;
  }
  return word >>> 0;
}

function mixFractions([ofSource, ofDestination]: readonly [Share, Share], source: number, alphas: number, destination: number): number {
  const below = (destination >>> 24) / 255;
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const own = ((alphas >>> shift) & 255) / 255;
    word |= byteOfFraction((((source >>> shift) & 255) / 255) * ofSource(own, below) + (((destination >>> shift) & 255) / 255) * ofDestination(below, own)) << shift;
  }
  return word >>> 0;
}

/** 256 steps from 0 to 1, of which the last is 1 alone. */
export function byteOfFraction(value: number): number {
  const scaled = Math.floor(Math.min(1, Math.max(0, value)) * 256);
  return scaled - (scaled >>> 8);
}

/** `a · b / 255`, rounded. */
export function times(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >>> 8)) >>> 8;
}
