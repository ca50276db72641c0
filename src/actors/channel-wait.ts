// Channel wait: one channel standing still until others have handled what it depends on (WAIT_FOR_CHANNELS). What comes in the
// meantime is held, within a bound, while the channel's PONGs go on; after the deadline or past the bound the wait is given up
// and named, because a listed channel may never come. It knows no messages, only work and the bytes that it keeps.

import type { AwaitedSerial } from '../protocol/channels/channel.ts';
import { channelName } from '../protocol/constants.ts';
import { serialReached, setWaiting, type SerialBoard } from '../protocol/serial-board.ts';
import type { Cancel, Timers } from './kernel/host.ts';

/** How long a channel waits for another. */
export const waitDeadlineMs = 5_000;
/** Bytes of messages that are held meanwhile. */
export const heldBytesMax = 64 * 1024 * 1024;

export interface WaitEvents {
  /** The wait is over, and all that was held has been done or is held by the next wait. */
  resumed(): void;
  gap(key: string, detail: string): void;
}

/** The channel that waits. */
export interface WaitingChannel {
  readonly channelType: number;
  readonly channelId: number;
}

interface HeldWork {
  readonly bytes: number;
  run(): void;
}

export class ChannelWait {
  readonly #board: SerialBoard;
  readonly #self: WaitingChannel;
  readonly #timers: Timers;
  readonly #events: WaitEvents;
  #awaited: readonly AwaitedSerial[] | null = null;
  #held: HeldWork[] = [];
  #heldBytes = 0;
  #cancelDeadline: Cancel | null = null;
  #abandoned = false;

  constructor(board: SerialBoard, self: WaitingChannel, timers: Timers, events: WaitEvents) {
    this.#board = board;
    this.#self = self;
    this.#timers = timers;
    this.#events = events;
  }

  get waiting(): boolean {
    return this.#awaited !== null;
  }

  /** Begins a wait, unless everything is reached already. Never called while one is under way: its cause would be held. */
  begin(awaited: readonly AwaitedSerial[]): void {
    if (this.#abandoned || this.#reached(awaited)) return;
    // Announced first, then looked at once more: a channel that published in between would otherwise ring no bell.
    this.#setWaiting(true);
    this.#awaited = awaited;
    if (this.#reached(awaited)) {
      this.#end();
      return;
    }
    this.#cancelDeadline = this.#timers.after(waitDeadlineMs, () => this.#giveUp('deadline'));
  }

  /** Does `run` now, or after the wait that is under way, in the order of these calls. `bytes` is what it keeps in memory. */
  inTurn(bytes: number, run: () => void): void {
    if (this.#abandoned) return;
    if (this.#awaited === null) {
      run();
      return;
    }
    this.#held.push({ bytes, run });
    this.#heldBytes += bytes;
    if (this.#heldBytes > heldBytesMax) this.#giveUp('bytes');
  }

  /** A bell rang: some channel has handled something. */
  recheck(): void {
    if (this.#awaited !== null && this.#reached(this.#awaited)) this.#resume();
  }

  /** The channel ends; nothing that is held matters any more, and nothing is held again. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#awaited !== null) this.#end();
    this.#held = [];
    this.#heldBytes = 0;
  }

  #reached(awaited: readonly AwaitedSerial[]): boolean {
    return awaited.every(({ channelType, channelId, serial }) => serialReached(this.#board, channelType, channelId, serial));
  }

  #giveUp(bound: 'deadline' | 'bytes'): void {
    const missing = (this.#awaited ?? [])
      .filter((each) => !this.#reached([each]))
      .map(({ channelType, channelId, serial }) => `${channelName(channelType)}/${channelId} message ${serial}`)
      .join(', ');
    if (missing !== '') this.#events.gap(`wait:${bound}`, `went on without waiting any longer for ${missing}`);
    this.#resume();
  }

  #setWaiting(waits: boolean): void {
    setWaiting(this.#board, this.#self.channelType, this.#self.channelId, waits);
  }

  #end(): void {
    this.#awaited = null;
    this.#setWaiting(false);
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
  }

  #resume(): void {
    this.#end();
    // One of the held messages may begin the next wait: then the rest of them is held again, in the same order.
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const work of held) this.inTurn(work.bytes, () => work.run());
    if (!this.#abandoned) this.#events.resumed();
  }
}
