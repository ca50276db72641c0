// Channel losses: the last thing that took each channel, whether its connection, its link or its actor, under one list of kinds. Evidence for
// statistics and logs; what follows from a loss is decided elsewhere.

import type { Exit, ExitReason } from '../actors/kernel/exit-reason.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import { lossOfConnection, lossOfLink, type Loss } from '../protocol/loss-kind.ts';

export interface ChannelLoss extends Loss {
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export class ChannelLosses {
  readonly #last = new Map<string, ChannelLoss>();
  readonly #counts = new Map<string, Record<string, number>>();

  /** Null when it was never lost. */
  of(channel: string): ChannelLoss | null {
    return this.#last.get(channel) ?? null;
  }

  /** How often each kind took it. */
  countsOf(channel: string): Readonly<Record<string, number>> {
    return this.#counts.get(channel) ?? {};
  }

  heard(channel: string, event: ChannelEvent, atMs: number): void {
    const loss = event.kind === 'connectionLost' ? lossOfConnection(event.cause) : event.kind === 'linkFailed' ? lossOfLink(event.failure) : null;
    if (loss !== null) this.#note(channel, { ...loss, atMs });
  }

  ended({ id, reason }: Exit, atMs: number): void {
    const loss = lossOfExit(reason);
    if (loss !== null) this.#note(id, { ...loss, atMs });
  }

  #note(channel: string, loss: ChannelLoss): void {
    this.#last.set(channel, loss);
    const counts = this.#counts.get(channel) ?? {};
    counts[loss.kind] = (counts[loss.kind] ?? 0) + 1;
    this.#counts.set(channel, counts);
  }
}

/** Null when the end is no loss, or when what it followed from was told before it. */
export function lossOfExit(reason: ExitReason): Loss | null {
  switch (reason.kind) {
    case 'failed':
      return { kind: 'crash', detail: reason.error.message };
    case 'frozen':
      return { kind: 'frozen', detail: 'it made no progress with work waiting' };
    case 'killed':
      return { kind: 'killed', detail: 'it did not stop in its time, or was ended from outside' };
    case 'normal':
    case 'shutdown':
    case 'downstreamClosed':
      return null;
  }
}
