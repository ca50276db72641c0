// Work: what a client's request sets going outside its own session: a command for the session, a look at a picture or the traffic, a wait.
// Types only; each piece of work is answered exactly once.

import type { PictureRegion } from './params.ts';
import type { SessionCommand } from './session-command.ts';
import type { Wait } from './wait.ts';

/** Which picture: of the display channel, or of the first that has this surface. */
export interface PictureTarget {
  readonly channelId: number | null;
  readonly surfaceId: number;
  /** Null = all of it. */
  readonly region: PictureRegion | null;
}

export type PictureFormat = 'png' | 'rgba';

export type Work =
  | { readonly kind: 'command'; readonly command: SessionCommand }
  | { readonly kind: 'screenshot'; readonly target: PictureTarget; readonly format: PictureFormat }
  /** The newest messages of the channels that are named; null = of all. */
  | { readonly kind: 'traffic'; readonly channels: readonly string[] | null; readonly limit: number }
  /** Does not hold up what the client asks next. */
  | { readonly kind: 'wait'; readonly wait: Wait; readonly timeoutMs: number };
