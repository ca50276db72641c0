// What the dashboard is started with and what it is told. Types and their defaults only, in a place that its senders may import:
// actors know each other by address and message.

import type { ColorDepth } from './cell-bytes.ts';
import type { Pane } from './pane.ts';
import type { SessionEvent } from './session-event.ts';
import type { StatsSnapshot } from './view-model.ts';

/** Where output goes: a file to open, such as `/dev/tty`, or a descriptor of this process, which is not closed. */
export type OutputTarget = { readonly kind: 'path'; readonly path: string } | { readonly kind: 'descriptor'; readonly descriptor: number };

/** The guest's picture is polled this often at most. */
export const framesPerSecondMax = 60;

/** Structured-cloneable; the child spec's `args`. */
export interface DashboardArgs {
  readonly terminal: OutputTarget;
  /** Shared with whoever restores the terminal when this thread no longer can (`terminal-lease.ts`). */
  readonly lease: SharedArrayBuffer;
  readonly colorDepth: ColorDepth;
  /** Frames a second at most, 1 to `framesPerSecondMax`; a terminal that reads slowly gets fewer. */
  readonly framesPerSecond: number;
  /** The size to draw for as long as the terminal does not tell its own. */
  readonly columns: number;
  readonly rows: number;
  /** What the session is connected to, shown until the first snapshot comes. */
  readonly label: string;
  /** A latest-value cell, in which it publishes where the picture lies (`picture-place.ts`); absent where nobody asks. */
  readonly place?: { readonly buffer: SharedArrayBuffer; readonly bytesMax: number };
}

/**
 * `stats` is a latest value: a sender that is told `full` drops it, and the next one says it all again. `surface`, `resize`,
 * `passthrough`, `pane` and `redraw` belong on the control lane. `redraw` is for a terminal that something else has written to, and after SIGCONT.
 */
export type DashboardMessage =
  | { readonly kind: 'stats'; readonly snapshot: StatsSnapshot }
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'surface'; readonly buffer: SharedArrayBuffer | null }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'passthrough'; readonly on: boolean }
  | { readonly kind: 'pane'; readonly pane: Pane | null }
  | { readonly kind: 'redraw' };
