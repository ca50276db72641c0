// Channel liveness: the timer and the moments of one channel's connection, for the rules of protocol/liveness.ts. What a sign of life is on this
// channel, and what becomes of a connection that is given up, is its owner's.

import { checkLiveness, type LivenessRules } from '../protocol/liveness.ts';
import type { Cancel, Clock, Timers } from './kernel/host.ts';

export interface LivenessParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rules: LivenessRules;
  /** Send a sign of life now. */
  keepalive(): void;
  /** Nothing was received for `silentMs`. Called at most once. */
  lost(silentMs: number): void;
}

export class ChannelLiveness {
  readonly #parts: LivenessParts;
  #receivedMs = 0;
  #sentMs = 0;
  #countFromMs = 0;
  #cancel: Cancel | null = null;

  constructor(parts: LivenessParts) {
    this.#parts = parts;
  }

  /** The channel is linked: watched from now on. */
  begin(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#receivedMs = nowMs;
    this.#sentMs = nowMs;
    this.#countFromMs = nowMs;
    this.#look(nowMs);
  }

  received(): void {
    this.#receivedMs = this.#parts.clock.monotonicMs();
  }

  sent(): void {
    this.#sentMs = this.#parts.clock.monotonicMs();
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #look(dueMs: number): void {
    const { clock, timers, rules } = this.#parts;
    const nowMs = clock.monotonicMs();
    const verdict = checkLiveness(rules, { nowMs, dueMs, receivedMs: this.#receivedMs, sentMs: this.#sentMs, countFromMs: this.#countFromMs });
    this.#countFromMs = verdict.countFromMs;
    this.#cancel = null;
    if (verdict.kind === 'lost') return this.#parts.lost(nowMs - this.#receivedMs);
    const { nextMs } = verdict;
    // Traffic sets no timer: a look that finds some only moves the next one.
    if (nextMs !== null) this.#cancel = timers.after(nextMs - nowMs, () => this.#look(nextMs));
    if (verdict.kind === 'keepalive') this.#parts.keepalive();
  }
}
