import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGrid, putCell, rgbColor } from '#app/ui-terminal/cells.js';
import { drawPicture, fitPicture, samplePicture } from '#app/ui-terminal/picture.js';
import type { PictureSource } from '#app/ui-terminal/picture.js';

/** Words as a BGRX surface holds them, with something in the X byte and beyond the width that must not show. */
function source(width: number, height: number, pixel: (x: number, y: number) => number, padding = 1): PictureSource {
  const strideWords = width + padding;
  const words = new Uint32Array(strideWords * height).fill(0xdeadbeef);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) words[y * strideWords + x] = (0xaa000000 | pixel(x, y)) >>> 0;
  return { width, height, strideWords, words };
}

describe('sampling', () => {
  test('2 x 2 pixels are one row of two cells with exactly their colours', () => {
    const picture = samplePicture(source(2, 2, (x, y) => [[0xff0000, 0x00ff00], [0x0000ff, 0x123456]][y]![x]!), 10, 10);
    expect(picture).toEqual({
      columns: 2, rows: 1, upper: Uint32Array.of(rgbColor(0xff0000), rgbColor(0x00ff00)), lower: Uint32Array.of(rgbColor(0x0000ff), rgbColor(0x123456)),
    });
  });

  test('an odd last line leaves the lower half in the terminal\'s own colour', () => {
    const picture = samplePicture(source(1, 3, () => 0xffffff), 4, 4);
    expect([...picture.upper]).toEqual([rgbColor(0xffffff), rgbColor(0xffffff)]);
    expect([...picture.lower]).toEqual([rgbColor(0xffffff), 0]);
  });

  test('areas are averaged exactly when they are small: 4 x 4 pixels on one half cell', () => {
    const picture = samplePicture(source(4, 8, (x, y) => (y < 4 ? (x < 2 ? 0xff0000 : 0x0000ff) : x + y * 4 < 24 ? 0x00ff00 : 0)), 1, 1);
    expect(picture).toEqual({ columns: 1, rows: 1, upper: Uint32Array.of(rgbColor(0x800080)), lower: Uint32Array.of(rgbColor(0x008000)) });
  });

  test('a picture of one colour keeps it, whatever the sizes', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 0xffffff }), (width, height, columns, rows, rgb) => {
      const picture = samplePicture(source(width, height, () => rgb), columns, rows);
      expect(picture.columns).toBeLessThanOrEqual(columns);
      expect(picture.rows).toBeLessThanOrEqual(rows);
      expect(new Set(picture.upper)).toEqual(new Set([rgbColor(rgb)]));
      for (const color of picture.lower) expect([rgbColor(rgb), 0]).toContain(color);
    }));
  });

  test('samples come from inside the picture, from every part of it, in order', () => {
    const picture = samplePicture(source(1920, 1080, (x, y) => (Math.floor(x / 192) << 16) | Math.floor(y / 108)), 80, 24);
    expect(picture.columns).toBe(80);
    const reds = Array.from(picture.upper.subarray(0, 80), (color) => (color >> 16) & 255);
    expect(reds).toEqual(reds.toSorted((a, b) => a - b));
    expect([reds[0], reds[79]]).toEqual([0, 9]);
    expect((picture.upper[(picture.rows - 1) * 80] ?? 0) & 255).toBe(9);
  });
});

describe('the size in cells', () => {
  test('keeps the aspect: a cell is as high as two are wide', () => {
    expect(fitPicture(1024, 768, 160, 48)).toEqual({ columns: 128, rows: 48 });
    expect(fitPicture(1024, 768, 40, 48)).toEqual({ columns: 40, rows: 15 });
    expect(fitPicture(1920, 1080, 80, 24)).toEqual({ columns: 80, rows: 23 });
  });
  test('a small picture is not blown up, and nothing fits where there is no room', () => {
    expect(fitPicture(8, 8, 80, 24)).toEqual({ columns: 8, rows: 4 });
    expect(fitPicture(8, 8, 0, 24)).toEqual({ columns: 0, rows: 0 });
    expect(fitPicture(0, 8, 10, 24)).toEqual({ columns: 0, rows: 0 });
  });
  test('extreme shapes stay at least one cell high and wide', () => {
    expect(fitPicture(10_000, 1, 80, 24)).toEqual({ columns: 80, rows: 1 });
    expect(fitPicture(1, 10_000, 80, 24)).toEqual({ columns: 1, rows: 24 });
  });
});

describe('drawing', () => {
  test('upper colour in front, lower behind, in half blocks', () => {
    const grid = createGrid(3, 2);
    drawPicture(grid, 1, 1, samplePicture(source(1, 2, (_, y) => (y === 0 ? 0x112233 : 0x445566)), 1, 1), true);
    const wanted = createGrid(3, 2);
    putCell(wanted, 1, 1, 0x2580, { foreground: rgbColor(0x112233), background: rgbColor(0x445566) });
    expect(grid).toEqual(wanted);
  });
  test('without colours, characters from dark to light', () => {
    const grid = createGrid(10, 1);
    drawPicture(grid, 0, 0, samplePicture(source(10, 2, (x) => Math.floor((x * 255) / 9) * 0x010101), 10, 1), false);
    expect(String.fromCodePoint(...grid.characters)).toBe(' .:-=+*#%@');
    expect(new Set(grid.foregrounds)).toEqual(new Set([0]));
  });
});
