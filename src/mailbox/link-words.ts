// The shared words of one link: who has accepted, taken and dropped how much, who sleeps, who waits, who is gone. A link has
// one producer and one consumer, so every word but SLEEP and PARKED has exactly one writer, and "how many wait" is the
// difference of two counters rather than a third number that could disagree with them. No message passes through here.

import type { Lane } from './address.ts';
import { ageOf } from './time-word.ts';

/** A link's memory as both ends receive it. Cloneable; the buffer is shared. */
export interface LinkMemory {
  readonly words: SharedArrayBuffer;
  /** Messages that may wait in each lane. */
  readonly controlMax: number;
  readonly dataMax: number;
  /** Further places in the control lane that only the kernel's own commands may use. */
  readonly reserve: number;
}

// Each writer's words share a cache line with nobody else's (64 bytes = 16 words): without this, two threads that only
// count their own messages slow each other down.
const LINE = 16;
const SENDER = { control: 0 * LINE, data: 1 * LINE } as const;
const RECEIVER = { control: 2 * LINE, data: 3 * LINE } as const;
const ACCEPTED = 0, DROPPED = 1, HIGH_WATER = 2;
const TAKEN = 0, DEAD = 1;
/** 1 while the receiver sleeps. Whoever exchanges it from 1 to 0 rings the bell. */
export const SLEEP = 4 * LINE;
/** 1 while the sender waits for room. Whoever exchanges it from 1 to 0 rings the bell. */
export const PARKED = 5 * LINE;
/** 1 once the receiver is gone or going. Never returns to 0: a new receiver gets a new link. */
export const CLOSED = 6 * LINE;
/** 1 once the sender will never post again. */
export const SENDER_GONE = 7 * LINE;
const HEADER_WORDS = 8 * LINE;

export function createLinkMemory(max: { controlMax: number; dataMax: number; reserve?: number }): LinkMemory {
  const { controlMax, dataMax, reserve = 0 } = max;
  const slots = slotCount(controlMax + reserve) + slotCount(dataMax);
  return { words: new SharedArrayBuffer((HEADER_WORDS + slots) * 4), controlMax, dataMax, reserve };
}

/** The words of one lane, by what they mean. Counters wrap at 2^32, so only their differences are compared. */
export interface LaneWords {
  readonly accepted: number;
  readonly dropped: number;
  readonly highWater: number;
  readonly taken: number;
  readonly dead: number;
  /** First of the lane's enqueue times; the time of message n is at `times + (n & timesMask)`. */
  readonly times: number;
  readonly timesMask: number;
}

export function laneWords(memory: LinkMemory, lane: Lane): LaneWords {
  const controlSlots = slotCount(memory.controlMax + memory.reserve);
  const slots = lane === 'control' ? controlSlots : slotCount(memory.dataMax);
  return {
    accepted: SENDER[lane] + ACCEPTED,
    dropped: SENDER[lane] + DROPPED,
    highWater: SENDER[lane] + HIGH_WATER,
    taken: RECEIVER[lane] + TAKEN,
    dead: RECEIVER[lane] + DEAD,
    times: HEADER_WORDS + (lane === 'control' ? 0 : controlSlots),
    timesMask: slots - 1,
  };
}

/** Messages that wait in a lane, and how long the first of them has: readable from any thread. */
export function laneBacklog(words: Int32Array, lane: LaneWords, nowMs: number): { depth: number; oldestAgeMs: number } {
  const taken = Atomics.load(words, lane.taken);
  const depth = Math.max(0, (Atomics.load(words, lane.accepted) - taken) | 0);
  if (depth === 0) return { depth, oldestAgeMs: 0 };
  // A slot is written before its message is counted as accepted, so a counted message always has its time.
  return { depth, oldestAgeMs: ageOf(Atomics.load(words, lane.times + (taken & lane.timesMask)), nowMs) };
}

// A power of two, so that the slot of message n stays right when its number wraps at 2^32.
function slotCount(max: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, max)));
}
