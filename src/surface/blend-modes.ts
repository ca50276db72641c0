/**
 * The blend modes of PDF that DRAW_COMPOSITE has behind Porter and Duff's operators: where both pictures are, their colours meet in
 * a function; where only one is, it shows. The separable ones that need no division are computed in whole numbers and the others in
 * fractions, as the reference renderer (pixman) does.
 */
import { byteOfFraction, times as byteTimes } from './porter-duff.ts';
import type { PixelMix } from './porter-duff.ts';

/** The first blend mode's operator number. */
export const blendModesStart = 48;

/** A function of two premultiplied bytes and their alphas, times 255: what the common part contributes. */
type WholeBlend = (source: number, sourceAlpha: number, below: number, belowAlpha: number) => number;
/** The same in fractions of 1. */
type FractionBlend = WholeBlend;

const screen: WholeBlend = (s, sa, d, da) => s * da + d * sa - s * d;
const overlay: WholeBlend = (s, sa, d, da) => (2 * d < da ? 2 * s * d : sa * da - 2 * (da - d) * (sa - s));
const darken: WholeBlend = (s, sa, d, da) => Math.min(s * da, d * sa);
const lighten: WholeBlend = (s, sa, d, da) => Math.max(s * da, d * sa);
const hardLight: WholeBlend = (s, sa, d, da) => (2 * s < sa ? 2 * s * d : sa * da - 2 * (da - d) * (sa - s));
const difference: WholeBlend = (s, sa, d, da) => Math.abs(d * sa - s * da);
const exclusion: WholeBlend = (s, sa, d, da) => s * da + d * sa - 2 * d * s;

const colorDodge: FractionBlend = (s, sa, d, da) => {
  if (d === 0) return 0;
  if (d * sa >= sa * da - s * da) return sa * da;
  return sa === s ? sa * da : (sa * d) / (1 - s / sa);
};
const colorBurn: FractionBlend = (s, sa, d, da) => {
  if (d >= da) return sa * da;
  if (sa * (da - d) >= s * da) return 0;
  return s === 0 ? 0 : sa * (da - (sa * (da - d)) / s);
};
const softLight: FractionBlend = (s, sa, d, da) => {
  if (da === 0) return d * sa;
  if (2 * s < sa) return d * sa - (d * (da - d) * (sa - 2 * s)) / da;
  if (4 * d <= da) return d * sa + (2 * s - sa) * d * ((16 * d / da - 12) * (d / da) + 3);
  return d * sa + (Math.sqrt(d * da) - d) * (2 * s - sa);
};

const wholeModes: readonly (WholeBlend | null)[] = [null, screen, overlay, darken, lighten, null, null, hardLight, null, difference, exclusion];
const fractionModes: Readonly<Record<number, FractionBlend>> = { 5: colorDodge, 6: colorBurn, 8: softLight };

type Colour = readonly [number, number, number];
const luminosity = ([r, g, b]: Colour): number => 0.3 * r + 0.59 * g + 0.11 * b;
const saturation = (colour: Colour): number => Math.max(...colour) - Math.min(...colour);

/** The colour with another luminosity, its saturation cut so that it stays between 0 and alpha. */
function withLuminosity(colour: Colour, alpha: number, wanted: number): Colour {
  const shift = wanted - luminosity(colour);
  const moved: Colour = [colour[0] + shift, colour[1] + shift, colour[2] + shift];
  const light = luminosity(moved);
  const [least, most] = [Math.min(...moved), Math.max(...moved)];
  const towards = (scale: number): Colour => [light + (moved[0] - light) * scale, light + (moved[1] - light) * scale, light + (moved[2] - light) * scale];
  if (least < 0) return light - least < 1e-9 ? [0, 0, 0] : towards(light / (light - least));
  if (most > alpha) return most - light < 1e-9 ? [alpha, alpha, alpha] : towards((alpha - light) / (most - light));
  return moved;
}

/** The colour with another saturation: its least part becomes 0, its largest `wanted`. */
function withSaturation(colour: Colour, wanted: number): Colour {
  const [least, range] = [Math.min(...colour), saturation(colour)];
  const scale = range === 0 ? 0 : wanted / range;
  return [(colour[0] - least) * scale, (colour[1] - least) * scale, (colour[2] - least) * scale];
}

const times = ([r, g, b]: Colour, factor: number): Colour => [r * factor, g * factor, b * factor];

/** Hue, saturation, colour and luminosity: the three bytes together, scaled by both alphas. */
function mixHsl(mode: number, s: Colour, sa: number, d: Colour, da: number): Colour {
  const both = sa * da;
  switch (mode) {
    case 11:
      return withLuminosity(withSaturation(times(s, da), saturation(d) * sa), both, luminosity(d) * sa);
    case 12:
      return withLuminosity(withSaturation(times(d, sa), saturation(s) * da), both, luminosity(d) * sa);
    case 13:
      return withLuminosity(times(s, da), both, luminosity(d) * sa);
    default:
      return withLuminosity(times(d, sa), both, luminosity(s) * da);
  }
}

/** The mode's mix; null for a number that is none. */
export function blendMode(operator: number): PixelMix | null {
  const mode = operator - blendModesStart;
  if (mode < 0 || mode > 14) return null;
  if (mode === 0) return multiply;
  const whole = wholeModes[mode] ?? null;
  if (whole !== null) return (source, alphas, below) => mixWhole(whole, source, alphas, below);
  const fraction = fractionModes[mode];
  if (fraction !== undefined) return (source, alphas, below) => mixFractions(source, alphas, below, (s, sa, d, da) => [0, 1, 2].map((at) => fraction(s[at] ?? 0, sa[at] ?? 0, d[at] ?? 0, da)));
  return (source, alphas, below) => mixFractions(source, alphas, below, (s, sa, d, da) => mixHsl(mode, s, sa[3], d, da));
}

/** Alone among the modes it rounds every product by itself. */
function multiply(source: number, alphas: number, below: number): number {
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const [s, d] = [byteOf(source, shift), byteOf(below, shift)];
    const shares = Math.min(255, byteTimes(s, 255 - byteOf(below, 24)) + byteTimes(d, 255 - byteOf(alphas, shift)));
    word |= Math.min(255, shares + byteTimes(s, d)) << shift;
  }
  return word >>> 0;
}

const byteOf = (word: number, shift: number): number => (word >>> shift) & 255;
const byteOf255ths = (value: number): number => Math.floor((Math.min(65_025, Math.max(0, value)) + 128 + ((Math.floor(Math.min(65_025, Math.max(0, value))) + 128) >>> 8)) / 256);

function mixWhole(blend: WholeBlend, source: number, alphas: number, below: number): number {
  const da = byteOf(below, 24);
  let word = 0;
  for (const shift of [0, 8, 16]) {
    const [s, sa, d] = [byteOf(source, shift), byteOf(alphas, shift), byteOf(below, shift)];
    word |= byteOf255ths((255 - sa) * d + (255 - da) * s + blend(s, sa, d, da)) << shift;
  }
  const sa = byteOf(alphas, 24);
  return (word | (byteOf255ths(255 * da + 255 * sa - sa * da) << 24)) >>> 0;
}

type Alphas = readonly [number, number, number, number];
type ColourBlend = (source: Colour, sourceAlphas: Alphas, below: Colour, belowAlpha: number) => readonly number[];

function mixFractions(source: number, alphas: number, below: number, blend: ColourBlend): number {
  const unit = (word: number, shift: number): number => byteOf(word, shift) / 255;
  const s: Colour = [unit(source, 16), unit(source, 8), unit(source, 0)];
  const d: Colour = [unit(below, 16), unit(below, 8), unit(below, 0)];
  const sa: Alphas = [unit(alphas, 16), unit(alphas, 8), unit(alphas, 0), unit(alphas, 24)];
  const da = unit(below, 24);
  const common = blend(s, sa, d, da);
  let word = byteOfFraction(sa[3] + da - sa[3] * da) << 24;
  for (let at = 0; at < 3; at++) {
    const value = (1 - (sa[at] ?? 0)) * (d[at] ?? 0) + (1 - da) * (s[at] ?? 0) + (common[at] ?? 0);
    word |= byteOfFraction(value) << (16 - 8 * at);
  }
  return word >>> 0;
}
