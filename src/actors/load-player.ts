// Loads the player of a playback channel whose sound goes somewhere. Only it pays for the decoder.

import type { ActorContext } from './kernel/actor.ts';
import type { AudioMail } from './audio-mail.ts';
import type { ChannelArgs } from './channel-args.ts';
import type { ChannelPlayer } from './channel-player.ts';

/** Null for every other channel. */
export async function loadPlayer(context: ActorContext, { sound }: ChannelArgs): Promise<ChannelPlayer | null> {
  if (sound === null) return null;
  const { PlaybackPlayer } = await import('./playback-player.ts');
  return new PlaybackPlayer(sound, context.address<AudioMail>('audio'), () => context.host.clock.monotonicMs());
}
