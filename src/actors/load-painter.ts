// Loads the painter of a channel type, if it has one. Only the channels that paint pay for the decoders; which painter paints
// what is decided here and nowhere else.

import { ChannelType } from '../protocol/constants.ts';
import type { ChannelArgs } from './channel-args.ts';
import type { AnyPainter } from './channel-painter.ts';

/** Null for channels without pictures. `generation` is the channel actor's own, `nowMs` its monotonic clock. */
export async function loadPainter(args: ChannelArgs, generation: number, nowMs: () => number): Promise<AnyPainter | null> {
  switch (args.channelType) {
    case ChannelType.display: {
      const { DisplayPainter } = await import('./display-painter.ts');
      const { loadJpegDecoder } = await import('./jpeg-decoder.ts');
      return new DisplayPainter(args.displayOffer, generation, args.trackCoverage, await loadJpegDecoder(), nowMs) as unknown as AnyPainter;
    }
    case ChannelType.cursor: {
      const { PointerPainter } = await import('./pointer-painter.ts');
      return args.pointer === null ? null : (new PointerPainter(args.pointer) as unknown as AnyPainter);
    }
    default:
      return null;
  }
}
