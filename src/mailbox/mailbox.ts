// The consumer's end: one mailbox over many links, emptied in turns that end before they hurt. It delivers messages and
// returns credit; what a message means, and whether its receiver still wants it, is decided by the `deliver` it is given.

import type { Envelope, Lane } from './address.ts';
import { CLOSED, laneWords, PARKED, SLEEP } from './link-words.ts';
import type { LaneWords, LinkMemory } from './link-words.ts';
import type { MailboxClock, MailboxTimers, ReceiveTransport } from './transport.ts';

/**
 * A turn ends after this many messages or milliseconds and goes on in a later turn of the loop. Without it, 5,000 queued
 * messages of 0.2 ms shut the loop for a second: no PONG, no timer, no socket.
 */
export const TURN_MESSAGES_MAX = 64;
const TURN_MS_MAX = 4;

export interface MailboxParts {
  readonly clock: MailboxClock;
  readonly timers: MailboxTimers;
  /** Handles one message; false when nobody acted on it, which counts it as a dead letter. */
  deliver(message: unknown, envelope: Envelope): boolean;
}

interface LaneEnd {
  readonly at: LaneWords;
  readonly envelope: Envelope;
  /** Messages taken so far, wrapped at 2^32: the receiver is the only writer of the word. */
  taken: number;
}

interface ReceiveEnd {
  readonly words: Int32Array;
  readonly transport: ReceiveTransport;
  readonly control: LaneEnd;
  readonly data: LaneEnd;
  senderGone: boolean;
}

export class Mailbox {
  readonly #parts: MailboxParts;
  /** By sender: an actor has one link to another, and a restart of either brings a fresh one. */
  readonly #ends = new Map<string, ReceiveEnd>();
  /** The same links in order, for fair turns. */
  #order: ReceiveEnd[] = [];
  #next = { control: 0, data: 0 };
  #cancelTurn: (() => void) | null = null;
  #running = false;
  #closed = false;

  constructor(parts: MailboxParts) {
    this.#parts = parts;
  }

  /** Takes over the receiving end of a link. An older link of the same sender is closed: what waits in it is never acted on. */
  attach(sender: string, generation: number, memory: LinkMemory, transport: ReceiveTransport): void {
    this.#detach(sender);
    const laneEnd = (lane: Lane): LaneEnd => ({ at: laneWords(memory, lane), envelope: { sender, generation, lane }, taken: 0 });
    const end: ReceiveEnd = {
      words: new Int32Array(memory.words),
      transport,
      control: laneEnd('control'),
      data: laneEnd('data'),
      senderGone: false,
    };
    this.#ends.set(sender, end);
    this.#order = [...this.#ends.values()];
    transport.listen({
      rung: () => this.#wake(),
      closed: () => {
        // A sender that died between winning SLEEP and ringing has rung nobody; this turn delivers what it had posted.
        end.senderGone = true;
        this.#wake();
      },
    });
    // Messages may have been posted before we listened, and SLEEP is 0 until our first turn, so nobody rang for them.
    this.#wake();
  }

  /** Begins to deliver. Before it messages gather, up to their bounds. */
  start(): void {
    this.#running = true;
    this.#wake();
  }

  /** No further message is delivered, every sender is told at once. What waits is lost, and counted by its link's words. */
  close(): void {
    this.#closed = true;
    this.#cancelTurn?.();
    this.#cancelTurn = null;
    for (const sender of this.#ends.keys()) this.#detach(sender);
  }

  /** Tells the senders that pass `which` that this mailbox takes nothing more, while the others stay open. */
  refuse(which: (sender: string) => boolean): void {
    for (const [sender, end] of this.#ends) {
      if (!which(sender)) continue;
      Atomics.store(end.words, CLOSED, 1);
      end.transport.ring();
    }
  }

  #detach(sender: string): void {
    const end = this.#ends.get(sender);
    if (end === undefined) return;
    // The word first: a sender in the middle of its own turn sees it at its next tell, long before the port's close event.
    Atomics.store(end.words, CLOSED, 1);
    end.transport.close();
    this.#ends.delete(sender);
    this.#order = [...this.#ends.values()];
  }

  #wake(): void {
    if (this.#closed || !this.#running || this.#cancelTurn !== null) return;
    this.#cancelTurn = this.#parts.timers.soon(() => {
      this.#cancelTurn = null;
      this.#turn();
    });
  }

  /** Invariant 5: a turn is bounded in messages and in time, and the control lane is looked at before each data message. */
  #turn(): void {
    const { clock } = this.#parts;
    const endMs = clock.monotonicMs() + TURN_MS_MAX;
    for (let handled = 0; handled < TURN_MESSAGES_MAX; handled++) {
      if (!this.#deliverNext('control') && !this.#deliverNext('data')) {
        // Invariant 2, the consumer's half: announce sleep, look once more, only then sleep. Looking first loses the message
        // that is posted in between: its sender sees us awake and does not ring.
        for (const end of this.#order) Atomics.store(end.words, SLEEP, 1);
        if (!this.#deliverNext('control') && !this.#deliverNext('data')) return this.#dropGone();
      }
      if (this.#closed) return;
      if (clock.monotonicMs() >= endMs) break;
    }
    // Asleep or not on some link by now, we come back: a bell in the meantime finds the turn already arranged.
    this.#wake();
  }

  /** Takes one message of a lane, senders in rotation, and delivers it. False when all are empty. */
  #deliverNext(lane: Lane): boolean {
    const count = this.#order.length;
    for (let i = 0; i < count; i++) {
      const place = (this.#next[lane] + i) % count;
      const end = this.#order[place];
      if (end === undefined) continue;
      const taken = this.#take(end, end[lane], lane);
      if (taken === undefined) continue;
      this.#next[lane] = place + 1;
      if (!this.#parts.deliver(taken.message, end[lane].envelope)) Atomics.add(end.words, end[lane].at.dead, 1);
      return true;
    }
    return false;
  }

  #take(end: ReceiveEnd, lane: LaneEnd, name: Lane): { readonly message: unknown } | undefined {
    // `accepted` is counted before the message is posted, so equal counters mean an empty lane; this spares a call into Node
    // for each idle link at each message. Different counters may still mean "not quite posted yet": then `take` finds
    // nothing, and we may sleep, because its sender looks at SLEEP after it has posted.
    if (((Atomics.load(end.words, lane.at.accepted) - lane.taken) | 0) <= 0) return undefined;
    const taken = end.transport.take(name);
    if (taken === undefined) return undefined;
    lane.taken = (lane.taken + 1) | 0;
    // Credit is returned when a message is taken out, not when it has been handled: what is in hand is not in the queue.
    Atomics.store(end.words, lane.at.taken, lane.taken);
    // Invariant 4, the receiver's half: return credit, then look whether the sender waits. A sender that is waking up finds
    // all the room that has gathered until then, so a bell is worth a batch and not one message.
    if (Atomics.load(end.words, PARKED) === 1 && Atomics.exchange(end.words, PARKED, 0) === 1) end.transport.ring();
    return taken;
  }

  /** Everything is empty, so links whose sender is gone have nothing left to say. */
  #dropGone(): void {
    for (const [sender, end] of this.#ends) if (end.senderGone) this.#detach(sender);
  }
}
