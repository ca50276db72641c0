/**
 * COMPOSITE on one rectangle: source, masked, meets destination in an operator. Rows are read through samplers into rows of memory
 * and mixed there; the operators that text and windows are drawn with have loops of their own. Clipping is done before.
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { addSaturated, scalePixel } from './alpha-blend.ts';
import { blendMode, blendModesStart } from './blend-modes.ts';
import { porterDuff, times } from './porter-duff.ts';
import type { PixelMix } from './porter-duff.ts';
import { sampleRow } from './sampler.ts';
import type { Sampled } from './sampler.ts';

const Operator = { src: 1, over: 3 } as const;

export interface Composition {
  readonly operator: number;
  readonly source: Sampled;
  readonly mask: Sampled | null;
  /** The mask's bytes weigh the source's one by one, instead of its alpha weighing all four. */
  readonly componentAlpha: boolean;
  /** False: the destination counts as opaque, and its fourth bytes are left alone. */
  readonly targetHasAlpha: boolean;
}

/** Rows to work in, each at least as long as the rectangle is wide. */
export interface CompositeRows {
  readonly source: Uint32Array;
  readonly mask: Uint32Array;
}

/** Whether there is such an operator. */
export function isOperator(operator: number): boolean {
  return mixOf(operator) !== null;
}

function mixOf(operator: number): PixelMix | null {
  return operator >= blendModesStart ? blendMode(operator) : porterDuff(operator);
}

/** Paints a rectangle inside the target. Neither source nor mask may overlap the target's memory. */
export function composite(target: PixelBuffer, left: number, top: number, right: number, bottom: number, composition: Composition, rows: CompositeRows): void {
  const { operator, source, mask, componentAlpha, targetHasAlpha } = composition;
  const stride = target.strideBytes >>> 2;
  const count = right - left;
  const mix = mixOf(operator);
  if (mix === null) return;
  for (let y = top; y < bottom; y++) {
    sampleRow(source, left, y, count, rows.source);
    const at = y * stride + left;
    if (mask !== null) sampleRow(mask, left, y, count, rows.mask);
    if (mask !== null && componentAlpha) {
      mixComponents(target.words, at, count, rows, mix, targetHasAlpha);
      continue;
    }
    if (mask !== null) for (let i = 0; i < count; i++) rows.source[i] = scalePixel(rows.source[i] ?? 0, (rows.mask[i] ?? 0) >>> 24);
    if (operator === Operator.over) overRow(target.words, at, count, rows.source, targetHasAlpha);
    else if (operator === Operator.src) sourceRow(target.words, at, count, rows.source, targetHasAlpha);
    else mixRow(target.words, at, count, rows.source, mix, targetHasAlpha);
  }
}

function overRow(words: Uint32Array, at: number, count: number, source: Uint32Array, targetHasAlpha: boolean): void {
  const keptMask = targetHasAlpha ? 0 : 0xff00_0000;
  for (let i = 0; i < count; i++) {
    const above = source[i] ?? 0;
    if (above === 0) continue;
    const below = words[at + i] ?? 0;
    const mixed = above >>> 24 === 255 ? above : addSaturated(scalePixel(below, 255 - (above >>> 24)), above);
    words[at + i] = (mixed & ~keptMask) | (below & keptMask);
  }
}

function sourceRow(words: Uint32Array, at: number, count: number, source: Uint32Array, targetHasAlpha: boolean): void {
  const keptMask = targetHasAlpha ? 0 : 0xff00_0000;
  for (let i = 0; i < count; i++) words[at + i] = ((source[i] ?? 0) & ~keptMask) | ((words[at + i] ?? 0) & keptMask);
}

function mixRow(words: Uint32Array, at: number, count: number, source: Uint32Array, mix: PixelMix, targetHasAlpha: boolean): void {
  const keptMask = targetHasAlpha ? 0 : 0xff00_0000;
  for (let i = 0; i < count; i++) {
    const below = words[at + i] ?? 0;
    const above = source[i] ?? 0;
    const mixed = mix(above, Math.imul(above >>> 24, 0x0101_0101) >>> 0, (below | keptMask) >>> 0);
    words[at + i] = (mixed & ~keptMask) | (below & keptMask);
  }
}

/** Each byte of the mask weighs the source's byte, and the source's alpha for that byte. */
function mixComponents(words: Uint32Array, at: number, count: number, rows: CompositeRows, mix: PixelMix, targetHasAlpha: boolean): void {
  const keptMask = targetHasAlpha ? 0 : 0xff00_0000;
  for (let i = 0; i < count; i++) {
    const below = words[at + i] ?? 0;
    const source = rows.source[i] ?? 0;
    const mask = rows.mask[i] ?? 0;
    let colour = 0;
    let alphas = 0;
    for (let shift = 0; shift < 32; shift += 8) {
      const weight = (mask >>> shift) & 255;
      colour |= times((source >>> shift) & 255, weight) << shift;
      alphas |= times(source >>> 24, weight) << shift;
    }
    const mixed = mix(colour >>> 0, alphas >>> 0, (below | keptMask) >>> 0);
    words[at + i] = (mixed & ~keptMask) | (below & keptMask);
  }
}
