// The dashboard as cells: header, actor tree, the guest's picture, the last events. It draws a whole view into a grid each time, which
// is cheap; what reaches the terminal is the encoder's difference. No state, no terminal, no clock.

import { drawActorTable, severityStyle } from './actor-table.ts';
import { clearGrid, fillRect, putText } from './cells.ts';
import { safeText, textColumns } from './display-text.ts';
import { drawHeldBox } from './held-box.ts';
import { planLayout } from './layout.ts';
import { drawPane } from './pane.ts';
import { drawPicture, fitPicture } from './picture.ts';
import { eventSeverity, eventSource, eventText, sessionStateSeverity } from './session-event.ts';
import { theme } from './theme.ts';
import { totalRates } from './view-model.ts';
import { formatDuration, formatRate, formatTimeOfDay } from './units.ts';
import type { Grid, Rect, Style } from './cells.ts';
import type { Layout } from './layout.ts';
import type { PictureCells } from './picture.ts';
import type { PicturePlace } from './picture-place.ts';
import type { EventEntry, View } from './view-model.ts';

/** Where this view's panes lie. The picture's pane is needed before the view is drawn, to sample pixels for its size. */
export function layoutOf(view: View, columns: number, rows: number): Layout {
  return planLayout(columns, rows, { actorLines: view.actors.length + (view.actorsHidden > 0 ? 1 : 0), picture: view.picture });
}

/** Draws everything. @param picture sampled for `layoutOf`'s picture pane, or null when there is none yet */
export function drawView(grid: Grid, view: View, picture: PictureCells | null, withColors: boolean): void {
  clearGrid(grid);
  const layout = layoutOf(view, grid.columns, grid.rows);
  drawHeader(grid, layout.header, view);
  if (layout.actors !== null) drawActorTable(grid, layout.actors, view);
  if (layout.picture !== null && picture !== null) drawPicturePane(grid, layout.picture, picture, withColors);
  if (layout.events !== null) drawEvents(grid, layout.events, view);
  if (view.session.held) drawHeldBox(grid, view.session.held);
  if (view.pane !== null) drawPane(grid, view.pane);
}

/** How to get out again must be seen at any size. */
const passthroughText = ' Ctrl+] leaves · keys go to the guest ';

/** The state stays readable however little room there is: it comes first, and the label gives way. */
function drawHeader(grid: Grid, rect: Rect, view: View): void {
  fillRect(grid, rect, theme.header);
  const { session } = view;
  const state = session.state === 'connected' && session.connectedAtMs !== null
    ? `connected ${formatDuration(Math.max(0, view.atMs - session.connectedAtMs))}`
    : session.state;
  const stateStyle: Style = sessionStateSeverity(session.state) === 'info' ? theme.header : { ...theme.header, foreground: severityStyle(sessionStateSeverity(session.state)).foreground ?? 0 };
  const { bytesIn, bytesOut } = totalRates(view);
  const rates = `in ${formatRate(bytesIn)}  out ${formatRate(bytesOut)}`;
  const subject = session.title === '' ? session.label : `${session.title} · ${session.label}`;

  const first = lineOf(rect.columns);
  const name = rect.columns >= 60 ? ' ryll-actors ' : '';
  if (rect.rows === 1 && view.passthrough) first.left(passthroughText, theme.passthrough);
  first.left(name, theme.headerQuiet);
  first.right(` ${state} `, stateStyle);
  if (rect.rows === 1) first.right(rates, theme.headerQuiet);
  first.left(name === '' ? ` ${subject}` : subject, theme.header);
  first.draw(grid, rect.left, rect.top);
  if (rect.rows < 2) return;

  const second = lineOf(rect.columns);
  if (view.passthrough) second.left(passthroughText, theme.passthrough);
  second.right(`${rates} `, theme.headerQuiet);
  const alarmed = view.actors.filter((row) => row.actor.state !== 'running').length;
  const counts = `${view.actors.length + view.actorsHidden} actors${alarmed > 0 ? `, ${alarmed} not running` : ''}${view.passthrough ? '' : ' · ? for keys'}`;
  second.left(session.detail === '' ? ` ${counts}` : ` ${session.detail}`, session.detail === '' ? theme.headerQuiet : theme.header);
  second.draw(grid, rect.left, rect.top + 1);
}

/** Pieces of one line, placed from both ends in the order of their worth. What no longer fits with a space beside it is cut, or left out on the right. */
function lineOf(columns: number): { left(text: string, style: Style): void; right(text: string, style: Style): void; draw(grid: Grid, left: number, row: number): void } {
  const pieces: { at: number; text: string; style: Style }[] = [];
  let start = 0;
  let end = columns;
  return {
    left(text, style) {
      const shown = safeText(text, end - start - (end < columns ? 1 : 0));
      pieces.push({ at: start, text: shown, style });
      start += textColumns(shown);
    },
    right(text, style) {
      const shown = safeText(text, columns);
      const width = textColumns(shown);
      // On a line without room for both, what is already there stays.
      if (width > end - start) return;
      end -= width;
      pieces.push({ at: end, text: shown, style });
    },
    draw(grid, left, row) {
      for (const { at, text, style } of pieces) putText(grid, left + at, row, text, style, columns - at);
    },
  };
}

/** In the middle of its pane. */
function drawPicturePane(grid: Grid, rect: Rect, picture: PictureCells, withColors: boolean): void {
  if (picture.columns > rect.columns || picture.rows > rect.rows) return;
  const { left, top } = centred(rect, picture);
  drawPicture(grid, left, top, picture, withColors);
}

const centred = (rect: Rect, size: { readonly columns: number; readonly rows: number }): { readonly left: number; readonly top: number } => ({
  left: rect.left + Math.floor((rect.columns - size.columns) / 2), top: rect.top + Math.floor((rect.rows - size.rows) / 2),
});

/** Where the guest's picture is drawn; null when it is not. */
export function picturePlaceOf(view: View): PicturePlace | null {
  const pane = layoutOf(view, view.columns, view.rows).picture;
  if (pane === null || view.picture === null) return null;
  const { width, height } = view.picture;
  const size = fitPicture(width, height, pane.columns, pane.rows);
  return size.columns < 1 ? null : { ...centred(pane, size), ...size, width, height };
}

/** Newest last, as in a log. */
function drawEvents(grid: Grid, rect: Rect, view: View): void {
  const heading = view.eventsTotal === 0 ? 'events: none yet' : `events (${view.eventsTotal})`;
  putText(grid, rect.left, rect.top, safeText(heading, rect.columns), theme.heading);
  const lines = view.events.slice(-Math.max(0, rect.rows - 1));
  for (const [index, entry] of (rect.rows > 1 ? lines : []).entries()) drawEvent(grid, rect, rect.top + 1 + index, entry);
}

function drawEvent(grid: Grid, rect: Rect, row: number, { event, repeats }: EventEntry): void {
  const severity = eventSeverity(event);
  const text = `${eventSource(event)} ${eventText(event)}${repeats > 1 ? ` (${repeats} times)` : ''}`;
  // A narrow terminal needs its columns for the text.
  let at = 0;
  if (rect.columns >= 40) at += putText(grid, rect.left, row, `${formatTimeOfDay(event.wallMs)} `, theme.quiet);
  const sign = severity === 'error' ? '× ' : severity === 'warning' ? '! ' : '';
  at += putText(grid, rect.left + at, row, sign, severityStyle(severity), rect.columns - at);
  putText(grid, rect.left + at, row, safeText(text, rect.columns - at), severity === 'info' ? theme.text : severityStyle(severity));
}
