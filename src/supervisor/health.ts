// Health: from looks at what actors mark in shared memory to a verdict on each, as pure functions. It reads no clock, asks nobody and
// ends nobody: watchdog.ts takes the looks and acts on the verdicts.

/** One look at one actor. Ages are in milliseconds; null = never. */
export interface HealthReading {
  readonly id: string;
  readonly generation: number;
  /** What the actor is in the middle of; null when it waits for the next message or event. */
  readonly handler: string | null;
  /** The blocking call that it announced. */
  readonly blockedOn: string | null;
  /** Since it last marked anything; null = its thread has not come to its start yet. */
  readonly markAgeMs: number | null;
  /** Messages in its mailbox, and how long the oldest has waited. */
  readonly depth: number;
  readonly oldestAgeMs: number;
}

export interface HealthLook {
  readonly monotonicMs: number;
  /** Jumps when the machine was suspended, where the monotonic clock stands still. */
  readonly wallMs: number;
  readonly actors: readonly HealthReading[];
}

export interface HealthOptions {
  /** Silent for so long with work waiting = frozen. */
  readonly frozenMs: number;
  /** Between two looks. */
  readonly tickMs: number;
}

export type Health =
  /** It has marked something lately, or has only just been given something to do. */
  | 'alive'
  /** Silent, and nothing waits for it. */
  | 'idle'
  /** Silent with work waiting, but not for long enough; or nobody can say after a clock jump. */
  | 'suspect'
  | 'frozen'
  /** Silent inside a file call: the disk's fault. Never ended for it. */
  | 'blockedOnDisk'
  /** Silent inside a write that nobody reads: the reader's fault. Never ended for it. */
  | 'blockedOnOutput';

export interface Verdict {
  readonly id: string;
  readonly generation: number;
  readonly health: Health;
  /** How long it has marked nothing, as far as this watch can vouch for. */
  readonly silentMs: number;
}

interface Watched {
  readonly generation: number;
  /** Silence is counted from here at the earliest: when it was first seen, or the clocks last jumped. */
  readonly sinceMs: number;
  /** When it was last asked to show itself; null = not since it last marked anything. */
  readonly probedMs: number | null;
}

export interface HealthState {
  readonly lastMonotonicMs: number | null;
  readonly lastWallMs: number;
  readonly watched: ReadonlyMap<string, Watched>;
}

export interface HealthStep {
  readonly state: HealthState;
  readonly verdicts: readonly Verdict[];
  /** Who is to be asked to show itself: a thread that is stuck where nothing is marked does not take the question from its mailbox. */
  readonly probes: readonly string[];
  /** How much more time has passed than between two looks should; null = the clocks ran as expected. */
  readonly jumpedMs: number | null;
}

export const initialHealth: HealthState = { lastMonotonicMs: null, lastWallMs: 0, watched: new Map() };

/** A look may be late by a busy main thread; beyond so many ticks nobody was looking, and the silence proves nothing. */
const lateTicksMax = 3;
/** Clocks are corrected by small steps all the time. */
const jumpMsMin = 1_000;

/** These have deadlines of their own, which the kernel keeps. */
const untilDeadline = new Set(['start', 'stop']);
const diskCalls = new Set(['disk']);
const outputCalls = new Set(['terminal', 'log']);
/** `Atomics.wait` for work, announced as such. */
const restCalls = new Set(['rest']);

/** Judges one look in the light of those before it. */
export function stepHealth(state: HealthState, look: HealthLook, options: HealthOptions): HealthStep {
  const jumpedMs = clockJump(state, look, options.tickMs);
  const watched = new Map<string, Watched>();
  const verdicts: Verdict[] = [];
  const probes: string[] = [];
  for (const reading of look.actors) {
    const known = state.watched.get(reading.id);
    const isFresh = known === undefined || known.generation !== reading.generation || jumpedMs !== null;
    const sinceMs = isFresh ? look.monotonicMs : known.sinceMs;
    const silentMs = Math.min(reading.markAgeMs ?? Infinity, look.monotonicMs - sinceMs);
    const health = jumpedMs !== null && known !== undefined ? 'suspect' : judge(reading, silentMs, options.frozenMs);
    // An answer is a mark: silence that is younger than the question means that it was answered.
    const wasAsked = !isFresh && known.probedMs !== null && look.monotonicMs - known.probedMs <= silentMs;
    const asks = health === 'suspect' ? jumpedMs !== null : health === 'idle' && silentMs >= options.frozenMs && !isResting(reading) && !wasAsked;
    if (asks) probes.push(reading.id);
    watched.set(reading.id, { generation: reading.generation, sinceMs, probedMs: asks ? look.monotonicMs : wasAsked ? known.probedMs : null });
    verdicts.push({ id: reading.id, generation: reading.generation, health, silentMs });
  }
  return { state: { lastMonotonicMs: look.monotonicMs, lastWallMs: look.wallMs, watched }, verdicts, probes, jumpedMs };
}

function judge(reading: HealthReading, silentMs: number, frozenMs: number): Health {
  const { handler, blockedOn } = reading;
  const suspectMs = frozenMs / 2;
  // Loading Node and the kernel takes a busy machine seconds, and links that change meanwhile wait for it.
  if (reading.markAgeMs === null) return 'alive';
  if (handler !== null && untilDeadline.has(handler)) return 'alive';
  if (isResting(reading)) return 'idle';
  if (blockedOn !== null && diskCalls.has(blockedOn)) return silentMs >= suspectMs ? 'blockedOnDisk' : 'alive';
  if (blockedOn !== null && outputCalls.has(blockedOn)) return silentMs >= suspectMs ? 'blockedOnOutput' : 'alive';
  // In the middle of something its work waits since its last mark; in the middle of nothing, since the oldest message came.
  const waitedMs = handler !== null || blockedOn !== null ? silentMs : reading.depth > 0 ? Math.min(silentMs, reading.oldestAgeMs) : null;
  if (waitedMs === null) return silentMs >= suspectMs ? 'idle' : 'alive';
  return waitedMs >= frozenMs ? 'frozen' : waitedMs >= suspectMs ? 'suspect' : 'alive';
}

function isResting({ blockedOn }: HealthReading): boolean {
  return blockedOn !== null && restCalls.has(blockedOn);
}

/** Suspended machines stop the monotonic clock and not the wall's; a stopped process sees both go on without it. */
function clockJump(state: HealthState, look: HealthLook, tickMs: number): number | null {
  if (state.lastMonotonicMs === null) return null;
  const passedMs = look.monotonicMs - state.lastMonotonicMs;
  const lateMs = Math.max(passedMs, look.wallMs - state.lastWallMs) - tickMs;
  return lateMs > Math.max(jumpMsMin, lateTicksMax * tickMs) ? lateMs : null;
}
