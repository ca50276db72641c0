/**
 * Painting with a picture of the same size: through a rop, with a colour key, or as it is. It works on one rectangle that
 * lies inside both target and source; clipping is done before (`region.ts`), scaling too (`scale.ts`), blending elsewhere
 * (`alpha-blend.ts`).
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { fillSolid } from './fill.ts';
import { ignoresInput, ropPut } from './rop.ts';
import type { Rop } from './rop.ts';

/** Below this many pixels a loop is quicker than making a view of the row for `set` (measured on Node 20). */
const shortRowPixels = 24;

/**
 * Paints a rectangle of the target with source pixels through a rop. The source pixel for (x, y) is (x + dx, y + dy).
 * Source and target must not overlap in memory (`copy-bits.ts` does that).
 */
export function blit(
  target: PixelBuffer,
  left: number,
  top: number,
  right: number,
  bottom: number,
  source: PixelBuffer,
  dx: number,
  dy: number,
  rop: Rop,
): void {
  if (ignoresInput(rop)) {
    fillSolid(target, left, top, right, bottom, 0, rop);
    return;
  }
  const stride = target.strideBytes >>> 2;
  const sourceStride = source.strideBytes >>> 2;
  const width = right - left;
  for (let y = top; y < bottom; y++) {
    const at = y * stride + left;
    const from = (y + dy) * sourceStride + left + dx;
    if (rop.kind === 'or') orRow(target.words, at, source.words, from, width, rop);
    else if (rop.kind === 'xor') xorRow(target.words, at, source.words, from, width, rop.inputMask);
    else if (rop === ropPut && width >= shortRowPixels) target.words.set(source.words.subarray(from, from + width), at);
    else putRow(target.words, at, source.words, from, width, rop.inputMask);
  }
}

/**
 * Paints the source pixels whose colour is not `key` (0xRRGGBB; fourth bytes are not compared). Geometry as in `blit`.
 */
export function blitColorKeyed(
  target: PixelBuffer,
  left: number,
  top: number,
  right: number,
  bottom: number,
  source: PixelBuffer,
  dx: number,
  dy: number,
  key: number,
): void {
  const stride = target.strideBytes >>> 2;
  const sourceStride = source.strideBytes >>> 2;
  const keyColor = key & 0xff_ff_ff;
  for (let y = top; y < bottom; y++) {
    let from = (y + dy) * sourceStride + left + dx;
    for (let at = y * stride + left, end = y * stride + right; at < end; at++, from++) {
      const pixel = source.words[from] ?? 0;
      if ((pixel & 0xff_ff_ff) !== keyColor) target.words[at] = pixel;
    }
  }
}

function putRow(target: Uint32Array, at: number, source: Uint32Array, from: number, width: number, mask: number): void {
  for (let i = 0; i < width; i++) target[at + i] = (source[from + i] ?? 0) ^ mask;
}

function xorRow(target: Uint32Array, at: number, source: Uint32Array, from: number, width: number, mask: number): void {
  for (let i = 0; i < width; i++) target[at + i] = (target[at + i] ?? 0) ^ (source[from + i] ?? 0) ^ mask;
}

function orRow(target: Uint32Array, at: number, source: Uint32Array, from: number, width: number, rop: Rop): void {
  const { inputMask, destinationMask, resultMask } = rop;
  for (let i = 0; i < width; i++) {
    target[at + i] = (((source[from + i] ?? 0) ^ inputMask) | ((target[at + i] ?? 0) ^ destinationMask)) ^ resultMask;
  }
}
