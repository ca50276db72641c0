// What the system and a running actor's kernel say to each other: commands travel down the control lane of the system's own
// link, reports travel back. Actors see neither. A stop or an observation thus waits its turn like any control message,
// and its order against the system's other messages is the lane's.

import type { JsonValue } from './actor.ts';
import type { ErrorFacts, ExitReason, StopReason } from './exit-reason.ts';
import type { ReceiveEnd, SendEnd } from '../../mailbox/link.ts';

/** The name under which the system itself sends. No child spec may use it. */
export const SYSTEM_ID = 'system';

/**
 * Places in the control lane that only kernel commands may use. A link change must not be refused because a talkative
 * composition root has filled the lane; an actor that leaves this many of them unread is frozen.
 */
export const COMMAND_RESERVE = 256;

/** A fresh link to or from a peer that (re)started; whatever link there was before is over. */
export type LinkChange =
  | { readonly kernel: 'linkTo'; readonly to: string; readonly generation: number; readonly end: SendEnd }
  | { readonly kernel: 'linkFrom'; readonly from: string; readonly generation: number; readonly end: ReceiveEnd };

export type KernelCommand =
  | LinkChange
  | { readonly kernel: 'stop'; readonly reason: StopReason }
  | { readonly kernel: 'observe'; readonly question: number };

export type KernelReport =
  | { readonly kind: 'started' }
  | { readonly kind: 'observed'; readonly question: number; readonly state: JsonValue }
  | { readonly kind: 'observeFailed'; readonly question: number; readonly error: ErrorFacts }
  /** Said once, as the last thing. */
  | { readonly kind: 'exited'; readonly reason: ExitReason };

/** Only asked of messages from the system, whose own code decides what carries the key. */
export function isKernelCommand(message: unknown): message is KernelCommand {
  return typeof message === 'object' && message !== null && 'kernel' in message;
}
