// What a playback channel does with the guest's sound, as its actor sees it: hand a message in, hear what was wrong with it. The player is
// loaded only where sound goes somewhere, so that no other thread carries a decoder.

import type { Gap } from '../protocol/gaps.ts';
import type { PlaybackServerMessage } from '../protocol/message.ts';

export interface ChannelPlayer {
  /** Never throws for what a server sends, never waits. */
  play(message: PlaybackServerMessage): readonly Gap[];
  /** Numbers for the channel's observable state. */
  describe(): Readonly<Record<string, unknown>>;
}
