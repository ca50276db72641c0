// Event drops: when news of channels that found no room at the hub are worth a word: once when they begin, and not again before they have
// stopped. Pure; whoever looks hands in the channels' counters.

export interface EventDropsState {
  /** Of all channels, as counted at the last look. */
  readonly dropped: number;
  readonly isRising: boolean;
}

export const initialEventDrops: EventDropsState = { dropped: 0, isRising: false };

/** `dropped` = events of all channels together that were dropped so far. */
export function lookForEventDrops(state: EventDropsState, dropped: number): { readonly state: EventDropsState; readonly hasBegun: boolean } {
  const isRising = dropped > state.dropped;
  return { state: { dropped, isRising }, hasBegun: isRising && !state.isRising };
}
