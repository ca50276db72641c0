// How one actor reaches another: an address accepts messages and says at once what became of them. This file is types
// only and names no thread, so that every room may import it; link-sender.ts is the implementation, and mailbox.ts the
// other end. An address never reveals where its receiver runs.

/** Control overtakes data at every message, also when the data lane is full. */
export type Lane = 'control' | 'data';

/**
 * What became of a `tell`: `accepted` = posted to the receiver; `full` = refused, dropped and counted; `closed` = the
 * receiver is gone, dropped and counted. A refused message was never posted and its transfer list is not detached.
 */
export type TellResult = 'accepted' | 'full' | 'closed';

/** An object that may move to another thread. Ports are described by shape so that pure rooms can import this file. */
export type Transferable = ArrayBuffer | { postMessage(message: unknown): void; close(): void };

export interface TellOptions {
  /** Default `data`. */
  readonly lane?: Lane;
  /** Moved, not copied; the sender's use of them ends when the message is accepted. Never a view of a larger buffer. */
  readonly transfer?: readonly Transferable[];
}

export interface SendOptions extends TellOptions {
  /** How long to wait for room, in milliseconds. Default `SEND_DEADLINE_MS` (5,000). There is no way to wait for ever. */
  readonly deadlineMs?: number;
}

export interface Address<M = unknown> {
  /** The sending actor's id. */
  readonly from: string;
  /** The receiving actor's id. */
  readonly to: string;
  /** Never waits. Throws only `DataCloneError`, for a message that cannot be cloned: our own mistake. */
  tell(message: M, options?: TellOptions): TellResult;
  /** Waits for room. Resolves when the message is posted; rejects with `SendTimeout` or `MailboxClosed`. */
  send(message: M, options?: SendOptions): Promise<void>;
}

/** Who sent a message and over which lane. One object serves all messages of one link and lane. */
export interface Envelope {
  readonly sender: string;
  /** The sender's generation. The kernel has already discarded everything from an older one. */
  readonly generation: number;
  readonly lane: Lane;
}

/** One mailbox as its numbers: read from shared memory without asking the receiver. */
export interface MailboxStats {
  /** Messages waiting now, all senders and both lanes together. */
  readonly depth: number;
  /** The deepest that any one lane of any one sender has been since the receiver started. */
  readonly highWater: number;
  /** Messages that senders gave up: refused as full or closed, or timed out before they were posted. */
  readonly dropped: number;
  /** Age of the oldest message that still waits, in milliseconds; 0 when none waits. */
  readonly oldestAgeMs: number;
  /** Messages posted to this mailbox: always `delivered + deadLetters + depth`. What was produced is `accepted + dropped`. */
  readonly accepted: number;
  /** Taken out and handed to the actor. */
  readonly delivered: number;
  /** Accepted, but never acted on: left behind when the link closed, or taken out after the receiver began to stop. */
  readonly deadLetters: number;
}
