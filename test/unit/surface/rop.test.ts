import { expect, test } from 'vitest';
import { applyRop, ignoresInput, ropForBrush, ropForOpaque, ropForSource } from '#app/surface/rop.js';
import { apply, baseOf, bitmapOf, createSurfaceOf, newCanvas, noMask, pixelsOf, rectOf } from '../../support/display-messages.ts';

const A = 0x0f0f_3c3c;
const D = 0x3355_aa99;

/** The evaluation of the protocol document, step by step. */
function evaluate(descriptor: number, inputBit: number, belowBit: number): number {
  const a = (descriptor & inputBit) !== 0 ? ~A : A;
  const d = (descriptor & belowBit) !== 0 ? ~D : D;
  const res = (descriptor & 0x400) !== 0 ? -1 : 0;
  if ((descriptor & 0x08) !== 0) return (a ^ res) >>> 0;
  if ((descriptor & 0x10) !== 0) return ((a | d) ^ res) >>> 0;
  if ((descriptor & 0x20) !== 0) return ((a & d) ^ res) >>> 0;
  if ((descriptor & 0x40) !== 0) return (a ^ d ^ res) >>> 0;
  if ((descriptor & 0x80) !== 0) return 0;
  if ((descriptor & 0x100) !== 0) return 0xffff_ffff;
  if ((descriptor & 0x200) !== 0) return ~D >>> 0;
  return A;
}

test('each of the 2048 descriptors means what the evaluation rules say, for brush, source and opaque', () => {
  for (let descriptor = 0; descriptor < 0x800; descriptor++) {
    expect(applyRop(ropForBrush(descriptor), A, D)).toBe(evaluate(descriptor, 0x002, 0x004));
    expect(applyRop(ropForSource(descriptor), A, D)).toBe(evaluate(descriptor, 0x001, 0x004));
    expect(applyRop(ropForOpaque(descriptor), A, D)).toBe(evaluate(descriptor, 0x002, 0x001));
  }
});

test('only operations without an input ignore it', () => {
  expect([0x80, 0x100, 0x200].map((descriptor) => ignoresInput(ropForSource(descriptor)))).toEqual([true, true, true]);
  expect([0, 0x08, 0x10, 0x20, 0x40, 0x408].map((descriptor) => ignoresInput(ropForSource(descriptor)))).toEqual([false, false, false, false, false, false]);
});

const S = 0x00c0_ffee;
const B = 0x0030_60c0;
const old = 0x1122_3344;
const rops: [name: string, descriptor: number, rule: (a: number, d: number) => number][] = [
  ['put', 0x08, (a) => a],
  ['or', 0x10, (a, d) => a | d],
  ['and', 0x20, (a, d) => a & d],
  ['xor', 0x40, (a, d) => a ^ d],
  ['blackness', 0x80, () => 0],
  ['whiteness', 0x100, () => -1],
  ['invers', 0x200, (_a, d) => ~d],
  ['xor, result inverted', 0x440, (a, d) => ~(a ^ d)],
];

test.each(rops)('fill, copy, blend, opaque and a pattern through %s', (_name, rop, rule) => {
  const box = rectOf(1, 1, 30, 2);
  const source = bitmapOf(30, 2, Array.from({ length: 60 }, () => S));
  const paintedBy = (draw: (canvas: ReturnType<typeof newCanvas>) => unknown): number => {
    const canvas = newCanvas();
    createSurfaceOf(canvas, 0, 40, 4);
    apply(canvas, 'drawFill', { base: baseOf(0, rectOf(0, 0, 40, 4)), brush: { kind: 'solid', color: old }, rop: 0x08, mask: noMask });
    draw(canvas);
    const pixels = pixelsOf(canvas);
    const inside = new Set(pixels.filter((_pixel, at) => at % 40 >= 1 && at % 40 < 31 && at >= 40 && at < 120));
    expect(inside.size).toBe(1);
    expect(pixels.filter((pixel, at) => (at % 40 < 1 || at % 40 >= 31 || at < 40 || at >= 120) && pixel !== old)).toEqual([]);
    return [...inside][0]!;
  };
  const base = baseOf(0, box);
  const srcArea = rectOf(0, 0, 30, 2);
  expect(paintedBy((c) => apply(c, 'drawFill', { base, brush: { kind: 'solid', color: B }, rop, mask: noMask }))).toBe(rule(B, old) >>> 0);
  expect(paintedBy((c) => apply(c, 'drawCopy', { base, srcImage: source, srcArea, rop, scaleMode: 1, mask: noMask }))).toBe(rule(S, old) >>> 0);
  expect(paintedBy((c) => apply(c, 'drawBlend', { base, srcImage: source, srcArea, rop, scaleMode: 1, mask: noMask }))).toBe(rule(S, old) >>> 0);
  expect(paintedBy((c) => apply(c, 'drawOpaque', { base, srcImage: source, srcArea, brush: { kind: 'solid', color: B }, rop, scaleMode: 1, mask: noMask }))).toBe(rule(B, S) >>> 0);
  expect(paintedBy((c) => apply(c, 'drawFill', { base, brush: { kind: 'pattern', image: bitmapOf(1, 1, [B]), pos: { x: 0, y: 0 } }, rop, mask: noMask }))).toBe(rule(B, old) >>> 0);
});
