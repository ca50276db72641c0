// The actor tree as a table that fits any width: columns come in the order of their worth as long as there is room for them, rows
// that do not fit are counted. It draws into the rectangle that it is given and decides nothing about the rest of the screen.

import { cellAttribute, putCell, putText } from './cells.ts';
import { safeText, textColumns } from './display-text.ts';
import { actorStateSeverity, actorStateWords } from './session-event.ts';
import { theme } from './theme.ts';
import { formatAge, formatCount, formatRate } from './units.ts';
import type { Grid, Rect, Style } from './cells.ts';
import type { ActorState, Severity } from './session-event.ts';
import type { ActorRow, View } from './view-model.ts';

/** A column beside the name. They are shown in this order; `worth` says which are left out first (the greater number). */
interface Column {
  readonly heading: string;
  readonly columns: number;
  readonly worth: number;
  readonly align: 'left' | 'right';
  draw(row: ActorRow, atMs: number): { readonly text: string; readonly style: Style } | 'gauge';
}

const nameColumnsMin = 12;
const nameColumnsMax = 30;
const gaugeColumns = 8;

/** A sign for each state, so that a list can be scanned without reading and without colours. */
const stateSigns: Readonly<Record<ActorState, string>> = {
  starting: '○', running: '●', stopping: '○', waiting: '↻', frozen: '■', blockedOnDisk: '■', failed: '×', stopped: '·',
};

const quietAtZero = (count: number, style: Style): { text: string; style: Style } => ({ text: formatCount(count), style: count > 0 ? style : theme.quiet });
const orDash = (text: string | null): { text: string; style: Style } => (text === null ? { text: '-', style: theme.quiet } : { text, style: theme.text });

const columns: readonly Column[] = [
  { heading: 'state', columns: 10, worth: 1, align: 'left', draw: ({ actor }) => ({ text: `${stateSigns[actor.state]} ${actorStateWords[actor.state]}`, style: severityStyle(actorStateSeverity(actor.state), actor.state) }) },
  { heading: 'gen', columns: 4, worth: 2, align: 'right', draw: ({ actor }) => ({ text: `#${formatCount(actor.generation)}`, style: theme.text }) },
  { heading: 'rst', columns: 4, worth: 8, align: 'right', draw: ({ actor }) => quietAtZero(actor.restarts, theme.warning) },
  { heading: 'mailbox', columns: gaugeColumns, worth: 3, align: 'left', draw: () => 'gauge' },
  { heading: 'now/high', columns: 9, worth: 9, align: 'right', draw: ({ actor: { mailbox } }) => orDash(mailbox === null ? null : `${formatCount(mailbox.depth)}/${formatCount(mailbox.highWater)}`) },
  { heading: 'in', columns: 9, worth: 4, align: 'right', draw: ({ rates }) => orDash(rates === null ? null : formatRate(rates.bytesIn)) },
  { heading: 'out', columns: 9, worth: 5, align: 'right', draw: ({ rates }) => orDash(rates === null ? null : formatRate(rates.bytesOut)) },
  { heading: 'msg/s', columns: 5, worth: 11, align: 'right', draw: ({ rates }) => orDash(rates === null ? null : formatCount(rates.messagesIn)) },
  { heading: 'sent/s', columns: 6, worth: 14, align: 'right', draw: ({ rates }) => orDash(rates === null ? null : formatCount(rates.messagesOut)) },
  { heading: 'ping/pong', columns: 11, worth: 12, align: 'right', draw: ({ actor }) => pingPong(actor.pings, actor.pongs) },
  { heading: 'gaps', columns: 5, worth: 7, align: 'right', draw: ({ actor }) => quietAtZero(actor.gaps, theme.warning) },
  { heading: 'drops', columns: 5, worth: 6, align: 'right', draw: ({ actor }) => quietAtZero(actor.drops, theme.bad) },
  { heading: 'idle', columns: 4, worth: 10, align: 'right', draw: ({ actor }, atMs) => orDash(actor.lastActivityMs === null ? null : formatAge(atMs - actor.lastActivityMs)) },
  { heading: 'thr', columns: 3, worth: 13, align: 'right', draw: ({ actor }) => orDash(actor.threadId === null ? null : String(actor.threadId)) },
];

/** In the place of the state where there is no room for words. */
const signColumn: Column = {
  heading: '', columns: 1, worth: 0, align: 'left', draw: ({ actor }) => ({ text: stateSigns[actor.state], style: severityStyle(actorStateSeverity(actor.state), actor.state) }),
};

/** Draws heading and rows. */
export function drawActorTable(grid: Grid, rect: Rect, view: View): void {
  if (rect.rows < 1 || rect.columns < 1) return;
  const { name, shown } = chooseColumns(rect.columns, view.actors);
  drawHeading(grid, rect, name, shown);
  const rows = chooseRows(view.actors, rect.rows - 1, view.actorsHidden);
  for (const [index, row] of rows.shown.entries()) drawRow(grid, rect, rect.top + 1 + index, row, view.atMs, name, shown);
  if (rows.hidden > 0 && rect.rows > 1) putText(grid, rect.left, rect.top + rect.rows - 1, safeText(`… ${rows.hidden} more`, rect.columns), theme.quiet);
}

/** The style for words that want this much attention. */
export function severityStyle(severity: Severity, state?: ActorState): Style {
  switch (severity) {
    case 'info': return state === 'running' ? theme.good : theme.text;
    case 'warning': return theme.warning;
    case 'error': return theme.bad;
  }
}

function chooseColumns(width: number, rows: readonly ActorRow[]): { name: number; shown: readonly Column[] } {
  const longest = Math.max(nameColumnsMin, ...rows.map((row) => textColumns(row.branch) + textColumns(row.actor.id)));
  const name = Math.min(nameColumnsMax, longest, Math.max(nameColumnsMin, Math.floor(width / 3)), width);
  const chosen = new Set<Column>();
  let left = width - name;
  for (const column of columns.toSorted((first, second) => first.worth - second.worth)) {
    if (column.columns + 1 > left) break;
    chosen.add(column);
    left -= column.columns + 1;
  }
  if (chosen.size === 0 && width > nameColumnsMin / 2) return { name: Math.min(longest, width - 2), shown: [signColumn] };
  return { name: Math.min(nameColumnsMax, longest, name + left), shown: columns.filter((column) => chosen.has(column)) };
}

/** When they do not all fit, rows that want attention are kept, then the first ones; always in the tree's order. */
function chooseRows(rows: readonly ActorRow[], lines: number, hiddenBefore: number): { shown: readonly ActorRow[]; hidden: number } {
  if (rows.length <= lines && hiddenBefore === 0) return { shown: rows, hidden: 0 };
  const room = Math.max(0, lines - 1);
  const alarming = rows.filter((row) => actorStateSeverity(row.actor.state) !== 'info').slice(0, room);
  const kept = new Set(alarming);
  for (const row of rows) {
    if (kept.size >= room) break;
    kept.add(row);
  }
  return { shown: rows.filter((row) => kept.has(row)), hidden: rows.length - kept.size + hiddenBefore };
}

function drawHeading(grid: Grid, rect: Rect, name: number, shown: readonly Column[]): void {
  putText(grid, rect.left, rect.top, 'actor', theme.heading, Math.min(name, rect.columns));
  let at = rect.left + name;
  for (const column of shown) {
    const text = safeText(column.heading, column.columns);
    putText(grid, at + 1 + (column.align === 'right' ? column.columns - textColumns(text) : 0), rect.top, text, theme.heading);
    at += column.columns + 1;
  }
}

function drawRow(grid: Grid, rect: Rect, top: number, row: ActorRow, atMs: number, name: number, shown: readonly Column[]): void {
  const branch = putText(grid, rect.left, top, row.branch, theme.quiet, name);
  putText(grid, rect.left + branch, top, safeText(row.actor.id, name - branch), row.depth === 0 ? theme.strong : theme.text);
  let at = rect.left + name;
  for (const column of shown) {
    const drawn = column.draw(row, atMs);
    if (drawn === 'gauge') drawGauge(grid, at + 1, top, row);
    else {
      const text = safeText(drawn.text, column.columns);
      putText(grid, at + 1 + (column.align === 'right' ? column.columns - textColumns(text) : 0), top, text, drawn.style);
    }
    at += column.columns + 1;
  }
}

/** How full the mailbox is, in eighths of a cell, with a mark at the fullest it ever was. */
function drawGauge(grid: Grid, left: number, row: number, { actor }: ActorRow): void {
  const { mailbox } = actor;
  if (mailbox === null) { putText(grid, left, row, '-', theme.quiet); return; }
  const share = (count: number): number => (mailbox.max > 0 ? Math.max(0, Math.min(1, count / mailbox.max)) : 0);
  // One waiting message of thousands is shown as the thinnest bar, not as none.
  const eighths = mailbox.depth > 0 ? Math.max(1, Math.round(share(mailbox.depth) * gaugeColumns * 8)) : 0;
  const mark = mailbox.highWater > 0 ? Math.min(gaugeColumns - 1, Math.floor(share(mailbox.highWater) * gaugeColumns)) : -1;
  const style = share(mailbox.depth) >= 0.75 ? theme.gaugeHigh : theme.gauge;
  for (let cell = 0; cell < gaugeColumns; cell++) {
    const filled = Math.max(0, Math.min(8, eighths - cell * 8));
    if (filled > 0) putCell(grid, left + cell, row, 0x2590 - filled, style);
    else if (cell === mark) putCell(grid, left + cell, row, 0x2502, share(mailbox.highWater) >= 0.75 ? theme.gaugeHigh : theme.gauge);
    else putCell(grid, left + cell, row, 0x00b7, theme.quiet);
  }
}

/** Equal in health; a PING that waits for its PONG makes them differ. */
function pingPong(pings: number, pongs: number): { text: string; style: Style } {
  if (pings === 0 && pongs === 0) return { text: '-', style: theme.quiet };
  return { text: `${formatCount(pings)}/${formatCount(pongs)}`, style: pings === pongs ? theme.text : { ...theme.warning, attributes: cellAttribute.bold } };
}
