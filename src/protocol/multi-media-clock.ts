// The server's clock for pictures and sound, in shared memory: main is told its time, displays show frames by it. Milliseconds that
// wrap at 2^32; what is kept is how far they are from the monotonic clock, which has the same zero on every thread.

const knownWord = 0;
const offsetWord = 1;

/** One session's clock; it crosses threads as it is. */
export type MultiMediaClock = SharedArrayBuffer;

export function createMultiMediaClock(): MultiMediaClock {
  return new SharedArrayBuffer(8);
}

/** The server's clock stands at `serverMs` when the monotonic clock stands at `nowMs`. */
export function setMultiMediaTime(clock: MultiMediaClock, serverMs: number, nowMs: number): void {
  const words = new Int32Array(clock);
  Atomics.store(words, offsetWord, (serverMs - Math.floor(nowMs)) | 0);
  Atomics.store(words, knownWord, 1);
}

/** The server's time; null before anyone was told it. */
export function multiMediaTime(clock: MultiMediaClock, nowMs: number): number | null {
  const words = new Int32Array(clock);
  return Atomics.load(words, knownWord) === 0 ? null : (Math.floor(nowMs) + Atomics.load(words, offsetWord)) >>> 0;
}
