// Liveness of one linked connection, as its own end sees it: when an idle one is given a sign of life, so that no proxy or NAT in between takes it for
// dead, and when a silent one is given up. A function of moments; the shell has the clock, the timer and the socket. It knows nothing of other channels:
// what a channel's silence means beside theirs is supervisor/silence.ts's.

/** Without traffic in either direction for so long a connection is given a sign of life. Idle proxies cut at 60 s and more; the ancestor waits 10 s too. */
export const keepaliveIdleMs = 10_000;

/** Main is given up after so long without one byte: the server pings it every 15 s, so this is six PINGs that did not come. */
export const mainSilenceMsMax = 90_000;

/** A timer that comes this late says that nothing ran meanwhile: the machine was suspended, or very busy. */
const lateMs = 5_000;
/** After such a moment the peer has this long to be heard of. */
const graceMs = 10_000;

/** Each null = never. */
export interface LivenessRules {
  readonly idleMs: number | null;
  readonly silenceMsMax: number | null;
}

/** All moments are of the monotonic clock, in milliseconds. */
export interface LivenessReading {
  readonly nowMs: number;
  /** When this look was due. */
  readonly dueMs: number;
  /** The last bytes either way; the moment of the link before the first. */
  readonly receivedMs: number;
  readonly sentMs: number;
  /** Silence counts from here at the earliest: the verdict before this one says from where. */
  readonly countFromMs: number;
}

export interface LivenessVerdict {
  readonly kind: 'rest' | 'keepalive' | 'lost';
  /** When to look again; null = never. */
  readonly nextMs: number | null;
  readonly countFromMs: number;
}

export function checkLiveness({ idleMs, silenceMsMax }: LivenessRules, { nowMs, dueMs, receivedMs, sentMs, countFromMs }: LivenessReading): LivenessVerdict {
  const isLate = nowMs - dueMs >= lateMs;
  // What came while nothing ran lies unread in the socket: the silence of that time is nobody's fault.
  const fromMs = isLate && silenceMsMax !== null ? Math.max(countFromMs, nowMs - silenceMsMax + Math.min(graceMs, silenceMsMax)) : countFromMs;
  const silentSinceMs = Math.max(receivedMs, fromMs);
  const lostAtMs = silenceMsMax === null ? Infinity : silentSinceMs + silenceMsMax;
  if (nowMs >= lostAtMs) return { kind: 'lost', nextMs: null, countFromMs: fromMs };
  const idleAtMs = idleMs === null ? Infinity : Math.max(receivedMs, sentMs) + idleMs;
  const isIdle = nowMs >= idleAtMs;
  const nextMs = Math.min(lostAtMs, isIdle ? nowMs + (idleMs ?? Infinity) : idleAtMs);
  return { kind: isIdle ? 'keepalive' : 'rest', nextMs: Number.isFinite(nextMs) ? nextMs : null, countFromMs: fromMs };
}
