// Latency summary: what the input probe found in one session, as the statistics document has it and as a line for people.

export interface LatencySummary {
  /** Presses that were measured; of several before one drawing, the first. */
  readonly presses: number;
  readonly answered: number;
  /** No drawing followed within 2 s. */
  readonly unanswered: number;
  /** Of the newest answers, at most 1,024; null without any. */
  readonly min_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly max_ms: number | null;
}

export function summariseLatency(counts: { readonly presses: number; readonly answered: number; readonly unanswered: number }, lagsMs: readonly number[]): LatencySummary {
  const sorted = lagsMs.toSorted((a, b) => a - b);
  const at = (share: number): number | null => {
    const lag = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return lag === undefined ? null : Math.round(lag * 1_000) / 1_000;
  };
  return { presses: counts.presses, answered: counts.answered, unanswered: counts.unanswered, min_ms: at(0), p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

/** `input to paint: 5 presses, 4 answered, 12.3 ms in the middle, 40.1 ms at most`. */
export function latencyLine({ presses, answered, p50_ms: middle, p95_ms: high, max_ms: most }: LatencySummary): string {
  const counted = `input to paint: ${presses} ${presses === 1 ? 'press' : 'presses'}, ${answered} answered by a drawing`;
  return middle === null || high === null || most === null ? counted : `${counted}; half of them within ${middle.toFixed(1)} ms, 95 % within ${high.toFixed(1)} ms, at most ${most.toFixed(1)} ms`;
}
