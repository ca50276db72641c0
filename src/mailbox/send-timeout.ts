// The two ways in which a send fails, as data: the receiver had no room until the deadline, or it is gone. Neither is
// a mistake of the sender; the sentence is made here so that whoever prints it names both actors.

import type { Lane } from './address.ts';

export interface SendTimeoutFacts {
  /** Both ends with their generations, such as `display/0#7`. */
  readonly from: string;
  readonly to: string;
  readonly lane: Lane;
  /** `deadline`: waited in vain. `waitersFull`: too many sends already wait on this lane, so this one never did. */
  readonly cause: 'deadline' | 'waitersFull';
  readonly waitedMs: number;
  /** Messages that wait in the receiver's lane, of this sender. */
  readonly depth: number;
  /** How long the first of them has waited, in milliseconds. */
  readonly oldestAgeMs: number;
}

/** No room until the deadline. The message was never posted, so sending it again cannot deliver it twice. */
export class SendTimeout extends Error {
  override readonly name = 'SendTimeout';
  readonly code = 'send-timeout';
  readonly facts: SendTimeoutFacts;

  constructor(facts: SendTimeoutFacts) {
    const { from, to, lane, cause, waitedMs, depth, oldestAgeMs } = facts;
    const wait = cause === 'deadline' ? `waited ${Math.round(waitedMs)} ms for room` : 'has too many sends waiting already';
    super(`${from} ${wait} in the ${lane} lane of ${to}: ${depth} messages wait there, the oldest for ${Math.round(oldestAgeMs)} ms`);
    this.facts = facts;
  }
}

/** The receiver is gone, or was never started. */
export class MailboxClosed extends Error {
  override readonly name = 'MailboxClosed';
  readonly code = 'mailbox-closed';
  readonly from: string;
  readonly to: string;

  constructor(from: string, to: string) {
    super(`${from} cannot send to ${to}: its mailbox is closed`);
    this.from = from;
    this.to = to;
  }
}
