// The dashboard's shell: owns a terminal on a thread of its own, keeps the view, and draws the latest of it when the terminal takes it.
// A terminal that nobody reads blocks this thread and nothing else: messages wait in a bounded mailbox, and the frame after is
// the latest one, never a queue of old ones. What is drawn is decided in `ui-terminal`; keys and signals belong to the main thread.

import { createCellEncoder } from '../ui-terminal/cell-bytes.ts';
import { createGrid } from '../ui-terminal/cells.ts';
import { framesPerSecondMax } from '../ui-terminal/dashboard-message.ts';
import { samplePicture } from '../ui-terminal/picture.ts';
import { placeToBytes } from '../ui-terminal/picture-place.ts';
import { passthroughOffSequence, passthroughOnSequence, terminalRestoreSequence, terminalSetUpSequence } from '../ui-terminal/terminal-modes.ts';
import { applyToView, createView } from '../ui-terminal/view-model.ts';
import { drawView, layoutOf, picturePlaceOf } from '../ui-terminal/view.ts';
import { openSurface, readSequence } from '../surface/shared-surface.ts';
import { CellWriter } from '../mailbox/cell.ts';
import { fullRetryMs, openOutput } from './output-descriptor.ts';
import { restoreTerminal, returnTerminal, takeTerminal } from './terminal-lease.ts';
import { readTerminalSize } from './terminal-size.ts';
import type { ActorModule } from './kernel/actor.ts';
import type { Cancel } from './kernel/host.ts';
import type { DashboardArgs, DashboardMessage } from '../ui-terminal/dashboard-message.ts';
import type { Grid } from '../ui-terminal/cells.ts';
import type { PictureCells } from '../ui-terminal/picture.ts';
import type { Surface } from '../surface/shared-surface.ts';

/** A write that takes longer than this, in milliseconds, was one that the terminal did not read. */
const longWriteMs = 1000;

export const actor: ActorModule<DashboardArgs, DashboardMessage> = {
  start(context, args) {
    const { clock, timers } = context.host;
    const intervalMs = 1000 / Math.max(1, Math.min(framesPerSecondMax, args.framesPerSecond));
    const output = openOutput(args.terminal, 'terminal', context.progress);
    const encoder = createCellEncoder(args.colorDepth);

    const size = readTerminalSize(args.terminal) ?? args;
    let view = createView(size.columns, size.rows, args.label);
    let isChanged = true;
    let surface: Surface | null = null;
    let picture: { readonly cells: PictureCells; readonly sequence: number; readonly columns: number; readonly rows: number } | null = null;
    /** What the terminal shows once all bytes before are written; null when that is not known. */
    let shown: Grid | null = null;
    let spare: Grid = createGrid(view.columns, view.rows);
    const place = args.place === undefined ? null : new CellWriter(args.place);
    /** The terminal was told so. */
    let isPassthrough = false;
    /** Bytes that the terminal has not taken. Nothing is drawn while there are any. */
    let pending: Uint8Array = Buffer.from(terminalSetUpSequence);
    let timer: Cancel | null = null;
    let isOver = false;
    const counts = { frames: 0, bytes: 0, messages: 0, longestWriteMs: 0 };

    // For an end by a throw: it runs in the worker that ends, or for `local` placement when the process does.
    const restoreAtExit = (): void => restoreTerminal(args.lease, args.terminal);
    process.once('exit', restoreAtExit);
    takeTerminal(args.lease);
    schedule(0);

    return {
      receive(message) {
        counts.messages += 1;
        switch (message.kind) {
          case 'stats': view = applyToView(view, message); break;
          case 'event': view = applyToView(view, message); break;
          case 'resize': view = applyToView(view, { ...message, ...readTerminalSize(args.terminal) }); break;
          case 'passthrough': view = applyToView(view, message); break;
          case 'pane': view = applyToView(view, message); break;
          case 'redraw': shown = null; break;
          case 'surface':
            surface = message.buffer === null ? null : openSurface(message.buffer);
            picture = null;
            view = applyToView(view, { kind: 'picture', size: surface === null ? null : { width: surface.width, height: surface.height } });
            break;
        }
        isChanged = true;
        schedule(intervalMs);
      },
      observe: () => ({
        columns: view.columns, rows: view.rows, eventsTotal: view.eventsTotal, actors: view.actors.length, hasPicture: surface !== null, pendingBytes: pending.length,
        ...counts, longestWriteMs: Math.round(counts.longestWriteMs),
      }),
      stop() {
        end();
        // This may block, like any write here: a terminal that is only slow is still put right, and the shutdown time ends the wait for one that is not read.
        if (returnTerminal(args.lease)) output.write(Buffer.from(terminalRestoreSequence));
        output.close();
      },
    };

    /** One frame is on its way at most. A message does not bring it forward, so frames stay `intervalMs` apart. */
    function schedule(afterMs: number): void {
      if (timer !== null || isOver) return;
      timer = timers.after(afterMs, () => {
        timer = null;
        context.progress.enter('frame');
        drawFrame();
        context.progress.leave();
      });
    }

    function end(): void {
      isOver = true;
      timer?.();
      process.removeListener('exit', restoreAtExit);
    }

    function drawFrame(): void {
      if (pending.length === 0) pending = nextFrame();
      if (!writePending()) return;
      // Time counts from the end of the write: a slow terminal gets fewer frames, and messages get their turn between two.
      if (pending.length > 0) schedule(fullRetryMs);
      else if (isChanged || surface !== null) schedule(intervalMs);
    }

    /** The bytes from what is shown to the latest view; empty when nothing has changed. */
    function nextFrame(): Uint8Array {
      if (!isChanged && !isPictureNewer()) return pending;
      if (spare.columns !== view.columns || spare.rows !== view.rows) spare = createGrid(view.columns, view.rows);
      isChanged = false;
      drawView(spare, view, currentPicture(), args.colorDepth !== 'none');
      place?.write(placeToBytes(picturePlaceOf(view)));
      const modes = view.passthrough === isPassthrough ? '' : view.passthrough ? passthroughOnSequence : passthroughOffSequence;
      isPassthrough = view.passthrough;
      const bytes = Buffer.concat([Buffer.from(modes), encoder.encode(shown, spare)]);
      [shown, spare] = [spare, shown ?? createGrid(view.columns, view.rows)];
      if (bytes.length > 0) counts.frames += 1;
      return bytes;
    }

    function isPictureNewer(): boolean {
      return surface !== null && picture?.sequence !== readSequence(surface);
    }

    /** Samples pixels only when they, or the room for them, have changed. */
    function currentPicture(): PictureCells | null {
      const pane = layoutOf(view, spare.columns, spare.rows).picture;
      if (surface === null || pane === null) return null;
      // Read before the pixels: what is drawn in the meantime makes the next frame newer.
      const sequence = readSequence(surface);
      if (picture === null || picture.sequence !== sequence || picture.columns !== pane.columns || picture.rows !== pane.rows) {
        const source = { width: surface.width, height: surface.height, strideWords: surface.strideBytes / 4, words: surface.words };
        picture = { cells: samplePicture(source, pane.columns, pane.rows), sequence, columns: pane.columns, rows: pane.rows };
      }
      return picture.cells;
    }

    /** @returns false when the terminal is gone and this actor ends */
    function writePending(): boolean {
      while (pending.length > 0) {
        const before = clock.monotonicMs();
        const result = output.write(pending);
        const writeMs = clock.monotonicMs() - before;
        counts.longestWriteMs = Math.max(counts.longestWriteMs, writeMs);
        // In so long a time the terminal may have got another size, and the message about it may not have found room.
        if (writeMs > longWriteMs) {
          view = applyToView(view, { kind: 'resize', columns: view.columns, rows: view.rows, ...readTerminalSize(args.terminal) });
          isChanged = true;
        }
        if (result.kind === 'full') return true;
        if (result.kind === 'gone') {
          // Nobody is left to see a restored terminal, and writing to it would only fail again.
          returnTerminal(args.lease);
          end();
          context.exit({ kind: 'downstreamClosed', detail: `the terminal is gone (${result.code})` });
          return false;
        }
        counts.bytes += result.bytes;
        pending = pending.subarray(result.bytes);
      }
      return true;
    }
  },
};
