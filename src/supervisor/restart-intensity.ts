// Restart intensity: how many restarts in how long before a supervisor gives up, as a pure function over a list of times. As in
// Erlang/OTP, the restart that would be one too many is not made.

export interface RestartIntensity {
  /** 0 = the first failure is one too many. */
  readonly restartsMax: number;
  /** Milliseconds. */
  readonly periodMs: number;
}

export interface IntensityVerdict {
  /** The restarts within the period, this one included; no more than `restartsMax` unless `exceeded`. */
  readonly times: readonly number[];
  readonly exceeded: boolean;
}

/** Counts one more restart. A restart exactly one period ago still counts. */
export function addRestart(times: readonly number[], nowMs: number, intensity: RestartIntensity): IntensityVerdict {
  const recent = [...times.filter((time) => nowMs - time <= intensity.periodMs), nowMs];
  return { times: recent, exceeded: recent.length > intensity.restartsMax };
}
