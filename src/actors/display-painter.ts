// Display painter: the canvas of one display channel on its own thread, with the host's zlib and shared memory handed in. It
// turns the canvas's events into the channel's, and decides nothing.

import { inflateSync } from 'node:zlib';
import { displayBytesMax } from '../decode/byte-budget.ts';
import type { DecodeJpeg } from '../decode/jpeg.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { DisplayServerMessage } from '../protocol/message.ts';
import { multiMediaTime, type MultiMediaClock } from '../protocol/multi-media-clock.ts';
import { applyMessage, createCanvas, describeCanvas, showStreams, type Canvas, type CanvasEvent, type CanvasOutcome } from '../surface/canvas.ts';
import { isStreamMessage, type StreamClock } from '../surface/stream-player.ts';
import { describeStreams } from '../surface/stream-state.ts';
import { defaultSurfaceLimits } from '../surface/surface-table.ts';
import type { ChannelArgs } from './channel-args.ts';
import type { ChannelPainter, PaintOutcome } from './channel-painter.ts';
import type { Cancel, Host } from './kernel/host.ts';

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

export type DisplayPainterArgs = Pick<ChannelArgs, 'displayOffer' | 'trackCoverage' | 'multiMediaClock'>;

export class DisplayPainter implements ChannelPainter<DisplayServerMessage> {
  readonly #canvas: Canvas;
  readonly #host: Pick<Host, 'clock' | 'timers'>;
  readonly #multiMediaClock: MultiMediaClock;
  #told: (outcome: PaintOutcome) => void = () => undefined;
  #nextFrame: Cancel | null = null;

  constructor({ displayOffer: offer, trackCoverage, multiMediaClock }: DisplayPainterArgs, generation: number, decodeJpeg: DecodeJpeg | null, host: Pick<Host, 'clock' | 'timers'>, decoded?: (ms: number) => void) {
    this.#host = host;
    this.#multiMediaClock = multiMediaClock;
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
      nowMs: () => host.clock.monotonicMs(),
      ...(decoded === undefined ? {} : { decoded }),
    });
  }

  paint(message: DisplayServerMessage): PaintOutcome | null {
    if (!isStreamMessage(message)) return paintOutcome(applyMessage(this.#canvas, message));
    const outcome = paintOutcome(applyMessage(this.#canvas, message, this.#streamClock()));
    this.#planFrames(this.#canvas.streams.table.open.size === 0 ? null : 0);
    return outcome;
  }

  attach(told: (outcome: PaintOutcome) => void): void {
    this.#told = told;
  }

  end(): void {
    this.#planFrames(null);
  }

  describe(): Readonly<Record<string, unknown>> {
    return { pictures: describeCanvas(this.#canvas), streams: describeStreams(this.#canvas.streams.table) };
  }

  /** @param afterMs until the next frame is due; null = none waits */
  #planFrames(afterMs: number | null): void {
    this.#nextFrame?.();
    this.#nextFrame = afterMs === null ? null : this.#host.timers.after(afterMs, () => this.#showFrames());
  }

  #showFrames(): void {
    this.#nextFrame = null;
    const { outcome, nextMs } = showStreams(this.#canvas, this.#streamClock());
    const told = paintOutcome(outcome);
    this.#planFrames(nextMs);
    if (told !== null) this.#told(told);
  }

  #streamClock(): StreamClock {
    const preciseMs = (): number => this.#host.clock.monotonicMs();
    const nowMs = preciseMs();
    // Before main has told the time frames wait for the next turn of the loop alone.
    return { nowMs, mmTime: multiMediaTime(this.#multiMediaClock, nowMs), preciseMs };
  }
}

function paintOutcome(outcome: CanvasOutcome | null): PaintOutcome | null {
  if (outcome === null || (outcome.gaps.length === 0 && outcome.events.length === 0 && outcome.reports.length === 0)) return null;
  return { gaps: outcome.gaps, events: outcome.events.flatMap(channelEvents), sends: outcome.reports.map((value) => ({ name: 'streamReport', value })) };
}
