// Loss clause: how a session was lost in a few words, for notifications and status lines. The whole sentence with the next step is
// outcome-problem.ts's.

import type { LinkFailure } from '../protocol/channel-link.ts';
import { lossOfConnection, lossOfLink } from '../protocol/loss-kind.ts';
import { heldCopy } from '../supervisor/held-copy.ts';
import type { SessionOutcome } from './session-outcome.ts';

export function lossClause(outcome: SessionOutcome): string {
  switch (outcome.kind) {
    case 'connectFailed':
      return linkClause(outcome.failure);
    case 'mainLost': {
      const { kind, detail } = lossOfConnection(outcome.cause);
      return kind === 'eof' ? 'Connection lost (main channel disconnected)' : `main channel error: ${kind}: ${detail}`;
    }
    case 'mainCrashed':
      return `main channel error: ${outcome.reason.kind === 'failed' ? outcome.reason.error.message : outcome.reason.kind}`;
    case 'relinkRefused':
      return `${outcome.channel} could not be linked again: ${linkClause(outcome.failure)}`;
    case 'gaveUp': {
      const { child, reason } = outcome.escalation;
      const last = reason.kind === 'failed' ? reason.error.message : reason.kind === 'downstreamClosed' ? reason.detail : reason.kind;
      return `${child} failed again and again: ${last}`;
    }
    case 'held':
      return heldCopy(outcome.variant).title;
  }
}

function linkClause(failure: LinkFailure): string {
  const { kind, detail } = lossOfLink(failure);
  return `${kind}: ${detail}`;
}
