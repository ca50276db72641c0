// Drawing commands of the display channel and the small structures that they share: rectangles, clips, brushes, masks.
// Rectangles are stored top, left, bottom, right. Clip rectangles follow inline although the C structure has a pointer.

import {
  array, at, fix16_16, fix28_4, i16, i32, nullablePointer, pointer, struct, tagged, u16, u32, u8, whenBit,
} from '../wire/layout.ts';
import type { Of } from '../wire/layout.ts';
import { CompositeFlag, LineFlag } from '../constants.ts';
import { clipRectsMax, pathPointsMax, pathSegmentsMax } from '../limits.ts';
import { glyphs } from './glyphs.ts';
import { image } from './image.ts';

const point = struct({ x: i32, y: i32 });
export const point16 = struct({ x: i16, y: i16 });
/** Sixteenths of a pixel on the wire; the value is in pixels. */
const pointFix = struct({ x: fix28_4, y: fix28_4 });
/** Right and bottom are exclusive. */
export const rect = struct({ top: i32, left: i32, bottom: i32, right: i32 });

export const clip = tagged(u8, {
  none: at(0),
  rects: at(1, { count: u32, rects: array('count', rect, clipRectsMax) }),
});

const base = struct({ surfaceId: u32, box: rect, clip });

const brush = tagged(u8, {
  none: at(0),
  solid: at(1, { color: u32 }),
  pattern: at(2, { image: pointer(image), pos: point }),
});

/** Flags: `MaskFlag`. Without an image there is no mask. */
const mask = struct({ flags: u8, pos: point, image: nullablePointer(image) });

/** Maps destination to source coordinates: rows 0 and 1 of a 3 by 3 matrix. */
const transform = struct({ t00: fix16_16, t01: fix16_16, t02: fix16_16, t10: fix16_16, t11: fix16_16, t12: fix16_16 });

/** Flags: `LineFlag`. Dash lengths are in pixels. */
const lineAttributes = struct({
  flags: u8,
  style: whenBit('flags', LineFlag.styled, struct({ count: u8, dashes: nullablePointer(array('count', fix28_4, 255)) })),
});

/** Flags: `PathFlag`. */
const pathSegment = struct({ flags: u8, count: u32, points: array('count', pointFix, pathPointsMax) });
const path = struct({ count: u32, segments: array('count', pathSegment, pathSegmentsMax) });

/** Flags: `StringFlag`. */
const textString = struct({ length: u16, flags: u8, glyphs });

export const copyBits = struct({ base, srcPos: point });
export const drawFill = struct({ base, brush, rop: u16, mask });
export const drawOpaque = struct({ base, srcImage: nullablePointer(image), srcArea: rect, brush, rop: u16, scaleMode: u8, mask });
/** DRAW_BLEND has the same layout and meaning. */
export const drawCopy = struct({ base, srcImage: nullablePointer(image), srcArea: rect, rop: u16, scaleMode: u8, mask });
/** DRAW_BLACKNESS, DRAW_WHITENESS and DRAW_INVERS. */
export const drawMasked = struct({ base, mask });
export const drawRop3 = struct({ base, srcImage: nullablePointer(image), srcArea: rect, brush, rop3: u8, scaleMode: u8, mask });
export const drawStroke = struct({ base, path: pointer(path), lineAttributes, brush, foreMode: u16, backMode: u16 });
export const drawText = struct({
  base,
  string: pointer(textString),
  backArea: rect,
  foreBrush: brush,
  backBrush: brush,
  foreMode: u16,
  backMode: u16,
});
export const drawTransparent = struct({ base, srcImage: nullablePointer(image), srcArea: rect, srcColor: u32, trueColor: u32 });
export const drawAlphaBlend = struct({ base, alphaFlags: u8, alpha: u8, srcImage: nullablePointer(image), srcArea: rect });
/** Flags: bits 0-7 the operator, 8-17 filters and repeats, the rest `CompositeFlag`. */
export const drawComposite = struct({
  base,
  flags: u32,
  srcImage: nullablePointer(image),
  maskImage: whenBit('flags', CompositeFlag.hasMask, nullablePointer(image)),
  srcTransform: whenBit('flags', CompositeFlag.hasSourceTransform, transform),
  maskTransform: whenBit('flags', CompositeFlag.hasMaskTransform, transform),
  srcOrigin: point16,
  maskOrigin: point16,
});

/** What descriptions call by name. */
export const structures = { point, point16, rect, clip, base, brush, mask, transform, lineAttributes, path, textString } as const;

export type Rect = Of<typeof rect>;
export type Clip = Of<typeof clip>;
export type DrawBase = Of<typeof base>;
export type Brush = Of<typeof brush>;
export type Mask = Of<typeof mask>;
