// Re-link: children that depend on one main peer, and what their losses mean while it is not yet known whether main is lost too.
// For a short window after a loss nothing is told and nothing is dialled: when main goes within it, the losses were part of
// main's. It restarts nothing: the supervisor's waits are at least this window (restart-budget.ts), and main's end ends those waits.

import { foldWindowMs } from './restart-budget.ts';

/** A loss that is known and not yet told. */
export interface HeldLoss {
  readonly id: string;
  readonly detail: string;
  readonly atMs: number;
  /** When the child is started again, in milliseconds after the loss. */
  readonly waitMs: number;
}

export interface RelinkState {
  /** Main was heard to be lost, or ended: whatever ends now ends with it. */
  readonly mainLost: boolean;
  /** Oldest first. */
  readonly held: readonly HeldLoss[];
}

export type RelinkInput =
  | { readonly kind: 'peerLost'; readonly id: string; readonly detail: string; readonly waitMs: number }
  | { readonly kind: 'mainLost' }
  /** A main peer is there (again). */
  | { readonly kind: 'mainStarted' }
  | { readonly kind: 'tick' };

export type RelinkEffect =
  /** Main outlived the loss: it is the child's own, and people are told. `waitMs` from now on. */
  | { readonly kind: 'announce'; readonly id: string; readonly detail: string; readonly waitMs: number }
  /** A `tick` is wanted after so many milliseconds. Replaces the timer before it. */
  | { readonly kind: 'setTimer'; readonly ms: number };

export interface RelinkStep {
  readonly state: RelinkState;
  readonly effects: readonly RelinkEffect[];
}

export const initialRelink: RelinkState = { mainLost: false, held: [] };

export function stepRelink(state: RelinkState, input: RelinkInput, nowMs: number): RelinkStep {
  switch (input.kind) {
    case 'mainLost':
      return { state: { mainLost: true, held: [] }, effects: [] };
    case 'mainStarted':
      return { state: initialRelink, effects: [] };
    case 'peerLost': {
      if (state.mainLost) return { state, effects: [] };
      const { id, detail, waitMs } = input;
      return announceDue({ ...state, held: [...state.held.filter((loss) => loss.id !== id), { id, detail, waitMs, atMs: nowMs }] }, nowMs);
    }
    case 'tick':
      return announceDue(state, nowMs);
  }
}

function announceDue(state: RelinkState, nowMs: number): RelinkStep {
  const isDue = ({ atMs }: HeldLoss): boolean => nowMs - atMs >= foldWindowMs;
  const held = state.held.filter((loss) => !isDue(loss));
  const effects: RelinkEffect[] = state.held
    .filter(isDue)
    .map(({ id, detail, atMs, waitMs }) => ({ kind: 'announce', id, detail, waitMs: Math.max(0, atMs + waitMs - nowMs) }));
  const [oldest] = held;
  if (oldest !== undefined) effects.push({ kind: 'setTimer', ms: oldest.atMs + foldWindowMs - nowMs });
  return { state: { ...state, held }, effects };
}
