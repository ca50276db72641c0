// Session standing: how a session stands, as the dashboard and plain lines show it: its state, one line of detail, and the box of a
// session that is held.

import { heldCopy, type HeldAction } from '../supervisor/held-copy.ts';
import type { SessionState } from '../ui-terminal/session-event.ts';
import { formatDuration } from '../ui-terminal/units.ts';
import type { HeldBox } from '../ui-terminal/view-model.ts';
import { pendingWords, type ReconnectFacts } from './session-reconnect.ts';

export interface Standing {
  readonly state: SessionState;
  readonly detail: string;
  readonly held: HeldBox | null;
}

const keyOf: Readonly<Record<HeldAction, string>> = { reconnect: 'R reconnect', close: 'Q close' };

export function standingOf(connected: boolean, hasEnded: boolean, { phase, ticketRemainingMs }: ReconnectFacts): Standing {
  if (phase.kind === 'held') {
    const { title, body, actions } = heldCopy(phase.variant);
    return { state: 'held', detail: title, held: { title, body, keys: actions.map((action) => keyOf[action]) } };
  }
  const ticket = ticketRemainingMs === null ? '' : ticketRemainingMs > 0 ? `ticket ends in ${formatDuration(Math.ceil(ticketRemainingMs / 1_000) * 1_000)}` : 'ticket expired';
  if (phase.kind === 'pending') return { state: 'reconnecting', detail: [pendingWords(phase.attempt), ticket].filter((part) => part !== '').join(', '), held: null };
  return { state: connected ? 'connected' : hasEnded ? 'disconnected' : 'connecting', detail: ticket, held: null };
}
