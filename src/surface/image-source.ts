/**
 * From an image descriptor to pixels that can be painted: decoded now, kept from an earlier message, or another surface.
 * It keeps what the server asks to keep. It paints nothing; what cannot be had is a gap, never a throw.
 */
import { charge, chargeWorking, credit, creditWorking, requireWorking, roomIn } from '../decode/byte-budget.ts';
import { DecodeError } from '../decode/decode-error.ts';
import { decodeImage } from '../decode/image-decoder.ts';
import type { ColourDepth } from '../decode/colour.ts';
import type { DecoderState } from '../decode/image-decoder.ts';
import { checkImageSize, createPixelBuffer, pixelBufferOver } from '../decode/pixel-buffer.ts';
import type { PixelBuffer } from '../decode/pixel-buffer.ts';
import { BitmapFlag, BitmapFormat, ImageFlag, SurfaceFormat } from '../protocol/constants.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { Image, ImageBody } from '../protocol/messages/image.ts';
import { logDecode, type DecodeLog } from './decode-log.ts';
import { findImage, hasRoom, keepImage, refuseImage } from './image-cache.ts';
import type { ImageCache } from './image-cache.ts';
import { keepMask } from './mask.ts';
import type { Mask } from './mask.ts';
import { hasAlpha } from './surface-format.ts';
import type { Surface } from './shared-surface.ts';
import type { SurfaceTable } from './surface-table.ts';

/** Decode memory that is kept from one draw to the next: a picture of 3840x2160. Larger ones get memory of their own and give it back. */
const scratchBytesMax = 32 * 1024 * 1024;

/** Pixels to paint with. They are valid until the next message is applied: they may lie in scratch memory. */
export interface ImagePixels {
  readonly pixels: PixelBuffer;
  /** Whether the fourth bytes are alpha. */
  readonly hasAlpha: boolean;
  /** An image of alpha alone, of which a server thinks otherwise than of a surface of alpha alone (`draw-composite.ts`). */
  readonly alphaOnly: boolean;
  /** Set when the pixels are a surface: they may be the very ones that are drawn on. */
  readonly surfaceId: number | null;
}

/** Where images come from on one display channel. Owned by its canvas. */
export interface ImageSource {
  readonly decoder: DecoderState;
  readonly cache: ImageCache;
  readonly surfaces: SurfaceTable;
  readonly log: DecodeLog;
  /** One for the source of a draw and one for its brush, which are needed at the same time. */
  readonly scratch: Record<ScratchUse, ArrayBuffer>;
}

const noMemory = new ArrayBuffer(0);

export type ScratchUse = 'source' | 'brush';

export function createImageSource(decoder: DecoderState, cache: ImageCache, surfaces: SurfaceTable, log: DecodeLog): ImageSource {
  return { decoder, cache, surfaces, log, scratch: { source: noMemory, brush: noMemory } };
}

/**
 * The pixels of an image, kept as its flags say; null with a gap reported when they cannot be had.
 * @param depth of the surface that they are painted on: palettes are in it
 */
export function resolveImage(source: ImageSource, image: Image, use: ScratchUse, report: (gap: Gap) => void, depth: ColourDepth = 32): ImagePixels | null {
  switch (image.body.kind) {
    case 'fromCache':
    case 'fromCacheLossless':
      return fromCache(source, image, report);
    case 'surface':
      return fromSurface(source, image.body.surfaceId, report);
    case 'unknown':
      report({ key: `display:image:type-${image.type}`, detail: `image ${image.id}, ${image.width} x ${image.height}` });
      return null;
    default:
      return decodeNow(source, image, use, report, depth);
  }
}

/**
 * Decodes straight into the target, which must have the image's size. Only for images that `isForNowOnly`.
 * False, with a gap reported, when the image is bad; then part of the target may be overwritten.
 */
export function decodeInto(source: ImageSource, image: Image, target: PixelBuffer, report: (gap: Gap) => void, depth: ColourDepth = 32): boolean {
  const startedMs = source.log.nowMs();
  const outcome = attempt(report, image, () => decodeImage(source.decoder, image, target, depth));
  if (outcome?.kind === 'unsupported') reportUnsupported(image, report);
  logDecode(source.log, image, outcome?.kind === 'decoded', startedMs);
  return outcome?.kind === 'decoded';
}

/** True for images whose bytes are here and which nobody asked to keep: they need no memory but where they are painted. */
export function isForNowOnly(image: Image): boolean {
  return isCompressedOrBitmap(image.body) && (image.flags & (ImageFlag.cacheMe | ImageFlag.cacheReplaceMe)) === 0;
}

/**
 * Does for an image that will not be painted what later messages rely on: images and palettes to keep are kept, and every
 * GLZ image enters the window. Others are left alone.
 */
export function touchImage(source: ImageSource, image: Image | null, report: (gap: Gap) => void): void {
  if (image === null || !isCompressedOrBitmap(image.body)) return;
  const kept = (image.flags & (ImageFlag.cacheMe | ImageFlag.cacheReplaceMe)) !== 0;
  const inWindow = image.body.kind === 'glzRgb' || image.body.kind === 'zlibGlzRgb';
  const keepsPalette = (image.body.kind === 'bitmap' || image.body.kind === 'lzPlt') && (image.body.flags & BitmapFlag.paletteCacheMe) !== 0;
  if (kept || inWindow || keepsPalette) decodeNow(source, image, 'source', report);
}

/** The one-bit mask of an image, kept as its flags say; null with a gap reported when it is none. */
export function resolveMask(source: ImageSource, image: Image, report: (gap: Gap) => void): Mask | null {
  const { body } = image;
  if (body.kind === 'fromCache' || body.kind === 'fromCacheLossless') {
    const kept = findImage(source.cache, image.id);
    if (kept?.kind === 'mask') return kept.mask;
    report({ key: 'display:cache:missing', detail: `mask ${image.id} is not in the cache` });
    return null;
  }
  const surface = body.kind === 'surface' ? (source.surfaces.entries.get(body.surfaceId)?.surface ?? null) : null;
  if (surface !== null && surface.format === SurfaceFormat.alpha1) return maskOfSurface(source, surface, report);
  if (body.kind !== 'bitmap') {
    report({ key: `display:mask:${body.kind}`, detail: `image ${image.id} of type ${image.type} as a mask` });
    touchImage(source, image, report);
    return null;
  }
  const mask = maskOfBitmap(body);
  if (mask === null) {
    report({ key: 'display:mask:bitmap', detail: `format ${body.format}, ${body.width} x ${body.height}, stride ${body.stride}` });
    return null;
  }
  if ((image.flags & (ImageFlag.cacheMe | ImageFlag.cacheReplaceMe)) === 0) return mask;
  if (!hasRoom(source.cache, image.id, mask.data.length)) {
    refuse(source, image, report);
    return mask;
  }
  const kept = keepMask(mask);
  keepImage(source.cache, image.id, { kind: 'mask', mask: kept });
  return kept;
}

function fromCache(source: ImageSource, image: Image, report: (gap: Gap) => void): ImagePixels | null {
  const kept = findImage(source.cache, image.id);
  const isThere = kept !== undefined && kept.kind !== 'mask';
  logDecode(source.log, image, isThere, null);
  if (!isThere) {
    report({ key: 'display:cache:missing', detail: `image ${image.id} is not in the cache` });
    return null;
  }
  // The replacement may be on its way on another channel. A lossy picture now is better than none until then.
  if (image.body.kind === 'fromCacheLossless' && !kept.lossless) {
    report({ key: 'display:cache:lossy', detail: `image ${image.id} is wanted lossless and is not yet` });
  }
  return { pixels: kept.pixels, hasAlpha: kept.hasAlpha, alphaOnly: kept.alphaOnly, surfaceId: null };
}

function fromSurface(source: ImageSource, surfaceId: number, report: (gap: Gap) => void): ImagePixels | null {
  const entry = source.surfaces.entries.get(surfaceId);
  if (entry === undefined) {
    report({ key: 'display:surface:unknown-id', detail: `surface ${surfaceId} as a source` });
    return null;
  }
  if (entry.surface === null) {
    report({ key: `display:surface:format-${entry.format}`, detail: `surface ${surfaceId} as a source` });
    return null;
  }
  return { pixels: entry.surface, hasAlpha: hasAlpha(entry.format), alphaOnly: false, surfaceId };
}

function decodeNow(source: ImageSource, image: Image, use: ScratchUse, report: (gap: Gap) => void, depth: ColourDepth = 32): ImagePixels | null {
  const { cache, decoder } = source;
  const toKeep = (image.flags & (ImageFlag.cacheMe | ImageFlag.cacheReplaceMe)) !== 0;
  const bytes = image.width * image.height * 4;
  // A picture that cannot be kept is still decoded and painted.
  const own = toKeep && hasRoom(cache, image.id, bytes);
  const startedMs = source.log.nowMs();
  const decoded = attempt(report, image, () => {
    const target = own ? workingBuffer(source, image.width, image.height) : scratchBuffer(source, use, image.width, image.height);
    const outcome = decodeImage(decoder, image, target, depth);
    if (outcome.kind === 'unsupported') {
      reportUnsupported(image, report);
      return null;
    }
    const { hasAlpha: alpha, alphaOnly } = outcome;
    if (own) {
      const lossless = image.body.kind !== 'jpeg' && image.body.kind !== 'jpegAlpha';
      creditWorking(decoder.budget, bytes);
      keepImage(cache, image.id, { kind: 'pixels', pixels: target, hasAlpha: alpha, alphaOnly, lossless });
    } else if (toKeep) {
      refuse(source, image, report);
    }
    return { pixels: target, hasAlpha: alpha, alphaOnly, surfaceId: null };
  });
  logDecode(source.log, image, decoded !== null, startedMs);
  return decoded;
}

/** Runs a decoder; what it says about the peer's data becomes a gap, and our own mistakes pass through. */
function attempt<T>(report: (gap: Gap) => void, image: Image, run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    report({ key: `display:decode:${error.code}`, detail: `${image.body.kind} image ${image.id}, ${image.width} x ${image.height}: ${error.message}` });
    return null;
  }
}

function reportUnsupported(image: Image, report: (gap: Gap) => void): void {
  report({ key: `display:image:${image.body.kind}`, detail: `image ${image.id}, ${image.width} x ${image.height}` });
}

/**
 * Memory for this message only.
 * @throws DecodeError as `checkImageSize` does, or `overBudget`, before anything is allocated
 */
function workingBuffer(source: ImageSource, width: number, height: number): PixelBuffer {
  checkImageSize(width, height);
  requireWorking(source.decoder.budget, width * height * 4, 'image.pixels');
  return createPixelBuffer(width, height);
}

/** @throws DecodeError as `workingBuffer` does */
export function scratchBuffer(source: ImageSource, use: ScratchUse, width: number, height: number): PixelBuffer {
  checkImageSize(width, height);
  const bytes = width * height * 4;
  if (bytes > scratchBytesMax) return workingBuffer(source, width, height);
  if (source.scratch[use].byteLength < bytes) {
    const { budget } = source.decoder;
    // The smaller one goes first: nothing in it is needed.
    credit(budget, source.scratch[use].byteLength);
    source.scratch[use] = noMemory;
    if (!charge(budget, bytes)) throw new DecodeError('overBudget', 'image.pixels', bytes, roomIn(budget));
    source.scratch[use] = new ArrayBuffer(bytes);
  }
  return pixelBufferOver(source.scratch[use], 0, width, height, width * 4);
}

function maskOfBitmap(body: Extract<ImageBody, { kind: 'bitmap' }>): Mask | null {
  const { format, width, height, stride, data } = body;
  if (format !== BitmapFormat.bit1Le && format !== BitmapFormat.bit1Be) return null;
  if (stride * 8 < width || data.length < stride * height) return null;
  return {
    width,
    height,
    strideBytes: stride,
    leastBitFirst: format === BitmapFormat.bit1Le,
    topDown: (body.flags & BitmapFlag.topDown) !== 0,
    data,
  };
}

/** The bits of a surface of one bit a pixel, for this message; null, with a gap reported, without memory for them. */
function maskOfSurface({ decoder }: ImageSource, surface: Surface, report: (gap: Gap) => void): Mask | null {
  const { width, height, words } = surface;
  const strideBytes = (width + 7) >>> 3;
  const bytes = strideBytes * height;
  if (!chargeWorking(decoder.budget, bytes)) {
    report({ key: 'display:memory:drawing', detail: `${bytes} bytes for a mask, ${roomIn(decoder.budget)} bytes are left` });
    return null;
  }
  const data = new Uint8Array(bytes);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * strideBytes + (x >>> 3);
      if ((words[y * (surface.strideBytes >>> 2) + x] ?? 0) >>> 31 === 1) data[at] = (data[at] ?? 0) | (1 << (x & 7));
    }
  }
  return { width, height, strideBytes, leastBitFirst: true, topDown: true, data };
}

/** The picture is not kept, and what refers to it later will miss it. */
function refuse({ cache, decoder }: ImageSource, image: Image, report: (gap: Gap) => void): void {
  refuseImage(cache);
  const room = `${cache.bytes} of ${cache.bytesMax} bytes are taken, ${roomIn(decoder.budget)} are left of the channel's`;
  report({ key: 'display:cache:over-budget', detail: `image ${image.id}, ${image.width} x ${image.height}: ${room}` });
}

/** Whether the image's pixels come with it, rather than from elsewhere. */
function isCompressedOrBitmap(body: ImageBody): boolean {
  switch (body.kind) {
    case 'fromCache':
    case 'fromCacheLossless':
    case 'surface':
    case 'unknown':
      return false;
    default:
      return true;
  }
}
