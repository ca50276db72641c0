// Session outcome: the ways in which a session ends by itself, as a value. A session that was told to end does not end by itself.

import type { ExitReason } from '../actors/kernel/exit-reason.ts';
import type { LinkFailure } from '../protocol/channel-link.ts';
import type { SessionEnd } from '../protocol/session.ts';
import type { HeldVariant } from '../supervisor/held-copy.ts';
import type { Escalation } from '../supervisor/supervisor-state.ts';

export type SessionOutcome =
  | SessionEnd
  /** Main's actor ended by a mistake of ours. */
  | { readonly kind: 'mainCrashed'; readonly reason: ExitReason }
  /** A channel that was lost could not be linked again, for a reason that holds for all channels. */
  | { readonly kind: 'relinkRefused'; readonly channel: string; readonly failure: LinkFailure }
  /** A supervisor has given up. */
  | { readonly kind: 'gaveUp'; readonly escalation: Escalation }
  /** It was lost and is not to be had again without a person. `cause` = how it was lost; null when it was given up for a reconnect by hand. */
  | { readonly kind: 'held'; readonly variant: HeldVariant; readonly cause: SessionOutcome | null };
