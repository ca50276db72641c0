// Silence: secondary channels whose server has fallen silent for longer than its own PINGs promise, although main still hears from it: a connection that a proxy,
// a NAT or a lost network holds half open. TCP alone notices after minutes, when something was sent, or never. Such a channel is named and probed, and given up
// when that brings no sign of life either. A reducer over looks at shared counters; main's own silence is its connection's affair (protocol/liveness.ts).

/** How often everybody is looked at. */
export const silenceLookMs = 5_000;
/** How long a probed channel has to be heard of. */
export const probeGraceMs = 5_000;

/** Waits for PINGs that make a history: before them nothing is known of a server's habits. PINGs that come between two looks are one round. */
const historyMin = 3;
const historyMax = 8;
/** Twice the longest wait for a round, and this much more, is longer than its history says. */
const slackMs = 15_000;
/** Main has been heard of so lately that the server and the way to it live. */
const mainFreshMs = 30_000;
/** Between two looks lay more than this: nothing ran, and nobody's silence counts before now. */
const jumpMs = 3 * silenceLookMs;

export interface SilenceReading {
  readonly id: string;
  readonly generation: number;
  readonly linked: boolean;
  /** Monotonic moment of the last bytes, in milliseconds; null before the first. */
  readonly receivedMs: number | null;
  /** PINGs received, of all generations. */
  readonly pings: number;
}

interface Habit {
  readonly generation: number;
  readonly pings: number;
  /** When PINGs last came, as far as looks can tell. */
  readonly roundAtMs: number | null;
  /** Waits between rounds, the newest last. */
  readonly waitsMs: readonly number[];
  readonly probedAtMs: number | null;
}

export interface SilenceState {
  readonly lookedAtMs: number | null;
  readonly countFromMs: number;
  readonly habits: ReadonlyMap<string, Habit>;
}

export type SilenceEffect =
  | { readonly kind: 'probe'; readonly id: string; readonly silentMs: number; readonly usualMs: number }
  | { readonly kind: 'giveUp'; readonly id: string; readonly silentMs: number; readonly usualMs: number }
  /** A probed channel was heard of. */
  | { readonly kind: 'heard'; readonly id: string };

export const initialSilence: SilenceState = { lookedAtMs: null, countFromMs: 0, habits: new Map() };

/** @param mainReceivedMs when main had its last bytes; null = it is not linked */
export function lookForSilence(
  state: SilenceState, readings: readonly SilenceReading[], mainReceivedMs: number | null, nowMs: number,
): { readonly state: SilenceState; readonly effects: readonly SilenceEffect[] } {
  const hasJumped = state.lookedAtMs !== null && nowMs - state.lookedAtMs > jumpMs;
  const countFromMs = hasJumped ? nowMs : state.countFromMs;
  const isMainFresh = mainReceivedMs !== null && nowMs - mainReceivedMs <= mainFreshMs;
  const effects: SilenceEffect[] = [];
  const habits = new Map<string, Habit>();
  for (const reading of readings) {
    if (!reading.linked) continue;
    const habit = learn(state.habits.get(reading.id), reading, nowMs, hasJumped);
    const silentMs = nowMs - Math.max(reading.receivedMs ?? nowMs, countFromMs);
    const usualMs = Math.max(...habit.waitsMs);
    const judged = isMainFresh ? judge(habit, reading, silentMs, usualMs, nowMs) : { habit: { ...habit, probedAtMs: null }, effect: null };
    habits.set(reading.id, judged.habit);
    if (judged.effect !== null) effects.push(judged.effect);
  }
  return { state: { lookedAtMs: nowMs, countFromMs, habits }, effects };
}

function learn(known: Habit | undefined, { generation, pings }: SilenceReading, nowMs: number, hasJumped: boolean): Habit {
  // A new connection begins anew: it may go another way.
  if (known === undefined || known.generation !== generation) return { generation, pings, roundAtMs: null, waitsMs: [], probedAtMs: null };
  if (pings === known.pings) return known;
  const isWait = known.roundAtMs !== null && !hasJumped;
  return { ...known, pings, roundAtMs: nowMs, waitsMs: isWait ? [...known.waitsMs.slice(1 - historyMax), nowMs - known.roundAtMs] : known.waitsMs };
}

function judge(habit: Habit, { id, receivedMs }: SilenceReading, silentMs: number, usualMs: number, nowMs: number): { habit: Habit; effect: SilenceEffect | null } {
  const { probedAtMs } = habit;
  const isSilent = habit.waitsMs.length >= historyMin && silentMs > 2 * usualMs + slackMs;
  if (probedAtMs === null) return isSilent ? { habit: { ...habit, probedAtMs: nowMs }, effect: { kind: 'probe', id, silentMs, usualMs } } : { habit, effect: null };
  if (receivedMs !== null && receivedMs > probedAtMs) return { habit: { ...habit, probedAtMs: null }, effect: { kind: 'heard', id } };
  if (!isSilent || nowMs - probedAtMs < probeGraceMs) return { habit, effect: null };
  // Its next generation has a history of its own; until then this is said once.
  return { habit: { ...habit, waitsMs: [], probedAtMs: null }, effect: { kind: 'giveUp', id, silentMs, usualMs } };
}
