/**
 * An LZ encoder for the test server: RGB16, RGB24, RGB32, RGBA, XXXA, A8 and the palette types. It was written from the
 * description of the format and shares nothing with the decoder, so that the two do not agree by mistake.
 */
import { ByteSink } from './byte-sink.ts';
import { MatchFinder } from './match-finder.ts';
import type { Picture } from './picture.ts';
import { visitingOrder } from './picture.ts';

/** Pixel types of RGB and alpha images. */
export type LzPixelType = 'rgb16' | 'rgb24' | 'rgb32' | 'rgba' | 'xxxa' | 'a8';
/** Pixel types of images with a palette, by the way their indexes are packed. */
export type LzIndexType = 'plt1Le' | 'plt1Be' | 'plt4Le' | 'plt4Be' | 'plt8';

const typeNumbers = { plt1Le: 1, plt1Be: 2, plt4Le: 3, plt4Be: 4, plt8: 5, rgb16: 6, rgb24: 7, rgb32: 8, rgba: 9, xxxa: 10, a8: 11 } as const;

/** How one kind of unit is written: bytes of a literal, first byte first, and what match lengths are reduced by. */
interface UnitForm {
  readonly literalShifts: readonly number[];
  readonly bias: number;
}
const colourForm: UnitForm = { literalShifts: [0, 8, 16], bias: 0 };
const colour555Form: UnitForm = { literalShifts: [8, 0], bias: 1 };
const byteForm: UnitForm = { literalShifts: [0], bias: 2 };

const literalRunMax = 32;
const nearDistanceMax = 8191;
/** Farther than this a match cannot reach. */
const distanceMax = 8192 + 65535;

/** A picture as one LZ stream. */
export function encodeLz(picture: Picture, type: LzPixelType, topDown = true): Uint8Array {
  const words = visitingOrder(picture, topDown);
  const sink = new ByteSink();
  const bytesPerPixel = type === 'rgb16' ? 2 : type === 'rgb24' ? 3 : type === 'a8' ? 1 : 4;
  writeHeader(sink, typeNumbers[type], picture.width, picture.height, picture.width * bytesPerPixel, topDown);
  switch (type) {
    case 'rgb16':
      writeUnits(sink, words.map(to555), colour555Form);
      break;
    case 'rgb24':
    case 'rgb32':
      writeUnits(sink, words.map((word) => word & 0xffffff), colourForm);
      break;
    case 'rgba':
      writeUnits(sink, words.map((word) => word & 0xffffff), colourForm);
      writeUnits(sink, words.map((word) => word >>> 24), byteForm);
      break;
    case 'xxxa':
    case 'a8':
      writeUnits(sink, words.map((word) => word >>> 24), byteForm);
      break;
  }
  return sink.toBytes();
}

/** Rows of palette indexes, `stride` bytes each, in the order in which they are to stand in the stream. */
export function encodeLzPlt(rows: Uint8Array, type: LzIndexType, width: number, height: number, stride: number, topDown = true): Uint8Array {
  const sink = new ByteSink();
  writeHeader(sink, typeNumbers[type], width, height, stride, topDown);
  writeUnits(sink, Uint32Array.from(rows.subarray(0, stride * height)), byteForm);
  return sink.toBytes();
}

/** The low 15 bits that a pixel becomes on its way through 16-bit formats. */
export function to555(word: number): number {
  return (((word >>> 19) & 31) << 10) | (((word >>> 11) & 31) << 5) | ((word >>> 3) & 31);
}

function writeHeader(sink: ByteSink, type: number, width: number, height: number, stride: number, topDown: boolean): void {
  for (const field of [0x20205a4c, 0x00010001, type, width, height, stride, topDown ? 1 : 0]) sink.u32BigEndian(field);
}

function writeUnits(sink: ByteSink, units: Uint32Array, form: UnitForm): void {
  const finder = new MatchFinder(units);
  let literalStart = 0;
  let at = 0;
  while (at < units.length) {
    const { place, length } = finder.find(units, at);
    const distance = at - place;
    // A match takes up to 4 bytes and must have at least one unit more than the bias.
    const worthIt = length >= form.bias + 2 && length * form.literalShifts.length > 4 && distance <= distanceMax;
    if (!worthIt) {
      finder.remember(at++);
      continue;
    }
    writeLiterals(sink, units, literalStart, at, form);
    writeMatch(sink, length - form.bias, distance);
    for (const end = at + length; at < end; at++) finder.remember(at);
    literalStart = at;
  }
  writeLiterals(sink, units, literalStart, at, form);
}

function writeLiterals(sink: ByteSink, units: Uint32Array, start: number, end: number, form: UnitForm): void {
  for (let at = start; at < end; ) {
    const stop = Math.min(at + literalRunMax, end);
    sink.u8(stop - at - 1);
    for (; at < stop; at++) for (const shift of form.literalShifts) sink.u8((units[at]! >>> shift) & 255);
  }
}

function writeMatch(sink: ByteSink, length: number, distance: number): void {
  const offset = Math.min(distance - 1, nearDistanceMax);
  sink.u8((Math.min(length, 7) << 5) | (offset >>> 8));
  writeLongLength(sink, length);
  sink.u8(offset & 255);
  if (offset === nearDistanceMax) {
    const far = distance - 1 - nearDistanceMax;
    sink.u8(far >>> 8);
    sink.u8(far & 255);
  }
}

/** What of a match's length does not fit into the 3 bits of its control byte. */
function writeLongLength(sink: ByteSink, length: number): void {
  if (length < 7) return;
  let rest = length - 7;
  for (; rest >= 255; rest -= 255) sink.u8(255);
  sink.u8(rest);
}
