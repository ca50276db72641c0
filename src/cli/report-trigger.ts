// Report trigger: which kind of report a happening is worth, if any. How often is report-policy.ts's to say. Pure.

import { stackLines } from '../actors/kernel/stack-text.ts';
import type { AutomaticKind } from '../capture/report/report-policy.ts';
import { lossOfConnection, lossOfLink, type Loss } from '../protocol/loss-kind.ts';
import { lossOfExit } from './channel-losses.ts';
import type { Happening } from './happening.ts';
import type { SessionOutcome } from './session-outcome.ts';

export interface TriggerContext {
  /** There has been a session. Before it, what fails is the connecting. */
  readonly everUp: boolean;
  readonly channels: ReadonlySet<string>;
}

/** Null = none. */
export function automaticKindOf(happening: Happening, { everUp, channels }: TriggerContext): AutomaticKind | null {
  const lost = (channel: string, { kind, detail }: Loss): AutomaticKind => ({ kind: 'disconnect', channel: everUp ? channel : 'connect', error: `${kind}: ${detail}`, loss: kind });
  switch (happening.kind) {
    case 'channelEvent': {
      const { channel, event } = happening;
      if (event.kind === 'connectionLost') return lost(channel, lossOfConnection(event.cause));
      if (event.kind === 'linkFailed') return lost(channel, lossOfLink(event.failure));
      return event.kind === 'gapSeen' ? { kind: 'pedantic', gapKey: event.gap.key } : null;
    }
    case 'actorEnded': {
      const { id, reason } = happening.exit;
      const loss = lossOfExit(reason);
      // Who was frozen has had a report when it was found.
      if (loss === null || reason.kind === 'frozen') return null;
      return channels.has(id) ? lost(id, loss) : { kind: 'failedActor', actor: id, error: `${loss.kind}: ${loss.detail}` };
    }
    case 'watchdogNews': {
      if (happening.news.kind !== 'frozen') return null;
      const { id, silentMs, stack } = happening.news.evidence;
      return { kind: 'frozenActor', actor: id, detail: `silent for ${(silentMs / 1000).toFixed(1)} s, ${stackLines(stack)[0] ?? 'without a stack'}` };
    }
    case 'mailboxStuck': {
      const { receiver, sender, depth, bound } = happening.mailbox;
      return { kind: 'frozenActor', actor: receiver, detail: `its mailbox is full of ${sender}'s messages (${depth} of ${bound}) and nobody takes from it` };
    }
    case 'mainThreadFroze':
      return { kind: 'frozenActor', actor: 'main thread', detail: `silent for ${(happening.freeze.silentMs / 1000).toFixed(1)} s, ${happening.freeze.place}` };
    case 'sessionLost':
      return sessionLoss(happening.outcome);
    default:
      return null;
  }
}

/** What of a session's end no report of a channel or an actor says. */
function sessionLoss(outcome: SessionOutcome): AutomaticKind | null {
  if (outcome.kind === 'gaveUp') return { kind: 'disconnect', channel: 'session', error: `${outcome.escalation.supervisor} gave up` };
  if (outcome.kind !== 'relinkRefused') return null;
  // The channel has just had the report of its loss, which cannot know that the session would end with it.
  const { kind, detail } = lossOfLink(outcome.failure);
  return { kind: 'disconnect', channel: 'session', error: `${outcome.channel} could not be linked again: ${kind}: ${detail}`, loss: kind };
}
