// Held box: the question that a session which is held asks, as a box in the middle of everything else: title, body, keys. In a
// terminal that is too small for it, what matters most stays: the title and the keys.

import { fillRect, putText } from './cells.ts';
import { safeText, textColumns } from './display-text.ts';
import { theme } from './theme.ts';
import type { Grid, Rect } from './cells.ts';
import type { HeldBox } from './view-model.ts';

const columnsMax = 64;
/** A body of a server's making has no end of its own. */
const bodyLinesMax = 8;

export function drawHeldBox(grid: Grid, box: HeldBox): void {
  const inner = Math.max(1, Math.min(columnsMax, grid.columns - 4));
  const body = wrapText(box.body, inner).slice(0, Math.max(0, Math.min(bodyLinesMax, grid.rows - 6)));
  const keys = box.keys.map((key) => `[${key}]`).join('  ');
  const lines = [box.title, ...(body.length === 0 ? [] : ['', ...body, '']), keys];
  const rect: Rect = { left: Math.max(0, Math.floor((grid.columns - inner - 4) / 2)), top: Math.max(0, Math.floor((grid.rows - lines.length - 2) / 2)), columns: inner + 4, rows: lines.length + 2 };
  fillRect(grid, rect, theme.header);
  for (const [index, line] of lines.entries()) {
    const style = index === 0 || index === lines.length - 1 ? theme.header : theme.headerQuiet;
    putText(grid, rect.left + 2, rect.top + 1 + index, safeText(line, inner), style, inner);
  }
}

/** Lines of at most `columns` cells, broken at spaces where there are any. */
export function wrapText(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (textColumns(longer) <= columns || line === '') line = longer;
      else {
        lines.push(line);
        line = word;
      }
    }
    return [...lines, line];
  });
}
