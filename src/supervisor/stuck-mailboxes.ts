// Stuck mailboxes: from looks at what waits in mailboxes to those that are full and that nobody reads: the shape of a receiver that was abandoned while
// its senders go on. A reducer over looks, like silence.ts: each is named once, until it has been read again.

/** What waits of one sender in one lane of one actor. */
export interface MailboxReading {
  readonly receiver: string;
  readonly receiverGeneration: number;
  readonly sender: string;
  readonly senderGeneration: number;
  readonly lane: string;
  readonly depth: number;
  readonly bound: number;
  readonly oldestAgeMs: number;
  readonly dropped: number;
  /** What the receiver is in the middle of, in a word or two. */
  readonly doing: string;
}

export type StuckMailbox = MailboxReading;

/** A receiver that is only slow takes a message now and then: the oldest of a full lane is then never this old. */
export const stuckMs = 5_000;

/** Those that were named. */
export type StuckState = ReadonlySet<string>;

export const noneStuck: StuckState = new Set();

export function lookForStuckMailboxes(state: StuckState, readings: readonly MailboxReading[]): { readonly state: StuckState; readonly found: readonly StuckMailbox[] } {
  const stuck = readings.filter(({ depth, bound, oldestAgeMs }) => depth >= bound && oldestAgeMs >= stuckMs);
  return { state: new Set(stuck.map(keyOf)), found: stuck.filter((reading) => !state.has(keyOf(reading))) };
}

const keyOf = ({ receiver, receiverGeneration, sender, lane }: MailboxReading): string => `${receiver}#${receiverGeneration} ${sender} ${lane}`;
