// The latency file's actor, on a thread of its own: it looks at the session's samples in shared memory and writes each as a row. A disk that hangs holds nobody else; what
// finds no room meanwhile is counted. Rows are on their way to the file within a tenth of a second, and all of them are in it when the session ends.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { lookForPing } from '../control/ping-samples.ts';
import { counterOf, readCounters, type Counter } from '../mailbox/counters.ts';
import { inputRow, latencyHeader, pingRow } from '../metrics/latency-rows.ts';
import { answersAfter, readInputProbe } from './input-probe.ts';
import { latencyCounterNames, type LatencyArgs } from './metrics-mail.ts';
import type { Actor, ActorContext, ActorModule, JsonValue } from './kernel/actor.ts';
import type { Cancel } from './kernel/host.ts';

/** PINGs between two looks are one sample, so this is far below any server's pace, in milliseconds. */
const lookEveryMs = 20;
const retryMs = 1_000;
/** Rows that wait for a disk: hours of a usual session. */
const waitingMax = 10_000;

class Latency implements Actor<never> {
  readonly #context: ActorContext;
  readonly #args: LatencyArgs;
  readonly #file: number;
  readonly #counters: Readonly<Record<(typeof latencyCounterNames)[number], Counter>>;
  #waiting: string[] = [];
  /** Its successor begins with the first PING after its start. */
  #pings: number | null;
  #press: number;
  #retryAtMs = 0;
  #looking: Cancel;

  constructor(context: ActorContext, args: LatencyArgs) {
    this.#context = context;
    this.#args = args;
    const [rows, lost, failures] = latencyCounterNames;
    this.#counters = { rows: counterOf(args.counters, rows), rows_lost: counterOf(args.counters, lost), failures: counterOf(args.counters, failures) };
    this.#pings = context.generation === 1 ? 0 : null;
    this.#press = context.generation === 1 ? 0 : readInputProbe(args.inputs).presses;
    this.#file = openSync(args.path, context.generation === 1 ? 'wx' : 'a');
    if (context.generation === 1) this.#waiting.push(latencyHeader);
    this.#looking = context.host.timers.after(0, () => this.#look());
  }

  receive(): void {
    // Nobody tells it anything.
  }

  observe(): JsonValue {
    return { waiting: this.#waiting.length, ...readCounters(this.#args.counters) };
  }

  stop(): void {
    this.#looking();
    this.#collect();
    this.#retryAtMs = 0;
    this.#write();
    for (let row = 0; row < this.#waiting.length; row++) this.#counters.rows_lost.add(1);
    const { progress } = this.#context;
    progress.blockedOn('disk');
    try {
      fsyncSync(this.#file);
      closeSync(this.#file);
    } catch {
      this.#counters.failures.add(1);
    }
    progress.blockedOn(null);
  }

  #look(): void {
    this.#looking = this.#context.host.timers.after(lookEveryMs, () => this.#look());
    this.#collect();
    this.#write();
  }

  #collect(): void {
    const { main, inputs, sessionStartMs } = this.#args;
    const { seen, sample } = lookForPing(this.#pings, readCounters(main));
    if (sample !== null) this.#keep(pingRow(this.#wallOf(sessionStartMs + sample.sessionMs), sample.intervalMs));
    this.#pings = seen;
    for (const { press, lagMs, atMs } of answersAfter(inputs, this.#press)) {
      this.#keep(inputRow(this.#wallOf(atMs), lagMs));
      this.#press = press;
    }
  }

  #wallOf(monotonicMs: number): number {
    const { clock } = this.#context.host;
    return clock.wallMs() - (clock.monotonicMs() - monotonicMs);
  }

  #keep(row: string): void {
    if (this.#waiting.length >= waitingMax) this.#counters.rows_lost.add(1);
    else this.#waiting.push(row);
  }

  #write(): void {
    const { clock } = this.#context.host;
    if (this.#waiting.length === 0 || clock.monotonicMs() < this.#retryAtMs) return;
    const { progress } = this.#context;
    progress.blockedOn('disk');
    try {
      // Row by row would be a call each; a batch that is cut short by a full disk is begun again after its last whole row.
      const bytes = Buffer.from(this.#waiting.join(''), 'utf8');
      this.#taken(writeSync(this.#file, bytes), bytes);
    } catch {
      this.#counters.failures.add(1);
      this.#retryAtMs = clock.monotonicMs() + retryMs;
    }
    progress.blockedOn(null);
  }

  /** What was not taken waits on, from where it was cut. */
  #taken(count: number, bytes: Buffer): void {
    const rest = bytes.toString('utf8', count);
    const before = this.#waiting.length;
    this.#waiting = rest === '' ? [] : rest.match(/[^\n]*\n/g) ?? [];
    this.#counters.rows.add(before - this.#waiting.length);
  }
}

/** Its start fails when the file is there already or cannot be made. */
export const actor: ActorModule<LatencyArgs, never> = {
  start: (context, args) => new Latency(context, args),
};
