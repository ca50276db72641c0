// Where each pane of the dashboard lies in a terminal of any size. Plain arithmetic on rectangles: it neither draws nor knows what
// the panes show, except that the picture has an aspect to keep.

import { fitPicture } from './picture.ts';
import type { Rect } from './cells.ts';

/** The panes; null where there is no room for one. */
export interface Layout { readonly header: Rect; readonly actors: Rect | null; readonly picture: Rect | null; readonly events: Rect | null }

/** What the panes would like. */
export interface LayoutWishes {
  /** Lines of the actor table without its heading. */
  readonly actorLines: number;
  readonly picture: { readonly width: number; readonly height: number } | null;
}

/** An actor table beside a picture has room for name, state, generation and mailbox; in a wide terminal for its rates too. */
const tableColumnsMin = 42;
const tableColumnsWithRates = 60;
/** Columns from which the table may take that much of the picture's room. */
const wideColumns = 110;
/** Beyond this the actor table has nothing more to show. */
const tableColumnsMax = 132;
/** Smaller than this a picture tells nothing. */
const pictureRowsMin = 4;
const pictureColumnsMin = 12;
/** Heading and lines of the event list. */
const eventRowsMax = 12;

/** Shares out a terminal of `columns` x `rows` cells. The panes never overlap and never leave the terminal. */
export function planLayout(columns: number, rows: number, wishes: LayoutWishes): Layout {
  const headerRows = rows >= 10 ? 2 : 1;
  const header: Rect = { left: 0, top: 0, columns, rows: Math.min(headerRows, rows) };
  const events = rows < 8 ? 0 : Math.min(eventRowsMax, Math.max(3, Math.floor(rows / 4)));
  const body: Rect = { left: 0, top: header.rows, columns, rows: rows - header.rows - events };
  const eventsRect: Rect | null = events === 0 ? null : { left: 0, top: rows - events, columns, rows: events };
  if (body.rows < 1) return { header, actors: null, picture: null, events: eventsRect };
  const { actors, picture } = shareBody(body, wishes);
  return { header, actors, picture, events: eventsRect };
}

/** Table beside or above the picture, whichever gives the larger picture. */
function shareBody(body: Rect, wishes: LayoutWishes): { actors: Rect; picture: Rect | null } {
  if (wishes.picture === null) return { actors: body, picture: null };
  const { width, height } = wishes.picture;
  const tableRows = wishes.actorLines + 1;

  const besideColumns = body.columns - (body.columns >= wideColumns ? tableColumnsWithRates : tableColumnsMin) - 1;
  const beside = besideColumns >= pictureColumnsMin ? fitPicture(width, height, besideColumns, body.rows) : { columns: 0, rows: 0 };
  // A table that is cut says how many it hides; with eight lines it is still worth having.
  const belowRows = body.rows - Math.min(tableRows, Math.max(8, Math.floor(body.rows / 3)));
  const below = belowRows >= pictureRowsMin ? fitPicture(width, height, body.columns, belowRows) : { columns: 0, rows: 0 };

  const besideArea = beside.columns * beside.rows;
  const belowArea = below.columns * below.rows;
  if (beside.rows >= pictureRowsMin && besideArea >= belowArea) {
    const tableColumns = Math.min(tableColumnsMax, body.columns - beside.columns - 1);
    const actors: Rect = { ...body, columns: tableColumns };
    return { actors, picture: { left: tableColumns + 1, top: body.top, columns: body.columns - tableColumns - 1, rows: body.rows } };
  }
  if (below.rows >= pictureRowsMin) {
    const actors: Rect = { ...body, rows: body.rows - belowRows };
    return { actors, picture: { left: 0, top: body.top + actors.rows, columns: body.columns, rows: belowRows } };
  }
  return { actors: body, picture: null };
}
