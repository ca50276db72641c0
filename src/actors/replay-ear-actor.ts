// The ear of a replay: it stands where a session has its hub, and hands what the replayed channels tell to whoever replays, on the same
// thread. It keeps nothing and tells nobody else.

import type { ChannelReport } from './channel-args.ts';
import type { Actor, ActorModule } from './kernel/actor.ts';

/** Lives on its owner's thread, so its argument is a function of that thread. */
export interface ReplayEarArgs {
  readonly hear: (report: ChannelReport) => void;
}

export const actor: ActorModule<ReplayEarArgs, ChannelReport> = {
  start(_context, { hear }): Actor<ChannelReport> {
    return { receive: (report) => hear(report), observe: () => ({}), stop: () => undefined };
  },
};
