// Blank screen: keys or buttons went to the guest and nothing was drawn for a while: a guest that hangs, that blanks its screen, or a display that shows no more
// what the guest does. It is told once until something is drawn again. A reducer; whether anybody should care is the reader's to say.

/** As long as the slowest of busy guests takes to answer a key with a picture. */
export const blankAfterMs = 15_000;

export interface BlankScreenState {
  /** Draw commands of all displays, and when a look last found more of them. */
  readonly draws: number;
  readonly drawnMs: number;
  /** The first input that nothing was drawn after; null = none, or it was told. */
  readonly unansweredMs: number | null;
  readonly isTold: boolean;
}

export const initialBlankScreen: BlankScreenState = { draws: 0, drawnMs: 0, unansweredMs: null, isTold: false };

export interface BlankScreenReading {
  readonly nowMs: number;
  /** Draw commands that all displays have handled. */
  readonly draws: number;
  /** When the last key or button was sent; null = never. Movement is left out: a pointer moves without drawing. */
  readonly inputMs: number | null;
}

/** @returns `blankMs` for how long nothing was drawn after input, once; otherwise null */
export function lookForBlankScreen(state: BlankScreenState, { nowMs, draws, inputMs }: BlankScreenReading): { readonly state: BlankScreenState; readonly blankMs: number | null } {
  if (draws !== state.draws) return { state: { draws, drawnMs: nowMs, unansweredMs: null, isTold: false }, blankMs: null };
  const unansweredMs = state.unansweredMs ?? (inputMs !== null && inputMs > state.drawnMs ? inputMs : null);
  if (unansweredMs === null || state.isTold) return { state: { ...state, unansweredMs: null }, blankMs: null };
  const blankMs = nowMs - unansweredMs;
  if (blankMs < blankAfterMs) return { state: { ...state, unansweredMs }, blankMs: null };
  return { state: { ...state, unansweredMs: null, isTold: true }, blankMs };
}
