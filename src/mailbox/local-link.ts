// A link inside one thread, with the same promises as the one between threads: messages are cloned, bells and closing are
// news of a later turn. The scheduler is handed in, so a simulation or a property test decides who runs when.

import type { Lane, Transferable } from './address.ts';
import type { LinkEvents, MailboxTimers, ReceiveTransport, SendTransport } from './transport.ts';

/** The two ends of a new link. */
export function createLocalLink(timers: Pick<MailboxTimers, 'soon'>): { send: SendTransport; receive: ReceiveTransport } {
  const lanes = { control: new Queue(), data: new Queue() };
  const sender = new End(timers);
  const receiver = new End(timers);
  sender.other = receiver;
  receiver.other = sender;
  return {
    send: {
      post: (lane: Lane, message: unknown, transfer: readonly Transferable[] | undefined) => {
        const copy = clone(message, transfer);
        if (!receiver.closed) lanes[lane].push(copy);
      },
      ring: () => sender.ring(),
      listen: (events) => sender.listen(events),
      close: () => sender.close(),
    },
    receive: {
      take: (lane) => (receiver.closed ? undefined : lanes[lane].shift()),
      ring: () => receiver.ring(),
      listen: (events) => receiver.listen(events),
      close: () => receiver.close(),
    },
  };
}

// Cloned although both ends could share the object: an actor that changes a message after sending it would otherwise
// work on a thread and fail here, or worse, the other way round.
function clone(message: unknown, transfer: readonly Transferable[] | undefined): unknown {
  if (transfer === undefined) return isPlain(message, PLAIN_DEPTH_MAX) ? copyPlain(message) : structuredClone(message);
  // The shapes in `Transferable` are those of the host's own objects; the cast is where a pure type meets Node's.
  return structuredClone(message, { transfer: transfer as ArrayBuffer[] });
}

/** Deeper than any message of ours. What refers back to itself is deeper than anything. */
const PLAIN_DEPTH_MAX = 16;

/** Records, lists and primitives all the way down: what `copyPlain` copies as `structuredClone` does, for a fifth of the price. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return false;
    case 'object': {
      if (value === null) return true;
      if (depth === 0 || Object.hasOwn(value, '__proto__') || (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)) return false;
      for (const each of Object.values(value)) if (!isPlain(each, depth - 1)) return false;
      return true;
    }
    default:
      return true;
  }
}

function copyPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyPlain);
  const copy: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) copy[key] = copyPlain(each);
  return copy;
}

class End {
  readonly #timers: Pick<MailboxTimers, 'soon'>;
  #events: LinkEvents | null = null;
  #pending: ('rung' | 'closed')[] = [];
  other: End | null = null;
  closed = false;

  constructor(timers: Pick<MailboxTimers, 'soon'>) {
    this.#timers = timers;
  }

  listen(events: LinkEvents): void {
    this.#events = events;
    for (const news of this.#pending.splice(0)) this.hear(news);
  }

  ring(): void {
    if (!this.closed) this.other?.hear('rung');
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.other?.hear('closed');
  }

  /** News from the other end, in a later turn; kept until somebody listens, as a port does that was not started. */
  hear(news: 'rung' | 'closed'): void {
    if (this.#events === null) {
      this.#pending.push(news);
      return;
    }
    this.#timers.soon(() => {
      if (!this.closed) this.#events?.[news]();
    });
  }
}

/** First in, first out; `Array.shift` alone moves the whole array for each message of a long queue. */
class Queue {
  #items: unknown[] = [];
  #head = 0;

  push(item: unknown): void {
    this.#items.push(item);
  }

  shift(): { readonly message: unknown } | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const message = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head >= this.#items.length || this.#head > 1_024) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return { message };
  }
}
