// The glyphs of DRAW_TEXT: the size of each glyph's rows follows from its own width and height and from the string's
// flags, which no ordinary layout can say. Rows stay as they are stored; the surface turns them into coverage.

import { custom } from '../wire/layout.ts';
import { Reader } from '../wire/reader.ts';
import { WireError } from '../wire/wire-error.ts';
import { StringFlag } from '../constants.ts';
import { messageBodyBytesMax, glyphsMax } from '../limits.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Glyph {
  readonly renderPos: Point;
  readonly glyphOrigin: Point;
  readonly width: number;
  readonly height: number;
  /** `height` rows of `glyphRowBytes` each, the bottom row first. */
  readonly rows: Uint8Array;
}

/** Bits per pixel of a string's glyphs, 0 when the flags name no depth or two. */
function glyphBits(flags: number): 0 | 1 | 4 | 8 {
  switch (flags & (StringFlag.rasterA1 | StringFlag.rasterA4 | StringFlag.rasterA8)) {
    case StringFlag.rasterA1:
      return 1;
    case StringFlag.rasterA4:
      return 4;
    case StringFlag.rasterA8:
      return 8;
    default:
      return 0;
  }
}

/** Bytes of one row of a glyph. */
export function glyphRowBytes(flags: number, width: number): number {
  return Math.ceil((width * glyphBits(flags)) / 8);
}

export const glyphs = custom<readonly Glyph[], 'length'>({
  name: 'glyphs',
  reads: ['flags'],
  counter: 'length',
  parse: (reader, [length = 0, flags = 0], field) => {
    if (length > glyphsMax) throw new WireError('countLimit', field, length, glyphsMax);
    if (glyphBits(flags) === 0) throw new WireError('invalid', `${field}.flags`, flags, 0);
    const parsed: Glyph[] = [];
    for (let index = 0; index < length; index += 1) parsed.push(parseGlyph(reader, flags, field));
    return parsed;
  },
  serialize: (writer, value) => {
    for (const glyph of value) {
      writer.i32(glyph.renderPos.x);
      writer.i32(glyph.renderPos.y);
      writer.i32(glyph.glyphOrigin.x);
      writer.i32(glyph.glyphOrigin.y);
      writer.u16(glyph.width);
      writer.u16(glyph.height);
      writer.bytes(glyph.rows);
    }
  },
  count: (value) => value.length,
});

function parseGlyph(reader: Reader, flags: number, field: string): Glyph {
  const renderPos = { x: reader.i32(field), y: reader.i32(field) };
  const glyphOrigin = { x: reader.i32(field), y: reader.i32(field) };
  const width = reader.u16(field);
  const height = reader.u16(field);
  const size = glyphRowBytes(flags, width) * height;
  if (size > messageBodyBytesMax) throw new WireError('countLimit', field, size, messageBodyBytesMax);
  return { renderPos, glyphOrigin, width, height, rows: reader.view8(size, field) };
}
