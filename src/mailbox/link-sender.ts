// The producer's end of a link: credit, waiting sends, and the rule about who wakes whom. It is the whole cost of a `tell`.
// It knows one receiver of one generation; the kernel's address book swaps it for a fresh one when either end restarts.

import type { Lane, SendOptions, TellOptions, TellResult, Transferable } from './address.ts';
import { CLOSED, laneBacklog, laneWords, PARKED, SENDER_GONE, SLEEP } from './link-words.ts';
import type { LaneWords, LinkMemory } from './link-words.ts';
import { MailboxClosed, SendTimeout } from './send-timeout.ts';
import { timeWord } from './time-word.ts';
import type { MailboxClock, MailboxTimers, SendTransport } from './transport.ts';

const SEND_DEADLINE_MS = 5_000;
/** A deadline beyond this is taken as this: nothing waits for ever. */
const SEND_DEADLINE_MS_MAX = 600_000;
/** Sends that may wait on one lane of one link; a further one fails at once. */
const WAITERS_MAX = 1_024;

export interface LinkSenderParts {
  /** Both ends with their generations, such as `display/0#7`: for the errors. */
  readonly from: string;
  readonly to: string;
  readonly memory: LinkMemory;
  readonly transport: SendTransport;
  readonly clock: MailboxClock;
  readonly timers: MailboxTimers;
}

interface Waiter {
  readonly message: unknown;
  readonly transfer: readonly Transferable[] | undefined;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  resolve(): void;
  reject(error: unknown): void;
}

interface LaneState {
  readonly lane: Lane;
  readonly at: LaneWords;
  readonly max: number;
  /** Messages accepted so far, wrapped at 2^32: the sender is the only writer of the word, so it need not read it back. */
  accepted: number;
  highWater: number;
  /** First come, first posted. */
  waiters: Waiter[];
}

export class LinkSender {
  readonly #parts: LinkSenderParts;
  readonly #words: Int32Array;
  readonly #lanes: { readonly control: LaneState; readonly data: LaneState };
  #timer: { readonly atMs: number; cancel(): void } | null = null;
  #ended = false;

  constructor(parts: LinkSenderParts) {
    const { memory } = parts;
    this.#parts = parts;
    this.#words = new Int32Array(memory.words);
    const state = (lane: Lane, max: number): LaneState =>
      ({ lane, at: laneWords(memory, lane), max, accepted: 0, highWater: 0, waiters: [] });
    this.#lanes = { control: state('control', memory.controlMax), data: state('data', memory.dataMax) };
    parts.transport.listen({
      rung: () => this.#park(),
      // Invariant 6: peer death is the transport's `close`. A post after it vanishes without an error and detaches its
      // buffers, so from here on nothing is posted.
      closed: () => {
        Atomics.store(this.#words, CLOSED, 1);
        this.close();
      },
    });
  }

  get closed(): boolean {
    return this.#ended || Atomics.load(this.#words, CLOSED) === 1;
  }

  tell(message: unknown, options?: TellOptions): TellResult {
    const lane = this.#lanes[options?.lane ?? 'data'];
    if (this.closed) return this.#drop(lane, 'closed');
    // Waiting sends came first: a tell that slipped past them would break the order within the lane.
    if (lane.waiters.length > 0) return this.#drop(lane, 'full');
    return this.#put(lane, lane.max, message, options?.transfer) ? 'accepted' : this.#drop(lane, 'full');
  }

  /** A kernel command: may use the control lane's reserve, and passes waiting sends. False = even the reserve is used up. */
  command(message: unknown, transfer?: readonly Transferable[]): TellResult {
    const lane = this.#lanes.control;
    if (this.closed) return this.#drop(lane, 'closed');
    return this.#put(lane, lane.max + this.#parts.memory.reserve, message, transfer) ? 'accepted' : this.#drop(lane, 'full');
  }

  send(message: unknown, options?: SendOptions): Promise<void> {
    const lane = this.#lanes[options?.lane ?? 'data'];
    if (this.closed) {
      this.#drop(lane, 'closed');
      return Promise.reject(this.#closedError());
    }
    return new Promise((resolve, reject) => {
      // A message that cannot be cloned throws here, which rejects: the caller's mistake, in the caller's promise.
      if (lane.waiters.length === 0 && this.#put(lane, lane.max, message, options?.transfer)) return resolve();
      const sinceMs = this.#parts.clock.monotonicMs();
      if (lane.waiters.length >= WAITERS_MAX) {
        this.#drop(lane, 'full');
        return reject(this.#timeoutError(lane, 'waitersFull', 0));
      }
      const deadlineMs = sinceMs + Math.min(options?.deadlineMs ?? SEND_DEADLINE_MS, SEND_DEADLINE_MS_MAX);
      lane.waiters.push({ message, transfer: options?.transfer, sinceMs, deadlineMs, resolve, reject });
      this.#arm(deadlineMs);
      this.#park();
    });
  }

  /** The producer is done with this link: waiting sends fail, nothing is posted any more. What was posted still arrives. */
  close(): void {
    this.#ended = true;
    for (const lane of [this.#lanes.control, this.#lanes.data]) {
      const waiters = lane.waiters;
      lane.waiters = [];
      for (const waiter of waiters) {
        this.#drop(lane, 'closed');
        waiter.reject(this.#closedError());
      }
    }
    this.#disarm();
    Atomics.store(this.#words, SENDER_GONE, 1);
    this.#parts.transport.close();
  }

  /** Posts if the lane has room. The heart of the mailbox: its order is invariants 1 to 3 of docs/runtime-semantics.md. */
  #put(lane: LaneState, max: number, message: unknown, transfer: readonly Transferable[] | undefined): boolean {
    const words = this.#words;
    const depth = (lane.accepted - Atomics.load(words, lane.at.taken)) | 0;
    // Invariant 1: credit before posting. Otherwise the receiver's queue has no bound, and a message refused after it was
    // posted would have its buffers detached although nobody gets them.
    if (depth >= max) return false;
    Atomics.store(words, lane.at.times + (lane.accepted & lane.at.timesMask), timeWord(this.#parts.clock.monotonicMs()));
    // Counted before it is visible: a receiver that trusts `accepted` to skip empty lanes then never skips a posted message.
    Atomics.store(words, lane.at.accepted, (lane.accepted + 1) | 0);
    try {
      this.#parts.transport.post(lane.lane, message, transfer);
    } catch (error) {
      Atomics.store(words, lane.at.accepted, lane.accepted);
      this.#drop(lane, 'full');
      throw error;
    }
    lane.accepted = (lane.accepted + 1) | 0;
    if (depth + 1 > lane.highWater) Atomics.store(words, lane.at.highWater, (lane.highWater = depth + 1));
    // Invariant 2, the producer's half: post, then look whether the receiver sleeps. Looking first loses the wake-up of a
    // receiver that falls asleep in between, and the message waits until somebody else happens to ring.
    // Invariant 3: only who exchanges SLEEP from 1 to 0 rings. Otherwise a burst of messages is a burst of bells.
    if (Atomics.load(words, SLEEP) === 1 && Atomics.exchange(words, SLEEP, 0) === 1) this.#parts.transport.ring();
    return true;
  }

  /** Posts waiting sends while there is room, and asks to be woken when there is not enough. */
  #park(): void {
    if (this.closed) return this.close();
    if (!this.#waiting()) return;
    // Invariant 4, the sender's half: say that we wait, then try once more. The receiver returns credit, then looks at
    // PARKED. Trying first loses the wake-up when the last message is taken in between, and an empty mailbox refuses us
    // until our deadline.
    Atomics.store(this.#words, PARKED, 1);
    this.#flush(this.#lanes.control);
    this.#flush(this.#lanes.data);
    if (!this.#waiting()) this.#disarm();
  }

  #flush(lane: LaneState): void {
    for (let first = lane.waiters[0]; first !== undefined; first = lane.waiters[0]) {
      try {
        if (!this.#put(lane, lane.max, first.message, first.transfer)) return;
        first.resolve();
      } catch (error) {
        first.reject(error);
      }
      lane.waiters.shift();
    }
  }

  /** One timer for all waiting sends, at the earliest of their deadlines: a thousand waiting sends are not a thousand timers. */
  #arm(deadlineMs: number): void {
    if (this.#timer !== null && this.#timer.atMs <= deadlineMs) return;
    this.#disarm();
    const { clock, timers } = this.#parts;
    const cancel = timers.after(Math.max(0, deadlineMs - clock.monotonicMs()), () => {
      this.#timer = null;
      this.#expire();
    });
    this.#timer = { atMs: deadlineMs, cancel };
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #expire(): void {
    // There may be room by now although nobody has told us yet: the receiver's ring may be under way behind a long queue of
    // other events. Failing without this look would refuse a message that there is room for.
    this.#park();
    const nowMs = this.#parts.clock.monotonicMs();
    for (const lane of [this.#lanes.control, this.#lanes.data]) {
      const expired = lane.waiters.filter((waiter) => waiter.deadlineMs <= nowMs);
      // Never posted, so the caller may send it again without any danger that it arrives twice.
      lane.waiters = lane.waiters.filter((waiter) => waiter.deadlineMs > nowMs);
      for (const waiter of expired) {
        this.#drop(lane, 'full');
        waiter.reject(this.#timeoutError(lane, 'deadline', nowMs - waiter.sinceMs));
      }
    }
    const waiting = [...this.#lanes.control.waiters, ...this.#lanes.data.waiters];
    if (waiting.length > 0) this.#arm(Math.min(...waiting.map((waiter) => waiter.deadlineMs)));
  }

  #waiting(): boolean {
    return this.#lanes.control.waiters.length + this.#lanes.data.waiters.length > 0;
  }

  #drop<R extends TellResult>(lane: LaneState, result: R): R {
    Atomics.add(this.#words, lane.at.dropped, 1);
    return result;
  }

  #closedError(): MailboxClosed {
    return new MailboxClosed(this.#parts.from, this.#parts.to);
  }

  #timeoutError(lane: LaneState, cause: 'deadline' | 'waitersFull', waitedMs: number): SendTimeout {
    const { from, to, clock } = this.#parts;
    return new SendTimeout({ from, to, lane: lane.lane, cause, waitedMs, ...laneBacklog(this.#words, lane.at, clock.monotonicMs()) });
  }
}
