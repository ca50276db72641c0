// Restart decision: whether a child that ended by itself is wanted again. Erlang/OTP's table. How often and how soon is the
// budget's to say.

import type { Restart } from '../actors/kernel/child-spec.ts';
import type { ExitReason } from '../actors/kernel/exit-reason.ts';

/** Whether the reason is one of those for which a transient child is left as it is. */
function isOrderly(reason: ExitReason): boolean {
  switch (reason.kind) {
    case 'normal':
    case 'shutdown':
      return true;
    case 'killed':
    case 'failed':
    case 'frozen':
    case 'downstreamClosed':
      return false;
  }
}

export function shouldRestart(restart: Restart, reason: ExitReason): boolean {
  switch (restart) {
    case 'permanent':
      return true;
    case 'transient':
      return !isOrderly(reason);
    case 'temporary':
      return false;
  }
}
