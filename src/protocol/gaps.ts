// Gaps: what the peer sent and we did not fully honour, each under a stable key `channel:kind:detail`. A gap is a fact, not
// an error: it is reported when first seen and counted from then on. This file only keeps the count; what a gap means (a log
// line, a report) is the business of whoever observes it.

/** One thing that the peer sent and that was not fully honoured. `key` is stable across versions; `detail` is for people. */
export interface Gap {
  readonly key: string;
  readonly detail: string;
}

/** Distinct keys kept for one channel, `channel:other` included, into which later ones fold: no peer can make the ledger grow past it. */
export const gapKeysMax = 256;

/** How often each gap key was seen on one channel. */
export type GapLedger = ReadonlyMap<string, number>;

export const emptyGapLedger: GapLedger = new Map();

/** Counts one gap. `first` is true when its key was not in the ledger yet: then it is worth telling somebody. */
export function recordGap(ledger: GapLedger, gap: Gap): { readonly ledger: GapLedger; readonly gap: Gap; readonly first: boolean } {
  const full = !ledger.has(gap.key) && ledger.size >= gapKeysMax - 1;
  const kept = full ? { key: `${gap.key.slice(0, gap.key.indexOf(':'))}:other`, detail: gap.detail } : gap;
  const seen = ledger.get(kept.key) ?? 0;
  const next = new Map(ledger);
  next.set(kept.key, seen + 1);
  return { ledger: next, gap: kept, first: seen === 0 };
}
