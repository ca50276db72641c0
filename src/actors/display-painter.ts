// Display painter: the canvas of one display channel on its own thread, with the host's zlib and shared memory handed in. It
// turns the canvas's events into the channel's, and decides nothing.

import { inflateSync } from 'node:zlib';
import { displayBytesMax } from '../decode/byte-budget.ts';
import type { DecodeJpeg } from '../decode/jpeg.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { DisplayServerMessage } from '../protocol/message.ts';
import type { DisplayOffer } from '../protocol/channels/display.ts';
import { applyMessage, createCanvas, describeCanvas, type Canvas, type CanvasEvent } from '../surface/canvas.ts';
import { defaultSurfaceLimits } from '../surface/surface-table.ts';
import type { ChannelPainter, PaintOutcome } from './channel-painter.ts';

const bytesPerPixel = 4;

/** Inflates to at most `outputBytes`; what is longer is refused before it is allocated. */
const inflate = (input: Uint8Array, outputBytes: number): Uint8Array => inflateSync(input, { maxOutputLength: Math.max(1, outputBytes) });

function channelEvents(event: CanvasEvent): readonly ChannelEvent[] {
  switch (event.kind) {
    case 'primarySurfaceCreated':
      return [{ kind: 'surfaceCreated', surfaceId: event.surfaceId, width: event.width, height: event.height, format: event.format, buffer: event.buffer, coverage: event.coverage }];
    case 'primarySurfaceDestroyed':
      return [{ kind: 'surfaceDestroyed', surfaceId: event.surfaceId }];
    case 'marked':
      return [{ kind: 'surfaceMarked' }];
    case 'unmarked':
    case 'monitorsConfigured':
      return []; // marks are words of the surface too, heads are told by the reducer
  }
}

export class DisplayPainter implements ChannelPainter<DisplayServerMessage> {
  readonly #canvas: Canvas;

  constructor(offer: DisplayOffer, generation: number, trackCoverage: boolean, decodeJpeg: DecodeJpeg | null, nowMs: () => number) {
    this.#canvas = createCanvas({
      limits: {
        surfaces: defaultSurfaceLimits,
        imageCacheBytesMax: offer.imageCachePixels * bytesPerPixel,
        glzWindowBytesMax: offer.glzWindowPixels * bytesPerPixel,
        bytesMax: displayBytesMax,
      },
      // The server keeps one GLZ dictionary per client: a channel that was linked again meets a count that goes on.
      firstGlzImageId: generation === 1 ? 0 : 'unknown',
      trackCoverage,
      inflate,
      decodeJpeg,
      allocateShared: (bytes) => new SharedArrayBuffer(bytes),
      nowMs,
    });
  }

  paint(message: DisplayServerMessage): PaintOutcome | null {
    const outcome = applyMessage(this.#canvas, message);
    if (outcome === null || (outcome.gaps.length === 0 && outcome.events.length === 0)) return null;
    return { gaps: outcome.gaps, events: outcome.events.flatMap(channelEvents) };
  }

  describe(): Readonly<Record<string, unknown>> {
    return { ...describeCanvas(this.#canvas) };
  }
}
