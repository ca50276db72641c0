// PING lateness: how much later than at best PINGs of one connection are read, from the server's own clock in them. It grows when the way gets longer or
// when this side does not come to read; a constant delay does not show. Pure. The unit of the timestamps is the server's business (microseconds in main's
// first ones, nanoseconds in its monitor's), so it is told from how they grow, and what fits neither begins anew.

interface Ping {
  readonly timestamp: bigint;
  readonly atUs: number;
}

export interface LatenessState {
  readonly last: Ping | null;
  /** Timestamps per microsecond; null = not known yet. */
  readonly unit: 1 | 1_000 | null;
  /** The smallest difference between the two clocks, in microseconds. */
  readonly bestUs: number | null;
}

export const initialLateness: LatenessState = { last: null, unit: null, bestUs: null };

/** A clock that has jumped further than this was set, or is another clock. */
const jumpUsMax = 600_000_000;
/** Between ratios of 1 and of 1,000. */
const nanosecondsFrom = 50;
const ratioMin = 0.005;
const ratioMax = 200_000;

/** @returns `lateUs`: null while nothing can be said */
export function stepLateness(state: LatenessState, ping: Ping): { readonly state: LatenessState; readonly lateUs: number | null } {
  const { last } = state;
  const begun = { state: { last: ping, unit: null, bestUs: null }, lateUs: null };
  if (last === null) return begun;
  const grownBy = Number(ping.timestamp - last.timestamp);
  const passedUs = ping.atUs - last.atUs;
  // PINGs that are read in one turn say nothing about the unit.
  if (passedUs < 1_000 && state.unit === null) return { state: { ...state, last }, lateUs: null };
  const unit = state.unit ?? unitOf(grownBy / passedUs);
  if (unit === null || grownBy < 0 || Math.abs(grownBy / unit - passedUs) > jumpUsMax) return begun;
  const first = state.unit === null ? offsetUs(last, unit) : Infinity;
  const now = offsetUs(ping, unit);
  const bestUs = Math.min(state.bestUs ?? Infinity, first, now);
  return { state: { last: ping, unit, bestUs }, lateUs: Math.max(0, Math.round(now - bestUs)) };
}

const offsetUs = ({ timestamp, atUs }: Ping, unit: number): number => atUs - Number(timestamp) / unit;

function unitOf(ratio: number): LatenessState['unit'] {
  if (ratio < ratioMin || ratio > ratioMax) return null;
  return ratio < nanosecondsFrom ? 1 : 1_000;
}
