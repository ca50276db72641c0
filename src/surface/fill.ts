/**
 * Painting with a brush: one colour, or a tile repeated over the plane, through a rop. It works on one rectangle that
 * already lies inside the target; clipping is done before (`region.ts`).
 */
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { applyRop } from './rop.ts';
import type { Rop } from './rop.ts';

/** Paints a rectangle with one colour (0xAARRGGBB) through a rop. */
export function fillSolid(target: PixelBuffer, left: number, top: number, right: number, bottom: number, color: number, rop: Rop): void {
  const { words } = target;
  const stride = target.strideBytes >>> 2;
  switch (rop.kind) {
    case 'put':
    case 'constant': {
      const value = applyRop(rop, color, 0);
      if (left === 0 && right === stride) {
        words.fill(value, top * stride, bottom * stride);
        return;
      }
      for (let y = top; y < bottom; y++) words.fill(value, y * stride + left, y * stride + right);
      return;
    }
    case 'invert':
    case 'xor': {
      const value = rop.kind === 'invert' ? -1 : color ^ rop.inputMask;
      for (let y = top; y < bottom; y++) xorRow(words, y * stride + left, y * stride + right, value);
      return;
    }
    case 'or':
      for (let y = top; y < bottom; y++) {
        orRow(words, y * stride + left, y * stride + right, color ^ rop.inputMask, rop.destinationMask, rop.resultMask);
      }
      return;
  }
}

/**
 * Paints a rectangle with a tile whose pixel (0, 0) lies at destination (originX, originY) and which repeats both ways.
 * The tile must not be a view of the target.
 */
export function fillTiled(
  target: PixelBuffer,
  left: number,
  top: number,
  right: number,
  bottom: number,
  tile: PixelBuffer,
  originX: number,
  originY: number,
  rop: Rop,
): void {
  const { words } = target;
  const stride = target.strideBytes >>> 2;
  const tileStride = tile.strideBytes >>> 2;
  const startX = modulo(left - originX, tile.width);
  let tileY = modulo(top - originY, tile.height);
  for (let y = top; y < bottom; y++) {
    const row = tileY * tileStride;
    let tileX = startX;
    for (let at = y * stride + left, end = y * stride + right; at < end; at++) {
      words[at] = applyRop(rop, tile.words[row + tileX] ?? 0, words[at] ?? 0);
      if (++tileX === tile.width) tileX = 0;
    }
    if (++tileY === tile.height) tileY = 0;
  }
}

function xorRow(words: Uint32Array, from: number, to: number, value: number): void {
  for (let i = from; i < to; i++) words[i] = (words[i] ?? 0) ^ value;
}

function orRow(words: Uint32Array, from: number, to: number, value: number, destinationMask: number, resultMask: number): void {
  for (let i = from; i < to; i++) words[i] = (((words[i] ?? 0) ^ destinationMask) | value) ^ resultMask;
}

/** The remainder that is never negative. */
export function modulo(value: number, size: number): number {
  const rest = value % size;
  return rest < 0 ? rest + size : rest;
}
