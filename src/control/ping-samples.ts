// Ping samples: the time between two PINGs of the server, as the main channel's counters have it at each look. PINGs between the same two
// looks are one sample, the newest; a look in the middle of a count is made again with the next.

/** The counters of the main channel that are looked at, by their names in `actors/channel-counters.ts`. */
export type PingCounters = Readonly<Record<string, number>>;

export interface PingSample {
  readonly intervalMs: number;
  /** When the second PING came, in milliseconds since the session began. */
  readonly sessionMs: number;
}

export interface PingLook {
  /** How many intervals had been measured at this look. */
  readonly seen: number;
  readonly sample: PingSample | null;
}

/** `seen` null: watching begins, and the interval that is there is nobody's news. */
export function lookForPing(seen: number | null, counters: PingCounters): PingLook {
  const count = counters['ping_interval_count'] ?? 0;
  if (seen === null || count === seen) return { seen: count, sample: null };
  return { seen: count, sample: { intervalMs: (counters['ping_interval_us'] ?? 0) / 1000, sessionMs: (counters['ping_interval_at_us'] ?? 0) / 1000 } };
}
