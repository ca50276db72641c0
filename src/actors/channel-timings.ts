// Channel timings: how long one channel's work takes, in shared memory: written by the channel's own thread, read by the metrics' consumers. Samples only: what they
// mean for anybody's health is decided elsewhere.

import { counterOf, type Counter, type CounterMemory } from '../mailbox/counters.ts';
import { histogramNames, histogramWriter, workBoundsUs, type HistogramBounds } from '../mailbox/histogram.ts';

/**
 * `handling`: from bytes read off the socket until all of their messages were handled, which is how long everything else of the channel waits. `pong`: from the bytes
 * until the PONG to a PING among them was written. `paint`: decoding and drawing of one message. `decode`: decoding of one picture.
 */
const timedWork = ['handling', 'pong', 'paint', 'decode'] as const;

/** `input_to_paint`, of displays: from a press that was sent until the first drawing after it (input-probe.ts). */
export const inputBoundsUs: HistogramBounds = [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000];
export const inputToPaint = 'input_to_paint';

/** `ping_jitter_us`: how much the time between two PINGs differs from the time between the two before, smoothed as RTP does (RFC 3550, 6.4.1). */
export const timingNames: readonly string[] = [...timedWork.flatMap((work) => histogramNames(work, workBoundsUs)), ...histogramNames(inputToPaint, inputBoundsUs), 'ping_jitter_us'];

const jitterShare = 16;

/** The painter's own: it knows when a picture is decoded. */
export function decodeTimer(memory: CounterMemory): (ms: number) => void {
  return histogramWriter(memory, 'decode', workBoundsUs);
}

export class ChannelTimings {
  readonly handled: (ms: number) => void;
  readonly answered: (ms: number) => void;
  readonly painted: (ms: number) => void;
  readonly inputPainted: (ms: number) => void;
  readonly #jitter: Counter;
  #jitterUs = 0;
  #pingedAtUs: number | null = null;
  #intervalUs: number | null = null;

  constructor(memory: CounterMemory) {
    this.handled = histogramWriter(memory, 'handling', workBoundsUs);
    this.answered = histogramWriter(memory, 'pong', workBoundsUs);
    this.painted = histogramWriter(memory, 'paint', workBoundsUs);
    this.inputPainted = histogramWriter(memory, inputToPaint, inputBoundsUs);
    this.#jitter = counterOf(memory, 'ping_jitter_us');
  }

  /** A PING came, on the connection of the one before. */
  pinged(atUs: number): void {
    const intervalUs = this.#pingedAtUs === null ? null : atUs - this.#pingedAtUs;
    if (intervalUs !== null && this.#intervalUs !== null) {
      this.#jitterUs += (Math.abs(intervalUs - this.#intervalUs) - this.#jitterUs) / jitterShare;
      this.#jitter.set(Math.round(this.#jitterUs));
    }
    this.#pingedAtUs = atUs;
    this.#intervalUs = intervalUs;
  }
}
