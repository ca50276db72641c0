// PINGs that wait for their PONGs on one channel, and how long the others took. Pure. It decides nothing: a PONG that nobody asked for is
// counted, because it is legal; one that gives a PING back changed is a violation.

export interface OutstandingPing {
  readonly id: number;
  readonly timestamp: bigint;
  readonly sentMs: number;
  /** Its number in the ACK generation, and which generation that was. */
  readonly ordinal: number;
  readonly generation: number;
}

export interface PingLedger {
  readonly nextId: number;
  readonly outstanding: readonly OutstandingPing[];
  readonly pongs: number;
  readonly unaskedPongs: number;
  /** The last ones, in ms, oldest first. */
  readonly latenciesMs: readonly number[];
}

/** PINGs that may wait at once; a client that is this far behind gets no more until it answers. */
export const outstandingPingsMax = 2048;
const latenciesMax = 2048;

/** Ids begin at 1: an unasked PONG with id 0 means something of its own to the real server. */
export const emptyLedger: PingLedger = { nextId: 1, outstanding: [], pongs: 0, unaskedPongs: 0, latenciesMs: [] };

export function pinged(ledger: PingLedger, ping: Omit<OutstandingPing, 'id'>): { readonly ledger: PingLedger; readonly id: number } {
  const id = ledger.nextId;
  return { id, ledger: { ...ledger, nextId: (id % 0xffff_fffe) + 1, outstanding: [...ledger.outstanding, { ...ping, id }] } };
}

export interface PongStep {
  readonly ledger: PingLedger;
  /** The PING that was answered. */
  readonly ping: OutstandingPing | null;
  readonly violation: string | null;
}

export function ponged(ledger: PingLedger, pong: { readonly id: number; readonly timestamp: bigint }, nowMs: number): PongStep {
  const at = ledger.outstanding.findIndex(({ id }) => id === pong.id);
  const ping = ledger.outstanding[at];
  if (ping === undefined) return { ledger: { ...ledger, unaskedPongs: ledger.unaskedPongs + 1 }, ping: null, violation: null };
  const changed = ping.timestamp !== pong.timestamp;
  return {
    ping,
    violation: changed ? 'pong-timestamp' : at > 0 ? 'pong-order' : null,
    ledger: {
      ...ledger,
      outstanding: ledger.outstanding.filter((_, index) => index !== at),
      pongs: ledger.pongs + 1,
      latenciesMs: [...ledger.latenciesMs.slice(1 - latenciesMax), nowMs - ping.sentMs],
    },
  };
}

/** Milliseconds that this share of the last PONGs did not exceed; null before the first. */
export function latencyMs(ledger: PingLedger, share: number): number | null {
  const sorted = ledger.latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
