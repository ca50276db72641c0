// What a sender and a mailbox need from whatever carries their messages: two lanes, a bell in each direction, and the news
// that the other end is gone. link.ts makes one from message ports between threads, local-link.ts one inside a thread; the
// sender and the mailbox cannot tell which they have, so one set of tests speaks for both.

import type { Lane, Transferable } from './address.ts';

export interface LinkEvents {
  /** The other end rang. */
  rung(): void;
  /** The other end is gone. Everything that it posted before is still to be taken. Called at most once. */
  closed(): void;
}

export interface SendTransport {
  /** Clones, transfers and enqueues. Throws `DataCloneError`. After the other end closed it does nothing, silently. */
  post(lane: Lane, message: unknown, transfer: readonly Transferable[] | undefined): void;
  ring(): void;
  listen(events: LinkEvents): void;
  close(): void;
}

export interface ReceiveTransport {
  /** The next message of a lane, wrapped because `undefined` is a message too; undefined when there is none. */
  take(lane: Lane): { readonly message: unknown } | undefined;
  ring(): void;
  listen(events: LinkEvents): void;
  close(): void;
}

/** What sender and mailbox need of the host: it is handed in, so that they run in virtual time. */
export interface MailboxClock {
  monotonicMs(): number;
}

export interface MailboxTimers {
  /** Both return their cancellation. */
  after(ms: number, run: () => void): () => void;
  soon(run: () => void): () => void;
}
