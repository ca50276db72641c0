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
/** Sooner after each other, how late each was read would drown how far they are apart. */
const apartUsMin = 1_000_000;
/** A ratio may be so many times more or less than the unit's: PINGs are read late. */
const ratioSlack = 10;

/** @returns `lateUs`: null while nothing can be said */
export function stepLateness(state: LatenessState, ping: Ping): { readonly state: LatenessState; readonly lateUs: number | null } {
  const { last } = state;
  const begun = { state: { last: ping, unit: null, bestUs: null }, lateUs: null };
  if (last === null) return begun;
  const grownBy = Number(ping.timestamp - last.timestamp);
  const passedUs = ping.atUs - last.atUs;
  if (passedUs < apartUsMin && state.unit === null) return { state, lateUs: null };
  const unit = state.unit ?? unitOf(grownBy / passedUs);
  if (unit === null || grownBy < 0 || Math.abs(grownBy / unit - passedUs) > jumpUsMax) return begun;
  const first = state.unit === null ? offsetUs(last, unit) : Infinity;
  const now = offsetUs(ping, unit);
  const bestUs = Math.min(state.bestUs ?? Infinity, first, now);
  return { state: { last: ping, unit, bestUs }, lateUs: Math.max(0, Math.round(now - bestUs)) };
}

const offsetUs = ({ timestamp, atUs }: Ping, unit: number): number => atUs - Number(timestamp) / unit;

function unitOf(ratio: number): LatenessState['unit'] {
  for (const unit of [1, 1_000] as const) if (ratio > unit / ratioSlack && ratio < unit * ratioSlack) return unit;
  return null;
}
