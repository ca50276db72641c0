// A moment in one 32-bit word of shared memory, so that it is read and written whole. Only ages make sense of it: the word
// wraps after 24 days, and an age is right as long as it is shorter than that.

/** The word for a moment of the monotonic clock, in milliseconds. */
export function timeWord(monotonicMs: number): number {
  return monotonicMs | 0;
}

/** Milliseconds from the word's moment to now; 0 when the writer's thread read its clock a little later than ours. */
export function ageOf(word: number, nowMs: number): number {
  return Math.max(0, (timeWord(nowMs) - word) | 0);
}
