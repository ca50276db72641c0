/**
 * GLZ images: LZ whose matches may also reach into earlier images, by their distance in the dictionary's count. Each
 * image is decoded into memory of its own in stream order, because later images refer to it that way, and then copied
 * to its target. Nothing enters the window unless the whole image decoded.
 */
import { creditWorking, requireWorking } from './byte-budget.ts';
import { widen555 } from './colour.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import { alphaPixels, opaquePixels } from './decoded-info.ts';
import type { GlzWindow } from './glz-window.ts';
import { addGlzImage, findGlzImage } from './glz-window.ts';
import { checkLzSize, glzHeaderBytes, lzType, readGlzHeader } from './lz-header.ts';
import type { LzUnit } from './lz-units.ts';
import { lzUnit, repeatPixels } from './lz-units.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { copyStreamOrder } from './stream-order.ts';

/**
 * Decodes one GLZ stream into the target and remembers it in the window. Types other than RGB16, RGB24, RGB32 and RGBA
 * are refused: no server sends them.
 * @throws DecodeError `truncated`, `badHeader`, `sizeMismatch`, `oversize`, `overrun`, `badDistance`, `glzImageMissing`,
 *   `glzDuplicate`, `overBudget`; window and target are then as they were
 */
export function decodeGlz(bytes: Uint8Array, window: GlzWindow, target: PixelBuffer): DecodedInfo {
  const header = readGlzHeader(bytes);
  const count = target.width * target.height;
  checkLzSize(header, target, count, bytes.length);
  if (count * 4 > window.bytesMax) throw new DecodeError('oversize', 'glz.imageBytes', count * 4, window.bytesMax);
  if (window.images.has(header.imageId)) throw new DecodeError('glzDuplicate', 'glz.imageId', header.imageId);
  const { imageId: id, windowHeadDistance } = header;
  const { budget } = window;
  requireWorking(budget, count * 4, 'glz.pixels');
  const pixels = new Uint32Array(count);
  let info = opaquePixels;
  switch (header.type) {
    case lzType.rgb16:
      decodeGlzUnits(lzUnit.colour555, bytes, glzHeaderBytes, pixels, window, id);
      break;
    case lzType.rgb24:
    case lzType.rgb32:
      decodeGlzUnits(lzUnit.colour, bytes, glzHeaderBytes, pixels, window, id);
      break;
    case lzType.rgba: {
      const alphaStart = decodeGlzUnits(lzUnit.colour, bytes, glzHeaderBytes, pixels, window, id);
      decodeGlzUnits(lzUnit.byte, bytes, alphaStart, pixels, window, id);
      info = alphaPixels;
      break;
    }
    default:
      throw new DecodeError('badHeader', 'glz.type', header.type, lzType.rgba);
  }
  creditWorking(budget, count * 4);
  addGlzImage(window, { id, pixels, windowHeadDistance });
  copyStreamOrder(pixels, target, header.topDown);
  return info;
}

/** One pass over all units; `lzUnit.byte` is alpha. Returns where the input goes on. */
function decodeGlzUnits(
  unit: LzUnit,
  input: Uint8Array,
  start: number,
  pixels: Uint32Array,
  window: GlzWindow,
  id: number,
): number {
  const end = input.length;
  const count = pixels.length;
  const literalBytes = unit === lzUnit.colour ? 3 : unit === lzUnit.colour555 ? 2 : 1;
  let at = start;
  let out = 0;
  while (out < count) {
    if (at >= end) throw truncated(end);
    const control = input[at++]!;
    if (control < 32) {
      const stop = out + control + 1;
      if (stop > count) throw new DecodeError('overrun', 'glz.units', stop, count);
      if (at + (control + 1) * literalBytes > end) throw truncated(end);
      if (unit === lzUnit.colour) {
        for (; out < stop; out++, at += 3) pixels[out] = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
      } else if (unit === lzUnit.colour555) {
        for (; out < stop; out++, at += 2) pixels[out] = widen555((input[at]! << 8) | input[at + 1]!);
      } else {
        for (; out < stop; out++, at++) pixels[out] = (pixels[out]! & 0xffffff) | (input[at]! << 24);
      }
      continue;
    }

    let length = (control >>> 5) + unit;
    if (control >= 224) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw truncated(end);
        more = input[at++]!;
        length += more;
      }
    }
    if (at + 2 > end) throw truncated(end);
    let offset = (control & 15) | (input[at]! << 4);
    const kind = input[at + 1]!;
    at += 2;
    const moreBytes = kind >>> 6;
    let imageDistance = 0;
    if ((control & 16) === 0) {
      if (at + moreBytes > end) throw truncated(end);
      imageDistance = kind & 63;
      for (let i = 0; i < moreBytes; i++) imageDistance |= input[at++]! << (6 + 8 * i);
    } else {
      const longOffset = (kind >>> 5) & 1;
      if (at + moreBytes + longOffset > end) throw truncated(end);
      offset |= (kind & 31) << 12;
      for (let i = 0; i < moreBytes; i++) imageDistance |= input[at++]! << (8 * i);
      if (longOffset === 1) offset |= input[at++]! << 17;
    }

    const stop = out + length;
    if (stop > count) throw new DecodeError('overrun', 'glz.units', stop, count);
    if (imageDistance === 0) {
      const distance = offset + 1;
      if (distance > out) throw new DecodeError('badDistance', 'glz.distance', distance, out);
      if (unit === lzUnit.byte) copyAlpha(pixels, out - distance, pixels, out, stop);
      else repeatPixels(pixels, out, stop, distance);
    } else {
      const source = findGlzImage(window, id - imageDistance).pixels;
      if (offset + length > source.length) {
        throw new DecodeError('badDistance', 'glz.offset', offset + length, source.length);
      }
      if (unit === lzUnit.byte) copyAlpha(source, offset, pixels, out, stop);
      else copyColour(source, offset, pixels, out, stop);
    }
    out = stop;
  }
  return at;
}

/** The fourth byte stays behind: an opaque image may refer to one with alpha. */
function copyColour(source: Uint32Array, from: number, pixels: Uint32Array, out: number, stop: number): void {
  for (; out < stop; out++, from++) pixels[out] = source[from]! & 0xffffff;
}

function copyAlpha(source: Uint32Array, from: number, pixels: Uint32Array, out: number, stop: number): void {
  for (; out < stop; out++, from++) pixels[out] = (pixels[out]! & 0xffffff) | (source[from]! & 0xff000000);
}

function truncated(bytes: number): DecodeError {
  return new DecodeError('truncated', 'glz.data', bytes);
}
