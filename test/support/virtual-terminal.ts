// A real terminal emulator in this process, for tests of what the dashboard's bytes do to a screen.
import xterm from '@xterm/headless';
import { createGrid, defaultColor, rgbColor, wideTail } from '#app/ui-terminal/cells.js';
import { terminalSetUpSequence } from '#app/ui-terminal/terminal-modes.js';
import type { Grid } from '#app/ui-terminal/cells.js';

export interface VirtualTerminal {
  write(bytes: Uint8Array | string): Promise<void>;
  /** The cells on the screen. Colours of the 256-colour palette are the palette's index plus `paletteFlag`. */
  grid(): Grid;
  text(): string[];
  readonly isAlternate: boolean;
}

export const paletteFlag = 1 << 25;

export function createVirtualTerminal(columns: number, rows: number, setUp = true): VirtualTerminal {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  if (setUp) terminal.write(terminalSetUpSequence);
  return {
    write: (bytes) => new Promise((resolve) => { terminal.write(bytes, resolve); }),
    grid: () => readGrid(terminal, columns, rows),
    text: () => Array.from({ length: rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(false) ?? ''),
    get isAlternate() { return terminal.buffer.active.type === 'alternate'; },
  };
}

/** The first cell in which two grids differ, in words, or null: comparing 30,000 cells with `toEqual` takes seconds. */
export function gridDifference(shown: Grid, wanted: Grid): string | null {
  if (shown.columns !== wanted.columns || shown.rows !== wanted.rows) return `${shown.columns} x ${shown.rows} cells, not ${wanted.columns} x ${wanted.rows}`;
  const cell = (grid: Grid, index: number): string => [grid.characters[index], grid.foregrounds[index], grid.backgrounds[index], grid.attributes[index]].map((value) => (value ?? 0).toString(16)).join(' ');
  for (let index = 0; index < wanted.characters.length; index++) {
    if (cell(shown, index) !== cell(wanted, index)) return `column ${index % wanted.columns}, row ${Math.floor(index / wanted.columns)}: ${cell(shown, index)}, not ${cell(wanted, index)}`;
  }
  return null;
}

function readGrid(terminal: xterm.Terminal, columns: number, rows: number): Grid {
  const grid = createGrid(columns, rows);
  for (let row = 0, index = 0; row < rows; row++) {
    const line = terminal.buffer.active.getLine(row);
    for (let column = 0; column < columns; column++, index++) {
      const cell = line?.getCell(column);
      if (cell === undefined) continue;
      grid.characters[index] = cell.getWidth() === 0 ? wideTail : cell.getChars() === '' ? 0x20 : cell.getChars().codePointAt(0) ?? 0x20;
      grid.foregrounds[index] = cell.isFgRGB() ? rgbColor(cell.getFgColor()) : cell.isFgPalette() ? paletteFlag + cell.getFgColor() : defaultColor;
      grid.backgrounds[index] = cell.isBgRGB() ? rgbColor(cell.getBgColor()) : cell.isBgPalette() ? paletteFlag + cell.getBgColor() : defaultColor;
      grid.attributes[index] = (cell.isBold() !== 0 ? 1 : 0) | (cell.isDim() !== 0 ? 2 : 0) | (cell.isUnderline() !== 0 ? 4 : 0) | (cell.isInverse() !== 0 ? 8 : 0);
    }
  }
  return grid;
}
