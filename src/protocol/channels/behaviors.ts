// The one table of channel behaviours: which reducer serves which channel type.

import { ChannelType, type ChannelTypeNumber } from '../constants.ts';
import type { AnyServerMessage } from '../message.ts';
import { byteStreamBehavior } from './byte-stream.ts';
import type { ChannelBehavior } from './channel.ts';
import { cursorBehavior } from './cursor.ts';
import { displayBehavior, type DisplayOffer } from './display.ts';
import { inputsBehavior } from './inputs.ts';
import { mainBehavior } from './main.ts';
import { playbackBehavior } from './playback.ts';

/** A behaviour whose state and messages its user does not look into: the shell of every channel. */
export type AnyBehavior = ChannelBehavior<unknown, AnyServerMessage>;

/** The behaviour of a channel type. `offer` matters to display channels only. */
export function behaviorFor(type: ChannelTypeNumber, offer: DisplayOffer): AnyBehavior {
  // Each behaviour is given only states that it made itself and messages that were parsed for its own type; the shell is the
  // same for all of them, and its types cannot say so.
  return select(type, offer) as unknown as AnyBehavior;
}

function select(type: ChannelTypeNumber, offer: DisplayOffer) {
  switch (type) {
    case ChannelType.main:
      return mainBehavior;
    case ChannelType.display:
      return displayBehavior(offer);
    case ChannelType.inputs:
      return inputsBehavior;
    case ChannelType.cursor:
      return cursorBehavior;
    case ChannelType.playback:
      return playbackBehavior;
    case ChannelType.record:
    case ChannelType.smartcard:
    case ChannelType.usbredir:
    case ChannelType.port:
    case ChannelType.webdav:
      return byteStreamBehavior(type);
  }
}
