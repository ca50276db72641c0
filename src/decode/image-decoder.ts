/**
 * The one table of image codecs: from an image of a message to pixels in a target of its size. It owns what decoding
 * remembers from image to image (palettes and the GLZ window), but not images: cached images and surfaces as images are
 * the surface folder's, and are reported as `unsupported` here, like JPEG where its library is missing.
 */
import { BitmapFlag, ImageFlag, JpegAlphaFlag } from '../protocol/constants.ts';
import type { Image, PaletteRef } from '../protocol/messages/image.ts';
import { decodeBitmap } from './bitmap.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ColourDepth } from './colour.ts';
import { colourTable } from './colour.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodedInfo } from './decoded-info.ts';
import type { GlzWindow } from './glz-window.ts';
import { createGlzWindow } from './glz-window.ts';
import { decodeGlz } from './glz.ts';
import { decodeJpeg, decodeJpegAlpha } from './jpeg.ts';
import type { DecodeJpeg } from './jpeg.ts';
import { decodeLz } from './lz.ts';
import { decodeLz4 } from './lz4.ts';
import { decodeLzPlt } from './lz-plt.ts';
import type { PaletteCache } from './palette-cache.ts';
import { createPaletteCache, keepPalette, paletteTableBytes } from './palette-cache.ts';
import type { PixelBuffer } from './pixel-buffer.ts';
import { decodeQuic } from './quic.ts';
import type { Inflate } from './zlib-glz.ts';
import { decodeZlibGlz } from './zlib-glz.ts';

/** What decoding remembers from image to image. Mutable; owned by one display channel and void after it is linked again. */
export interface DecoderState {
  readonly inflate: Inflate;
  /** Null where there is no JPEG library: then JPEG images are `unsupported`. */
  readonly decodeJpeg: DecodeJpeg | null;
  readonly glzWindow: GlzWindow;
  readonly palettes: PaletteCache;
  /** To which all that decoding allocates is charged. */
  readonly budget: ByteBudget;
}

export interface DecoderOptions {
  readonly inflate: Inflate;
  readonly decodeJpeg: DecodeJpeg | null;
  /** Budget of the GLZ window in bytes: what INIT offers (pixels x 4) and one image more. */
  readonly glzWindowBytesMax: number;
  /** 0 in a new session, `unknown` when the channel was linked again and the server's count may go on. */
  readonly firstGlzImageId: 0 | 'unknown';
  readonly budget: ByteBudget;
}

/** Either pixels, or the name of the image body that there is no decoder for here; the target is then untouched. */
export type DecodeOutcome =
  | ({ readonly kind: 'decoded' } & DecodedInfo)
  | { readonly kind: 'unsupported'; readonly body: Image['body']['kind'] };

export function createDecoderState(options: DecoderOptions): DecoderState {
  const { inflate, decodeJpeg: jpeg, glzWindowBytesMax, firstGlzImageId, budget } = options;
  return { inflate, decodeJpeg: jpeg, glzWindow: createGlzWindow(glzWindowBytesMax, firstGlzImageId, budget), palettes: createPaletteCache(budget), budget };
}

/** Bytes that the state holds: decoded images of the GLZ window and palettes. */
export function decoderBytes(state: DecoderState): number {
  return state.glzWindow.bytes + state.palettes.tables.size * paletteTableBytes;
}

/**
 * Decodes an image into a target of the descriptor's size. Palettes and GLZ images that later messages rely on are
 * remembered, so also images that will not be seen must come here.
 * @param depth how palette entries are stored: 16 on a 16-bit surface
 * @throws DecodeError for bad data; part of the target may then be overwritten
 */
export function decodeImage(state: DecoderState, image: Image, target: PixelBuffer, depth: ColourDepth = 32): DecodeOutcome {
  if (image.width !== target.width) throw new DecodeError('sizeMismatch', 'image.width', image.width, target.width);
  if (image.height !== target.height) throw new DecodeError('sizeMismatch', 'image.height', image.height, target.height);
  const info = decodeBody(state, image.body, target, depth);
  if (info === null) return { kind: 'unsupported', body: image.body.kind };
  if (!info.hasAlpha && (image.flags & ImageFlag.highBitsSet) !== 0) setHighBits(target);
  return { kind: 'decoded', ...info };
}

function decodeBody(state: DecoderState, body: Image['body'], target: PixelBuffer, depth: ColourDepth): DecodedInfo | null {
  switch (body.kind) {
    case 'bitmap':
      return decodeBitmap(body, resolvePalette(state, body.palette, body.flags, depth), target);
    case 'lzPlt': {
      const table = resolvePalette(state, body.palette, body.flags, depth);
      if (table === null) throw new DecodeError('paletteMissing', 'lzPlt.palette', 0);
      return decodeLzPlt(body.data, table, target, state.budget);
    }
    case 'lzRgb':
      return decodeLz(body.data, target, state.budget);
    case 'glzRgb':
      return decodeGlz(body.data, state.glzWindow, target);
    case 'zlibGlzRgb':
      return decodeZlibGlz(body.glzDataSize, body.data, state.inflate, state.glzWindow, target);
    case 'quic':
      return decodeQuic(body.data, target, state.budget);
    case 'lz4':
      return decodeLz4(body.data, target, state.budget);
    case 'jpeg':
      return state.decodeJpeg === null ? null : decodeJpeg(body.data, state.decodeJpeg, target, state.budget);
    case 'jpegAlpha': {
      if (state.decodeJpeg === null) return null;
      const topDown = (body.flags & JpegAlphaFlag.topDown) !== 0;
      return decodeJpegAlpha(body.data, body.jpegSize, topDown, state.decodeJpeg, target, state.budget);
    }
    case 'fromCache':
    case 'fromCacheLossless':
    case 'surface':
    case 'unknown':
      return null;
  }
}

/** The palette's table, kept if the server wants it kept; null when the image has none. */
function resolvePalette(state: DecoderState, ref: PaletteRef, flags: number, depth: ColourDepth): Uint32Array | null {
  switch (ref.kind) {
    case 'none':
      return null;
    case 'cached': {
      const table = state.palettes.tables.get(ref.id);
      if (table === undefined) throw new DecodeError('paletteMissing', 'palette.unique', Number(ref.id));
      return table;
    }
    case 'inline': {
      const table = colourTable(ref.palette, depth);
      if ((flags & BitmapFlag.paletteCacheMe) !== 0) keepPalette(state.palettes, ref.palette.unique, table);
      return table;
    }
  }
}

function setHighBits(target: PixelBuffer): void {
  const { width, height, words } = target;
  const step = target.strideBytes >>> 2;
  for (let y = 0; y < height; y++) {
    for (let x = y * step; x < y * step + width; x++) words[x] = words[x]! | 0xff000000;
  }
}
