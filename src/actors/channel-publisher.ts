// Channel publisher: everything that one channel makes known: events to the hub, gaps (told once, counted always), its
// observable state in a latest-value cell. It waits for nobody: what the hub has no room for is counted, and the cell tells
// the newest state all the same.

import { CellWriter } from '../mailbox/cell.ts';
import type { Address } from '../mailbox/address.ts';
import { SendTimeout, type SendTimeoutFacts } from '../mailbox/send-timeout.ts';
import { emptyGapLedger, recordGap, type Gap, type GapLedger } from '../protocol/gaps.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { ChannelCounters } from './channel-counters.ts';
import type { ChannelArgs, ChannelReport } from './channel-args.ts';
import type { Cancel, Clock, Timers } from './kernel/host.ts';

/** State changes faster than this are published as one: readers sample, they do not follow. */
const publishEveryMs = 100;
/** How long an event may wait for room at the hub. */
const eventDeadlineMs = 5_000;

export interface PublisherParts {
  readonly channel: string;
  readonly hub: Address<ChannelReport>;
  readonly cell: ChannelArgs['state'];
  readonly counters: ChannelCounters;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Monotonic milliseconds: counters of moments count from here. */
  readonly sessionStartMs: number;
  /** The channel's state without the gaps; called when it is published. */
  describe(): Readonly<Record<string, unknown>>;
}

const encode = (value: Readonly<Record<string, unknown>>): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

export class ChannelPublisher {
  readonly #parts: PublisherParts;
  readonly #cell: CellWriter;
  readonly #cellBytesMax: number;
  #gaps: GapLedger = emptyGapLedger;
  /** The last event for which there was no room, as the mailbox told it. */
  #sendTimeout: SendTimeoutFacts | null = null;
  /** Events for which there was none, by their kind. */
  #eventsDropped: Readonly<Record<string, number>> | null = null;
  #pending: Cancel | null = null;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#cell = new CellWriter(parts.cell);
    this.#cellBytesMax = parts.cell.bytesMax;
  }

  /** Queues an event. Resolves when it was posted or given up (counted in `events_dropped`); never rejects. */
  async emit(event: ChannelEvent): Promise<void> {
    const { hub, channel, counters, clock, sessionStartMs } = this.#parts;
    try {
      await hub.send({ kind: 'channelEvent', channel, atMs: clock.monotonicMs(), event }, { deadlineMs: eventDeadlineMs });
    } catch (error) {
      // Timed out or closed: the hub has no room for minutes of news or is gone. The count and the last one's facts are the evidence.
      counters.events_dropped.add(1);
      counters.last_event_drop_ms.set(Math.round(clock.monotonicMs() - sessionStartMs) + 1);
      this.#eventsDropped = { ...this.#eventsDropped, [event.kind]: (this.#eventsDropped?.[event.kind] ?? 0) + 1 };
      if (!(error instanceof SendTimeout)) return;
      this.#sendTimeout = error.facts;
      this.changed();
    }
  }

  gap(gap: Gap): void {
    const recorded = recordGap(this.#gaps, gap);
    this.#gaps = recorded.ledger;
    this.#parts.counters.gaps.add(1);
    if (recorded.first) void this.emit({ kind: 'gapSeen', gap: recorded.gap });
    this.changed();
  }

  /** The observable state is another than was published: publish it soon. */
  changed(): void {
    if (this.#pending !== null) return;
    this.#pending = this.#parts.timers.after(publishEveryMs, () => this.publish());
  }

  /** Publishes the state now. */
  publish(): void {
    this.#pending?.();
    this.#pending = null;
    const { hub, channel, clock } = this.#parts;
    // A refused bell loses nothing: the hub looks at every cell a few times a second anyway.
    if (this.#cell.write(this.#encode())) hub.tell({ kind: 'cellChanged', channel, atMs: clock.monotonicMs() });
  }

  observable(): Readonly<Record<string, unknown>> {
    return { ...this.#parts.describe(), ...(this.#sendTimeout === null ? {} : { sendTimeout: this.#sendTimeout }), ...(this.#eventsDropped === null ? {} : { eventsDropped: this.#eventsDropped }), gaps: Object.fromEntries(this.#gaps) };
  }

  #encode(): Uint8Array {
    const observable = this.observable();
    const whole = encode(observable);
    if (whole.length <= this.#cellBytesMax) return whole;
    // A long list or name is the peer's doing; what everybody looks for is there all the same.
    const { phase, secure, flow, gaps } = observable;
    const core = encode({ phase, secure, flow, gaps, truncated: true });
    return core.length <= this.#cellBytesMax ? core : encode({ phase, secure, flow, gaps: {}, truncated: true });
  }
}
