// Progress marks: what an actor is doing, in shared memory, so that it can be seen without asking an actor that may never
// answer. The actor's thread writes, any thread reads. Marks say what is; whether it is alive, frozen or blocked on a
// disk is for the supervisor to judge.

import { ageOf, timeWord } from '../../mailbox/time-word.ts';
import type { Clock } from './host.ts';

/** The actor's side. Every call is a few stores; none waits or fails. */
export interface ProgressMark {
  /** Counts an iteration and names what the actor does from here on. Pairs with `leave`; pairs may nest. */
  enter(handler: string): void;
  leave(): void;
  /** Counts an iteration inside a long handler: still working. */
  beat(): void;
  /** Names a call that may block the thread with no fault of the actor's, such as `disk`; null when it has returned. */
  blockedOn(call: string | null): void;
}

/** What the reader sees. Ages are in milliseconds; null = never. */
export interface Progress {
  readonly iterations: number;
  /** What the actor is in the middle of; null when it waits for the next message or event. */
  readonly handler: string | null;
  readonly blockedOn: string | null;
  /** Of the calls that it announced: how many have returned, how long they took together, and the longest. */
  readonly blockedCalls: number;
  readonly blockedTotalMs: number;
  readonly blockedMaxMs: number;
  /** How long it has been inside handlers, all together and at most: the rest of its time it had nothing to do. */
  readonly busyTotalMs: number;
  readonly busyMaxMs: number;
  /** Since the last mark of any kind. */
  readonly markAgeMs: number | null;
  readonly receiveAgeMs: number | null;
  readonly sendAgeMs: number | null;
  /** Messages dropped because the actor they were for does not run, so that there is no link whose words could count them. */
  readonly unlinkedDrops: number;
  /** The system's own number of the thread that it runs on; null when that is not known. */
  readonly osThreadId: number | null;
}

export interface ProgressReader {
  read(): Progress;
}

const ITERATIONS = 0, HANDLER = 1, BLOCKED = 2, MARKED = 3, RECEIVED = 4, SENT = 5, UNLINKED = 6, OS_THREAD = 7, CALLS = 8, CALLS_MS = 9, CALL_MS_MAX = 10, BUSY_MS = 11, BUSY_MS_MAX = 12, WORDS = 16;
const NAMES_MAX = 64;
const NAME_BYTES = 32;
const OTHER_NAME = 'other';

/** Memory for one actor's marks. Zeroed memory reads as an actor that has never done anything. */
export function createProgressMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4 + NAMES_MAX * NAME_BYTES);
}

export class ProgressWriter implements ProgressMark {
  readonly #words: Int32Array;
  readonly #names: Uint8Array;
  readonly #clock: Clock;
  readonly #numbers = new Map<string, number>();
  #open: number[] = [];
  /** When the call that it is inside of was announced, and for how long such calls have lasted. */
  #blockedAtMs: number | null = null;
  #blockedMs = 0;
  /** When the outermost handler that is open was entered. */
  #busyFromMs: number | null = null;
  #busyMs = 0;

  constructor(memory: SharedArrayBuffer, clock: Clock) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#names = new Uint8Array(memory, WORDS * 4);
    this.#clock = clock;
    this.#number(OTHER_NAME);
  }

  enter(handler: string): void {
    const number = this.#number(handler);
    this.#open.push(number);
    this.#busyFromMs ??= this.#clock.monotonicMs();
    Atomics.store(this.#words, HANDLER, number);
    this.beat();
  }

  leave(): void {
    this.#open.pop();
    Atomics.store(this.#words, HANDLER, this.#open.at(-1) ?? 0);
    this.#countBusy();
    this.#stamp(MARKED);
  }

  /** Forgets what is open: a handler that threw did not leave what it entered. */
  idle(): void {
    this.#open = [];
    Atomics.store(this.#words, HANDLER, 0);
    this.#countBusy();
    this.#stamp(MARKED);
  }

  beat(): void {
    Atomics.add(this.#words, ITERATIONS, 1);
    this.#stamp(MARKED);
  }

  blockedOn(call: string | null): void {
    Atomics.store(this.#words, BLOCKED, call === null ? 0 : this.#number(call));
    this.#countCall(call !== null);
    this.#stamp(MARKED);
  }

  #countBusy(): void {
    if (this.#busyFromMs === null || this.#open.length > 0) return;
    const tookMs = this.#clock.monotonicMs() - this.#busyFromMs;
    this.#busyFromMs = null;
    this.#busyMs += tookMs;
    Atomics.store(this.#words, BUSY_MS, Math.round(this.#busyMs) | 0);
    if (tookMs > Atomics.load(this.#words, BUSY_MS_MAX)) Atomics.store(this.#words, BUSY_MS_MAX, Math.round(tookMs) | 0);
  }

  #countCall(begins: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#blockedAtMs !== null) {
      const tookMs = nowMs - this.#blockedAtMs;
      this.#blockedMs += tookMs;
      Atomics.add(this.#words, CALLS, 1);
      Atomics.store(this.#words, CALLS_MS, Math.round(this.#blockedMs) | 0);
      if (tookMs > Atomics.load(this.#words, CALL_MS_MAX)) Atomics.store(this.#words, CALL_MS_MAX, Math.round(tookMs) | 0);
    }
    this.#blockedAtMs = begins ? nowMs : null;
  }

  received(): void {
    this.#stamp(RECEIVED);
  }

  sent(): void {
    this.#stamp(SENT);
  }

  unlinkedDrop(): void {
    Atomics.add(this.#words, UNLINKED, 1);
  }

  #stamp(word: number): void {
    // 0 means never, so the one moment in 24 days whose word is 0 is written a millisecond late.
    Atomics.store(this.#words, word, timeWord(this.#clock.monotonicMs()) || 1);
  }

  // Names are written once, before any word refers to them, and never change: a reader never meets half a name.
  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#numbers.size >= NAMES_MAX) return this.#number(OTHER_NAME);
    const index = this.#numbers.size;
    for (let i = 0; i < Math.min(name.length, NAME_BYTES); i++) this.#names[index * NAME_BYTES + i] = name.charCodeAt(i) & 0x7f;
    this.#numbers.set(name, index + 1);
    return index + 1;
  }
}

/** Notes on which of the system's threads the actor runs. Before its first mark, so that it is known however the start goes. */
export function markOsThread(memory: SharedArrayBuffer, osThreadId: number | null): void {
  Atomics.store(new Int32Array(memory), OS_THREAD, osThreadId ?? 0);
}

export function readProgress(memory: SharedArrayBuffer, clock: Clock): ProgressReader {
  const words = new Int32Array(memory, 0, WORDS);
  const names = new Uint8Array(memory, WORDS * 4);
  const nameOf = (word: number): string | null => {
    const number = Atomics.load(words, word);
    if (number === 0) return null;
    const bytes = names.subarray((number - 1) * NAME_BYTES, number * NAME_BYTES);
    return String.fromCharCode(...bytes.filter((byte) => byte !== 0));
  };
  const ageMs = (word: number): number | null => {
    const stamp = Atomics.load(words, word);
    return stamp === 0 ? null : ageOf(stamp, clock.monotonicMs());
  };
  return {
    read: () => ({
      iterations: Atomics.load(words, ITERATIONS) >>> 0,
      handler: nameOf(HANDLER),
      blockedOn: nameOf(BLOCKED),
      blockedCalls: Atomics.load(words, CALLS) >>> 0,
      blockedTotalMs: Atomics.load(words, CALLS_MS) >>> 0,
      blockedMaxMs: Atomics.load(words, CALL_MS_MAX) >>> 0,
      busyTotalMs: Atomics.load(words, BUSY_MS) >>> 0,
      busyMaxMs: Atomics.load(words, BUSY_MS_MAX) >>> 0,
      markAgeMs: ageMs(MARKED),
      receiveAgeMs: ageMs(RECEIVED),
      sendAgeMs: ageMs(SENT),
      unlinkedDrops: Atomics.load(words, UNLINKED) >>> 0,
      osThreadId: Atomics.load(words, OS_THREAD) || null,
    }),
  };
}
