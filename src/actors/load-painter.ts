// Loads the painter of a channel type, if it has one. Only the channels that paint pay for the decoders; which painter paints
// what is decided here and nowhere else.

import { ChannelType } from '../protocol/constants.ts';
import type { ActorContext } from './kernel/actor.ts';
import type { ChannelArgs } from './channel-args.ts';
import { decodeTimer } from './channel-timings.ts';
import type { AnyPainter } from './channel-painter.ts';

/** Null for channels without pictures. */
export async function loadPainter(args: ChannelArgs, context: ActorContext): Promise<AnyPainter | null> {
  switch (args.channelType) {
    case ChannelType.display: {
      const { DisplayPainter } = await import('./display-painter.ts');
      const { loadJpegDecoder } = await import('./jpeg-decoder.ts');
      return new DisplayPainter(args, context.generation, await loadJpegDecoder(), context.host, decodeTimer(args.timings)) as unknown as AnyPainter;
    }
    case ChannelType.cursor: {
      const { PointerPainter } = await import('./pointer-painter.ts');
      return args.pointer === null ? null : (new PointerPainter(args.pointer) as unknown as AnyPainter);
    }
    default:
      return null;
  }
}
