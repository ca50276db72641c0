// The guest's picture as half-block cells: two picture elements to a cell, upper and lower, by averaging an area of the surface. It
// reads pixels only (memory that the display's thread may be writing at the same moment: a torn picture is put right by the next
// frame) and neither decodes nor scales for any other use.

import { putCell, rgbColor } from './cells.ts';
import type { Color, Grid } from './cells.ts';

/** Pixels as 32-bit words 0xXXRRGGBB (bytes B, G, R, X on a little-endian machine), rows top-down. */
export interface PictureSource {
  readonly width: number;
  readonly height: number;
  /** Words from one row to the next, at least `width`. */
  readonly strideWords: number;
  readonly words: Uint32Array;
}

/** A picture scaled to cells: `columns` x `rows` cells, each with the colour of its upper and its lower half. */
export interface PictureCells { readonly columns: number; readonly rows: number; readonly upper: Uint32Array; readonly lower: Uint32Array }

/** How many source pixels of a row or a column of one half cell are looked at, at most: bounds the cost of a frame whatever the guest's size. */
const samplesPerSideMax = 8;

const upperHalfBlock = 0x2580;
/** From dark to light, for a terminal without colours. */
const shades: readonly number[] = Array.from(' .:-=+*#%@', (shade) => shade.charCodeAt(0));

/**
 * The largest size in cells that fits and keeps the aspect, never larger than one picture element to a pixel. A cell counts as
 * twice as high as wide, which makes a half cell square.
 */
export function fitPicture(width: number, height: number, columns: number, rows: number): { columns: number; rows: number } {
  if (width < 1 || height < 1 || columns < 1 || rows < 1) return { columns: 0, rows: 0 };
  const scale = Math.min(1, columns / width, (rows * 2) / height);
  return {
    columns: Math.max(1, Math.min(columns, Math.round(width * scale))),
    rows: Math.max(1, Math.min(rows, Math.ceil(Math.round(height * scale) / 2))),
  };
}

/** Scales a picture to `fitPicture`'s size for this many cells; half a cell below an odd picture's last line is left in the terminal's colour. */
export function samplePicture(source: PictureSource, columnsMax: number, rowsMax: number): PictureCells {
  const { columns, rows } = fitPicture(source.width, source.height, columnsMax, rowsMax);
  const upper = new Uint32Array(columns * rows);
  const lower = new Uint32Array(columns * rows);
  const scale = Math.min(1, columnsMax / source.width, (rowsMax * 2) / source.height);
  const lines = Math.max(1, Math.min(rows * 2, Math.round(source.height * scale)));
  const offsets = planSamples(source.width, columns);
  const sampleRows = planSamples(source.height, lines);
  for (let line = 0; line < lines; line++) {
    const target = (line & 1) === 0 ? upper : lower;
    const base = (line >> 1) * columns;
    for (let column = 0; column < columns; column++) target[base + column] = averageColor(source, offsets, column, sampleRows, line);
  }
  return { columns, rows, upper, lower };
}

/** Draws sampled cells; with `withColors` off, as characters from dark to light. */
export function drawPicture(grid: Grid, left: number, top: number, picture: PictureCells, withColors: boolean): void {
  for (let row = 0, index = 0; row < picture.rows; row++) {
    for (let column = 0; column < picture.columns; column++, index++) {
      const upper = picture.upper[index] ?? 0;
      const lower = picture.lower[index] ?? 0;
      if (withColors) putCell(grid, left + column, top + row, upperHalfBlock, { foreground: upper, background: lower });
      else putCell(grid, left + column, top + row, shadeOf(upper, lower), {});
    }
  }
}

/** Which source positions each target position looks at: `starts[i]` to `starts[i + 1]` in `positions`. */
interface SamplePlan { readonly starts: Uint32Array; readonly positions: Uint32Array }

function planSamples(sourceLength: number, targetLength: number): SamplePlan {
  const starts = new Uint32Array(targetLength + 1);
  const positions = new Uint32Array(targetLength * samplesPerSideMax);
  let used = 0;
  for (let target = 0; target < targetLength; target++) {
    starts[target] = used;
    const first = Math.floor((target * sourceLength) / targetLength);
    const span = Math.max(1, Math.floor(((target + 1) * sourceLength) / targetLength) - first);
    const samples = Math.min(span, samplesPerSideMax);
    for (let sample = 0; sample < samples; sample++) positions[used++] = first + Math.floor(((sample + 0.5) * span) / samples);
  }
  starts[targetLength] = used;
  return { starts, positions };
}

/** The mean of the sampled pixels. Red and blue are summed in one word: 64 samples of 8 bits need 14 bits, and 16 lie between them. */
function averageColor(source: PictureSource, columns: SamplePlan, column: number, rows: SamplePlan, line: number): Color {
  const { words, strideWords } = source;
  const firstColumn = columns.starts[column] ?? 0, lastColumn = columns.starts[column + 1] ?? 0;
  const firstRow = rows.starts[line] ?? 0, lastRow = rows.starts[line + 1] ?? 0;
  let redBlue = 0;
  let green = 0;
  for (let row = firstRow; row < lastRow; row++) {
    const base = (rows.positions[row] ?? 0) * strideWords;
    for (let index = firstColumn; index < lastColumn; index++) {
      const word = words[base + (columns.positions[index] ?? 0)] ?? 0;
      redBlue += word & 0xff00ff;
      green += (word >> 8) & 0xff;
    }
  }
  const samples = (lastColumn - firstColumn) * (lastRow - firstRow);
  const half = samples >> 1;
  const red = Math.floor(((redBlue >>> 16) + half) / samples);
  const blue = Math.floor(((redBlue & 0xffff) + half) / samples);
  return rgbColor((red << 16) | (Math.floor((green + half) / samples) << 8) | blue);
}

function shadeOf(upper: Color, lower: Color): number {
  const light = (luminance(upper) + luminance(lower)) / 2;
  return shades[Math.min(shades.length - 1, Math.floor((light * shades.length) / 256))] ?? 0x20;
}

/** Rec. 601 luma of a colour, 0 to 255. */
const luminance = (color: Color): number => (299 * ((color >> 16) & 255) + 587 * ((color >> 8) & 255) + 114 * (color & 255)) / 1000;
