// A grid of terminal cells: what each cell shows, in which colours. It is the value between the view, which draws into it, and the
// encoder, which turns the difference of two grids into bytes; it knows neither. A grid has one owner (the dashboard's thread), who
// clears and draws it again for each frame rather than making a new one.

import { displayCharacters } from './display-text.ts';

/** A colour: 0 is the terminal's own, otherwise `rgbColor(0xRRGGBB)`. */
export type Color = number;

/** The terminal's own colour. */
export const defaultColor: Color = 0;

const rgbFlag = 1 << 24;

/** A colour of 24 bits. The low 24 bits of a BGRX pixel word read on a little-endian machine are in this order already. */
export const rgbColor = (rgb: number): Color => rgbFlag | (rgb & 0xffffff);

/** Bits of a cell's attributes. */
export const cellAttribute = { bold: 1, dim: 2, underline: 4, reverse: 8 } as const;

/** How a piece of text looks. */
export interface Style { readonly foreground?: Color; readonly background?: Color; readonly attributes?: number }

/** The second half of a character that is two cells wide; the cell before it holds the character. */
export const wideTail = 0;

/** Largest grid, in cells a side: a size that a terminal claims is bounded before it is allocated. */
const gridColumnsMax = 1000;
/** See `gridColumnsMax`. */
const gridRowsMax = 500;

/** Cells in rows, top row first. Every wide character is followed by a `wideTail` in the same row. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly characters: Uint32Array;
  readonly foregrounds: Uint32Array;
  readonly backgrounds: Uint32Array;
  readonly attributes: Uint8Array;
}

/** Part of a grid, in cells. */
export interface Rect { readonly left: number; readonly top: number; readonly columns: number; readonly rows: number }

/** The nearest size that a grid can have: whole cells, at least 1 x 1 and at most `gridColumnsMax` x `gridRowsMax`. */
export function gridSize(columns: number, rows: number): { readonly columns: number; readonly rows: number } {
  return { columns: clampSide(columns, gridColumnsMax), rows: clampSide(rows, gridRowsMax) };
}

/** A blank grid of `gridSize(columns, rows)`. */
export function createGrid(columns: number, rows: number): Grid {
  const { columns: width, rows: height } = gridSize(columns, rows);
  const cells = width * height;
  return {
    columns: width, rows: height,
    characters: new Uint32Array(cells).fill(0x20), foregrounds: new Uint32Array(cells), backgrounds: new Uint32Array(cells), attributes: new Uint8Array(cells),
  };
}

/** Makes every cell a space in the terminal's own colours. */
export function clearGrid(grid: Grid): void {
  grid.characters.fill(0x20);
  grid.foregrounds.fill(defaultColor);
  grid.backgrounds.fill(defaultColor);
  grid.attributes.fill(0);
}

/** Sets one cell to a character one cell wide. Outside the grid it does nothing. */
export function putCell(grid: Grid, column: number, row: number, codePoint: number, style: Style): void {
  if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) return;
  const index = row * grid.columns + column;
  splitWide(grid, index, column);
  setCell(grid, index, codePoint, style);
}

/**
 * Writes a text from a cell to the right, made safe and cut (without an ellipsis) at `columnsMax` cells or at the edge of the
 * grid; a wide character that would hang over either is a space.
 * @returns how many cells were written
 */
export function putText(grid: Grid, column: number, row: number, text: string, style: Style, columnsMax = grid.columns): number {
  if (row < 0 || row >= grid.rows || column < 0) return 0;
  const end = Math.min(column + columnsMax, grid.columns);
  let at = column;
  for (const character of displayCharacters(text)) {
    if (at >= end) break;
    const index = row * grid.columns + at;
    splitWide(grid, index, at);
    if (character.width === 2 && at + 1 < end) {
      splitWide(grid, index + 1, at + 1);
      setCell(grid, index, character.codePoint, style);
      setCell(grid, index + 1, wideTail, style);
      at += 2;
    } else {
      setCell(grid, index, character.width === 2 ? 0x20 : character.codePoint, style);
      at += 1;
    }
  }
  return Math.max(0, at - column);
}

/** Sets the background of a part of the grid and blanks it. */
export function fillRect(grid: Grid, rect: Rect, style: Style): void {
  for (let row = rect.top; row < rect.top + rect.rows; row++) {
    for (let column = rect.left; column < rect.left + rect.columns; column++) putCell(grid, column, row, 0x20, style);
  }
}

/** A wide character that loses one half becomes a space, so that no grid holds half of one. */
function splitWide(grid: Grid, index: number, column: number): void {
  if (grid.characters[index] === wideTail) grid.characters[index - 1] = 0x20;
  if (column + 1 < grid.columns && grid.characters[index + 1] === wideTail) grid.characters[index + 1] = 0x20;
}

function setCell(grid: Grid, index: number, codePoint: number, style: Style): void {
  grid.characters[index] = codePoint;
  grid.foregrounds[index] = style.foreground ?? defaultColor;
  grid.backgrounds[index] = style.background ?? defaultColor;
  grid.attributes[index] = style.attributes ?? 0;
}

function clampSide(cells: number, max: number): number {
  return Number.isFinite(cells) ? Math.max(1, Math.min(max, Math.floor(cells))) : 1;
}
