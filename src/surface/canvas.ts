/**
 * The pixels of one display channel: surfaces, caches and the decoder, and the one place where each message of the channel
 * is applied to them. It decides nothing about the session: acknowledgements, pings and waits are the channel's. Nothing that
 * a server sends throws here; what was not honoured comes back as gaps.
 */
import { coverSurface, createCoverage, noteMessage, type Coverage } from './coverage.ts';
import { createByteBudget, endWork } from '../decode/byte-budget.ts';
import type { ByteBudget } from '../decode/byte-budget.ts';
import { createDecoderState } from '../decode/image-decoder.ts';
import type { DecoderState } from '../decode/image-decoder.ts';
import { clearPalettes, forgetPalette } from '../decode/palette-cache.ts';
import type { DecodeJpeg } from '../decode/jpeg.ts';
import type { Inflate } from '../decode/zlib-glz.ts';
import { ResourceType, SurfaceFlag, SurfaceFormat } from '../protocol/constants.ts';
import type { Gap } from '../protocol/gaps.ts';
import type { DisplayServerMessage } from '../protocol/message.ts';
import type { Rect } from '../protocol/messages/draw.ts';
import type { Head } from '../protocol/messages/surface.ts';
import { drawAlphaBlend, drawConstant, drawCopy, drawCopyBits, drawFill, drawOpaque, drawTransparent } from './draw.ts';
import { drawComposite } from './draw-composite.ts';
import { drawRop3 } from './draw-rop3.ts';
import { drawStroke } from './draw-stroke.ts';
import { drawText } from './draw-text.ts';
import { finishDrawing, startDrawing } from './draw-target.ts';
import type { DrawContext } from './draw-target.ts';
import { createDecodeLog, describeDecodes, type DecodeDescription } from './decode-log.ts';
import { clearImages, createImageCache, forgetImage } from './image-cache.ts';
import { createImageSource } from './image-source.ts';
import { ropBlackness, ropInvert, ropWhiteness } from './rop.ts';
import { setMarked } from './shared-surface.ts';
import { applyStreamMessage, isStreamMessage, showDueFrames } from './stream-player.ts';
import type { StreamClock, StreamPlayer } from './stream-player.ts';
import type { StreamReport } from './stream-report.ts';
import { createStreamTable } from './stream-table.ts';
import { addSurface, createSurfaceTable, removeSurface } from './surface-table.ts';
import type { SurfaceLimits, SurfaceRequest } from './surface-table.ts';

/** What the channel around the canvas must know. Surfaces other than the primary are nobody else's business. */
export type CanvasEvent =
  | {
      readonly kind: 'primarySurfaceCreated';
      readonly surfaceId: number;
      /** Header and pixels: `openSurface` reads it on any thread. */
      readonly buffer: SharedArrayBuffer;
      readonly width: number;
      readonly height: number;
      /** `SurfaceFormat`. */
      readonly format: number;
      /** One byte a pixel, 1 = drawn only by what is honoured in full; null when coverage is not tracked. */
      readonly coverage: SharedArrayBuffer | null;
    }
  | { readonly kind: 'primarySurfaceDestroyed'; readonly surfaceId: number }
  /** The primary is complete enough to show. */
  | { readonly kind: 'marked' }
  /** The primary was cleared and is not to be shown until the next `marked`. */
  | { readonly kind: 'unmarked' }
  | { readonly kind: 'monitorsConfigured'; readonly heads: readonly Head[]; readonly maxAllowed: number };

/** What one message did. Valid until the next message is applied: the canvas reuses it. */
export interface CanvasOutcome {
  readonly gaps: readonly Gap[];
  /** The bounding box of what changed on the primary surface. */
  readonly damage: Rect | null;
  readonly events: readonly CanvasEvent[];
  /** STREAM_REPORTs to send. */
  readonly reports: readonly StreamReport[];
}

/** Ids of kept images that a description names. */
const describedIdsMax = 64;

/** What a canvas may hold. */
export interface CanvasLimits {
  readonly surfaces: SurfaceLimits;
  /** What DISPLAY_INIT offered for the image cache, in bytes: 4 for each of its pixels. */
  readonly imageCacheBytesMax: number;
  /** What DISPLAY_INIT offered for the GLZ window, in bytes as well, and one image more. */
  readonly glzWindowBytesMax: number;
  /** All of these together, and what decoding and drawing need for a moment. Coverage maps are not counted: no user asks for them. */
  readonly bytesMax: number;
}

/** What the canvas may hold, and what it needs from its host. */
export interface CanvasOptions {
  readonly limits: CanvasLimits;
  /** `unknown` when the channel was linked again within a session: the server's count of GLZ images may go on. */
  readonly firstGlzImageId: 0 | 'unknown';
  /** Keep a map of what can be trusted (`coverage.ts`), for conformance tests. */
  readonly trackCoverage?: boolean;
  readonly inflate: Inflate;
  /** Null where there is no JPEG library: what needs it is a gap. */
  readonly decodeJpeg: DecodeJpeg | null;
  readonly allocateShared: (bytes: number) => SharedArrayBuffer;
  /** Monotonic milliseconds: how long decoding takes is written down. */
  readonly nowMs: () => number;
  /** Told how long each picture took that was decoded, in milliseconds. */
  readonly decoded?: (ms: number) => void;
}

/** Owned by one display channel, which is the only one to draw. */
export interface Canvas {
  readonly context: DrawContext;
  readonly decoder: DecoderState;
  readonly budget: ByteBudget;
  readonly coverage: Coverage | null;
  readonly streams: StreamPlayer;
  readonly outcome: { gaps: Gap[]; damage: Rect | null; events: CanvasEvent[]; reports: StreamReport[] };
}

/** The canvas as numbers, for observation. */
export interface CanvasDescription {
  readonly surfaces: number;
  readonly surfaceBytes: number;
  readonly cachedImages: number;
  readonly cachedImageBytes: number;
  readonly cachedImageBytesMax: number;
  /** Of those that were kept last, oldest first, as digits. */
  readonly cachedImageIds: readonly string[];
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly cacheRefused: number;
  /** The GLZ window. */
  readonly glzImages: number;
  readonly glzBytes: number;
  readonly glzBytesMax: number;
  readonly glzEvicted: number;
  readonly glzEvictedBytes: number;
  readonly decodes: DecodeDescription;
  /** All pixels of the channel, of at most so many bytes: now, at most so far, and how often there was no room. */
  readonly pixelBytes: number;
  readonly pixelBytesMax: number;
  readonly pixelBytesHighWater: number;
  readonly pixelBytesRefused: number;
}

export function createCanvas(options: CanvasOptions): Canvas {
  const { limits, firstGlzImageId, inflate, decodeJpeg, allocateShared, nowMs, decoded } = options;
  const budget = createByteBudget(limits.bytesMax);
  const surfaces = createSurfaceTable(limits.surfaces, budget, allocateShared);
  const decoder = createDecoderState({ inflate, decodeJpeg, glzWindowBytesMax: limits.glzWindowBytesMax, firstGlzImageId, budget });
  const images = createImageSource(decoder, createImageCache(limits.imageCacheBytesMax, budget), surfaces, createDecodeLog(nowMs, decoded));
  const outcome: Canvas['outcome'] = { gaps: [], damage: null, events: [], reports: [] };
  const context: DrawContext = { surfaces, images, report: (gap) => outcome.gaps.push(gap), damage: null, drawing: null };
  const streams: StreamPlayer = { table: createStreamTable(budget), context, decode: decodeJpeg, send: (report) => outcome.reports.push(report) };
  return { context, decoder, budget, streams, coverage: options.trackCoverage === true ? createCoverage() : null, outcome };
}

/** A canvas that nobody has told the time shows frames as they come. */
const timeless: StreamClock = { nowMs: 0, mmTime: null, preciseMs: () => 0 };

/** Applies one message. Null, without any allocation, when there is nothing to tell: no gap, no damage, no event. */
export function applyMessage(canvas: Canvas, message: DisplayServerMessage, clock: StreamClock = timeless): CanvasOutcome | null {
  return change(canvas, message, () => apply(canvas, message, clock));
}

/** Paints the frames of streams that are due. */
export function showStreams(canvas: Canvas, clock: StreamClock): { readonly outcome: CanvasOutcome | null; readonly nextMs: number | null } {
  let nextMs: number | null = null;
  const outcome = change(canvas, null, () => {
    nextMs = showDueFrames(canvas.streams, clock);
  });
  return { outcome, nextMs };
}

function change(canvas: Canvas, message: DisplayServerMessage | null, act: () => void): CanvasOutcome | null {
  const { context, outcome } = canvas;
  if (outcome.gaps.length > 0) outcome.gaps = [];
  if (outcome.events.length > 0) outcome.events = [];
  if (outcome.reports.length > 0) outcome.reports = [];
  context.damage = null;
  act();
  finishDrawing(context);
  endWork(canvas.budget);
  if (canvas.coverage !== null && message !== null) noteMessage(canvas.coverage, message, outcome.gaps.length === 0);
  outcome.damage = context.damage;
  return outcome.damage === null && outcome.gaps.length === 0 && outcome.events.length === 0 && outcome.reports.length === 0 ? null : outcome;
}

export function describeCanvas(canvas: Canvas): CanvasDescription {
  const { surfaces, images } = canvas.context;
  const { budget } = canvas;
  const { glzWindow } = canvas.decoder;
  return {
    surfaces: surfaces.entries.size,
    surfaceBytes: surfaces.bytes,
    cachedImages: images.cache.entries.size,
    cachedImageBytes: images.cache.bytes,
    cachedImageBytesMax: images.cache.bytesMax,
    cachedImageIds: [...images.cache.entries.keys()].slice(-describedIdsMax).map(String),
    cacheHits: images.cache.hits,
    cacheMisses: images.cache.misses,
    cacheRefused: images.cache.refused,
    glzImages: glzWindow.images.size,
    glzBytes: glzWindow.bytes,
    glzBytesMax: glzWindow.bytesMax,
    glzEvicted: glzWindow.evicted,
    glzEvictedBytes: glzWindow.evictedBytes,
    decodes: describeDecodes(images.log),
    pixelBytes: budget.held,
    pixelBytesMax: budget.bytesMax,
    pixelBytesHighWater: budget.highWater,
    pixelBytesRefused: budget.refused,
  };
}

function apply(canvas: Canvas, message: DisplayServerMessage, clock: StreamClock): void {
  const { context } = canvas;
  if (isStreamMessage(message)) {
    applyStreamMessage(canvas.streams, message, clock);
    // Without a clock nothing waits.
    if (clock.mmTime === null) showDueFrames(canvas.streams, clock);
    return;
  }
  switch (message.kind) {
    case 'drawCopy':
    case 'drawBlend':
      return drawCopy(context, message.value);
    case 'drawFill':
      return drawFill(context, message.value);
    case 'copyBits':
      return drawCopyBits(context, message.value);
    case 'drawOpaque':
      return drawOpaque(context, message.value);
    case 'drawBlackness':
      return drawConstant(context, message.value, ropBlackness);
    case 'drawWhiteness':
      return drawConstant(context, message.value, ropWhiteness);
    case 'drawInvers':
      return drawConstant(context, message.value, ropInvert);
    case 'drawTransparent':
      return drawTransparent(context, message.value);
    case 'drawAlphaBlend':
      return drawAlphaBlend(context, message.value);
    case 'drawRop3':
      return drawRop3(context, message.value);
    case 'drawStroke':
      return drawStroke(context, message.value);
    case 'drawText':
      return drawText(context, message.value);
    case 'drawComposite':
      return drawComposite(context, message.value);
    case 'surfaceCreate': {
      const { surfaceId, width, height, format, flags } = message.value;
      return create(canvas, { id: surfaceId, width, height, format, primary: (flags & SurfaceFlag.primary) !== 0 });
    }
    case 'surfaceDestroy':
      if (!destroy(canvas, message.value.surfaceId)) {
        context.report({ key: 'display:surface:unknown-id', detail: `SURFACE_DESTROY of ${message.value.surfaceId}` });
      }
      return;
    case 'mode': {
      const { xRes, yRes, bits } = message.value;
      const format = bits === 32 ? SurfaceFormat.xrgb : SurfaceFormat.rgb555;
      destroy(canvas, 0);
      return create(canvas, { id: 0, width: xRes, height: yRes, format, primary: true });
    }
    case 'mark':
      return mark(canvas);
    case 'reset':
      return reset(canvas);
    case 'monitorsConfig':
      // An empty list means nothing: the server had no heads to tell about yet.
      if (message.value.heads.length === 0) return;
      canvas.outcome.events.push({ kind: 'monitorsConfigured', heads: message.value.heads, maxAllowed: message.value.maxAllowed });
      return;
    case 'invalList':
      for (const { type, id } of message.value.resources) {
        if (type === ResourceType.pixmap) forgetImage(context.images.cache, id);
        else context.report({ key: `display:inval:type-${type}`, detail: `id ${id}` });
      }
      return;
    case 'invalAllPixmaps':
      // The channel waits for the serials that the message names before it hands the message on. The GLZ window stays.
      return clearImages(context.images.cache);
    case 'invalPalette':
      return forgetPalette(canvas.decoder.palettes, message.value.id);
    case 'invalAllPalettes':
      return clearPalettes(canvas.decoder.palettes);
    case 'glScanoutUnix':
    case 'glDraw':
      context.report({ key: `display:gl:${message.kind}`, detail: 'not rendered' });
      return;
    // Not about pixels: the channel honours these, and reports what it could not read.
    case 'qualityIndicator':
    case 'migrate':
    case 'migrateData':
    case 'setAck':
    case 'ping':
    case 'waitForChannels':
    case 'disconnecting':
    case 'notify':
    case 'list':
    case 'unknown':
    case 'malformed':
      return;
  }
}

function create(canvas: Canvas, request: SurfaceRequest): void {
  const { context, outcome } = canvas;
  const { surfaces } = context;
  if (destroy(canvas, request.id)) {
    context.report({ key: 'display:surface:duplicate-id', detail: `surface ${request.id} is created over an older one` });
  }
  // A new primary replaces the old one, whatever its id.
  if (request.primary && surfaces.primary !== null) destroy(canvas, surfaces.primary.id);
  const entry = addSurface(surfaces, request);
  const detail = `surface ${request.id}, ${request.width} x ${request.height}, format ${request.format}`;
  if (typeof entry === 'string') {
    context.report({ key: `display:surface:${entry}`, detail });
    return;
  }
  if (entry.surface === null) {
    context.report({ key: `display:surface:format-${request.format}`, detail });
    return;
  }
  const { buffer, width, height, format } = entry.surface;
  const coverage = canvas.coverage === null ? null : coverSurface(canvas.coverage, request.id, width, height, request.primary);
  if (!request.primary || !(buffer instanceof SharedArrayBuffer)) return;
  outcome.events.push({ kind: 'primarySurfaceCreated', surfaceId: request.id, buffer, width, height, format, coverage });
}

/** False when there is no such surface. */
function destroy(canvas: Canvas, id: number): boolean {
  const entry = removeSurface(canvas.context.surfaces, id);
  if (entry === null) return false;
  if (entry.primary) canvas.outcome.events.push({ kind: 'primarySurfaceDestroyed', surfaceId: id });
  return true;
}

function mark(canvas: Canvas): void {
  const { primary } = canvas.context.surfaces;
  if (primary === null || primary.surface === null) return;
  setMarked(primary.surface, true);
  canvas.outcome.events.push({ kind: 'marked' });
}

/** RESET: an empty primary that is not to be shown before the next MARK, and no palettes. */
function reset(canvas: Canvas): void {
  const { context } = canvas;
  clearPalettes(canvas.decoder.palettes);
  const surface = context.surfaces.primary?.surface ?? null;
  if (surface === null) return;
  setMarked(surface, false);
  const bounds = { top: 0, left: 0, bottom: surface.height, right: surface.width };
  startDrawing(context, { surface, primary: true, region: { bounds, rects: null }, mask: null }, bounds);
  surface.words.fill(0);
  canvas.outcome.events.push({ kind: 'unmarked' });
}
