// Pane: a list over the dashboard that a key has opened: title, lines, keys. In a terminal that is too small for it the title, the keys and the line
// that is chosen stay. What the lines say is `panes.ts`'s.

import { severityStyle } from './actor-table.ts';
import { cellAttribute, fillRect, putText } from './cells.ts';
import type { Grid, Rect, Style } from './cells.ts';
import { safeText } from './display-text.ts';
import type { Severity } from './session-event.ts';
import { theme } from './theme.ts';

export interface PaneLine { readonly text: string; readonly severity?: Severity; readonly dim?: boolean; readonly chosen?: boolean }
export interface Pane { readonly title: string; readonly lines: readonly PaneLine[]; readonly keys: readonly string[] }

const columnsMax = 96;

export function drawPane(grid: Grid, pane: Pane): void {
  const inner = Math.max(1, Math.min(columnsMax, grid.columns - 4));
  const shown = Math.max(0, Math.min(pane.lines.length, grid.rows - 4));
  const chosen = Math.max(0, pane.lines.findIndex((line) => line.chosen === true));
  const first = Math.max(0, Math.min(pane.lines.length - shown, chosen - Math.floor(shown / 2)));
  const rect: Rect = { left: Math.max(0, Math.floor((grid.columns - inner - 4) / 2)), top: Math.max(0, Math.floor((grid.rows - shown - 4) / 2)), columns: inner + 4, rows: shown + 4 };
  fillRect(grid, rect, theme.header);
  const put = (row: number, text: string, style: Style): void => { putText(grid, rect.left + 2, rect.top + row, safeText(text, inner), style, inner); };
  const hidden = pane.lines.length - shown;
  put(0, hidden > 0 ? `${pane.title} (${first + 1} to ${first + shown} of ${pane.lines.length})` : pane.title, theme.header);
  for (const [index, line] of pane.lines.slice(first, first + shown).entries()) put(index + 2, line.text, styleOf(line));
  put(shown + 3, pane.keys.map((key) => `[${key}]`).join('  '), theme.header);
}

function styleOf({ severity = 'info', dim = false, chosen = false }: PaneLine): Style {
  const base: Style = dim ? theme.headerQuiet : theme.header;
  const colour = severity === 'info' ? {} : { foreground: severityStyle(severity).foreground ?? 0 };
  return { ...base, ...colour, attributes: (dim ? 0 : cellAttribute.bold) | (chosen ? cellAttribute.reverse : 0) };
}
