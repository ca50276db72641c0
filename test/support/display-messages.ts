/**
 * Display messages for drawing tests, laid by hand: what a server would send, with the fields that do not matter filled in.
 */
import { inflateSync } from 'node:zlib';
import { libraryJpeg } from './jpeg.ts';
import { applyMessage, createCanvas } from '#app/surface/canvas.js';
import type { Canvas, CanvasLimits, CanvasOutcome } from '#app/surface/canvas.js';
import { defaultSurfaceLimits } from '#app/surface/surface-table.js';
import type { DisplayServerMessage, MessageKind, MessageValue } from '#app/protocol/message.js';
import type { Clip, DrawBase, Mask, Rect } from '#app/protocol/messages/draw.js';
import type { Image } from '#app/protocol/messages/image.js';

export const noMask: Mask = { flags: 0, pos: { x: 0, y: 0 }, image: null };

export function rectOf(left: number, top: number, width: number, height: number): Rect {
  return { top, left, bottom: top + height, right: left + width };
}

export function baseOf(surfaceId: number, box: Rect, clip: Clip = { kind: 'none' }): DrawBase {
  return { surfaceId, box, clip };
}

/** A 32-bit top-down bitmap of these words. */
export function bitmapOf(width: number, height: number, pixels: readonly number[], overrides: Partial<Image> = {}): Image {
  const data = new Uint8Array(Uint32Array.from(pixels).buffer);
  return {
    id: 1n, type: 0, flags: 0, width, height,
    body: { kind: 'bitmap', format: 8, flags: 4, width, height, stride: width * 4, palette: { kind: 'none' }, data },
    ...overrides,
  };
}

/** A one-bit mask, rows of the most significant bit first. */
export function maskOf(width: number, rows: readonly number[], flags = 0): Mask {
  const data = Uint8Array.from(rows);
  const height = rows.length;
  const body = { kind: 'bitmap', format: 2, flags: 4, width, height, stride: 1, palette: { kind: 'none' }, data } as const;
  return { flags, pos: { x: 0, y: 0 }, image: { id: 9n, type: 0, flags: 0, width, height, body } };
}

export function newCanvas(limits: Partial<CanvasLimits> = {}, nowMs: () => number = () => 0): Canvas {
  return createCanvas({
    limits: { surfaces: defaultSurfaceLimits, imageCacheBytesMax: 1_000_000, glzWindowBytesMax: 1_000_000, bytesMax: 1_000_000_000, ...limits },
    firstGlzImageId: 0,
    decodeJpeg: libraryJpeg,
    inflate: (input, outputBytes) => inflateSync(input, { maxOutputLength: outputBytes }),
    allocateShared: (bytes) => new SharedArrayBuffer(bytes),
    nowMs,
  });
}

/** Applies one message, named as in the catalogue. The outcome is a copy: it stays when the next message comes. */
export function apply<K extends MessageKind<2, 'server'>>(canvas: Canvas, kind: K, value: MessageValue<2, 'server', K>): CanvasOutcome {
  // The catalogue ties kind and value together; TypeScript cannot see that through a type parameter.
  const outcome = applyMessage(canvas, { kind, type: 0, value, trailingBytes: 0 } as unknown as DisplayServerMessage);
  return outcome === null ? { gaps: [], damage: null, events: [], reports: [] } : { ...outcome };
}

export function createSurfaceOf(canvas: Canvas, surfaceId: number, width: number, height: number, format = 32, primary = surfaceId === 0): CanvasOutcome {
  return apply(canvas, 'surfaceCreate', { surfaceId, width, height, format, flags: primary ? 1 : 0 });
}

/** The pixels of a surface as words, row by row. */
export function pixelsOf(canvas: Canvas, surfaceId = 0): number[] {
  return [...(canvas.context.surfaces.entries.get(surfaceId)?.surface?.words ?? [])];
}

export function gapKeys(outcome: CanvasOutcome): string[] {
  return outcome.gaps.map((gap) => gap.key);
}
