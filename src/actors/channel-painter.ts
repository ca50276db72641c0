// What a display or cursor channel does with its pictures, as its actor sees it: hand a message in, hear what came of it. The
// painters are loaded only by the channels that need them, so that a keyboard's thread carries no decoders.

import type { Gap } from '../protocol/gaps.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { Outgoing } from '../protocol/channels/channel.ts';
import type { AnyServerMessage } from '../protocol/message.ts';

/** What one message did to the pictures. Valid until the next message is painted. */
export interface PaintOutcome {
  readonly gaps: readonly Gap[];
  readonly events: readonly ChannelEvent[];
  /** Messages to the server that come of it. */
  readonly sends: readonly Outgoing[];
}

export interface ChannelPainter<M> {
  /** Never throws for what a server sends. `null` = nothing to report. */
  paint(message: M): PaintOutcome | null;
  /** Called once, with who is to hear of what is painted later, by itself. */
  attach?(told: (outcome: PaintOutcome) => void): void;
  /** The connection is over: nothing is painted by itself any more. */
  end?(): void;
  /** Parts of the channel's observable state, by name. */
  describe(): Readonly<Record<string, unknown>>;
}

/** A painter as the channel actor holds it: it is only given messages of the channel that it was made for. */
export type AnyPainter = ChannelPainter<AnyServerMessage>;
