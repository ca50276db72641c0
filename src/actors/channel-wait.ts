// Channel wait: one channel standing still until others have handled what it depends on (WAIT_FOR_CHANNELS). Messages are held
// as copies, within a bound, while the channel's PONGs go on; after the deadline or past the bound the wait is given up and
// named, because a listed channel may never come.

import type { AwaitedSerial } from '../protocol/channels/channel.ts';
import type { Frame } from '../protocol/frame-splitter.ts';
import { countWaiter, serialReached, type SerialBoard } from '../protocol/serial-board.ts';
import type { Cancel, Timers } from './kernel/host.ts';

/** How long a channel waits for another. */
const waitDeadlineMs = 5_000;
/** Bytes of messages that are held meanwhile. */
const heldBytesMax = 64 * 1024 * 1024;

export interface WaitEvents {
  /** The wait is over: handle these now, in this order, before anything newer. They may begin another wait. */
  resumed(frames: readonly Frame[]): void;
  gap(key: string, detail: string): void;
}

export class ChannelWait {
  readonly #board: SerialBoard;
  readonly #timers: Timers;
  readonly #events: WaitEvents;
  #awaited: readonly AwaitedSerial[] | null = null;
  #held: Frame[] = [];
  #heldBytes = 0;
  #cancelDeadline: Cancel | null = null;

  constructor(board: SerialBoard, timers: Timers, events: WaitEvents) {
    this.#board = board;
    this.#timers = timers;
    this.#events = events;
  }

  get waiting(): boolean {
    return this.#awaited !== null;
  }

  begin(awaited: readonly AwaitedSerial[]): void {
    if (this.#reached(awaited)) return;
    // Announced first, then looked at once more: a channel that published in between would otherwise ring no bell.
    countWaiter(this.#board, 1);
    this.#awaited = awaited;
    if (this.#reached(awaited)) {
      this.#end();
      return;
    }
    this.#cancelDeadline = this.#timers.after(waitDeadlineMs, () => this.#giveUp('deadline'));
  }

  /** Keeps a message for later. The frame's bytes are the caller's chunk, so they are copied. */
  hold(frame: Frame): void {
    const bytes = frame.bytes.slice();
    this.#held.push({ ...frame, bytes, body: bytes.subarray(frame.bytes.length - frame.body.length) });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > heldBytesMax) this.#giveUp('bytes');
  }

  /** A bell rang: some channel has handled something. */
  recheck(): void {
    if (this.#awaited !== null && this.#reached(this.#awaited)) this.#resume();
  }

  /** The channel ends; nothing that is held matters any more. */
  abandon(): void {
    if (this.#awaited !== null) this.#end();
    this.#held = [];
    this.#heldBytes = 0;
  }

  #reached(awaited: readonly AwaitedSerial[]): boolean {
    return awaited.every(({ channelType, channelId, serial }) => serialReached(this.#board, channelType, channelId, serial));
  }

  #giveUp(bound: 'deadline' | 'bytes'): void {
    const missing = (this.#awaited ?? []).map(({ channelType, channelId, serial }) => `${channelType}/${channelId} message ${serial}`).join(', ');
    this.#events.gap(`wait:${bound}`, `went on without waiting any longer for ${missing}`);
    this.#resume();
  }

  #end(): void {
    this.#awaited = null;
    countWaiter(this.#board, -1);
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
  }

  #resume(): void {
    this.#end();
    // One of the held messages may begin the next wait: then the rest of them is held again.
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const frame of held) {
      if (this.waiting) this.hold(frame);
      else this.#events.resumed([frame]);
    }
  }
}
