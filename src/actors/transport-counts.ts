// Transport counts: what one channel counts of its messages, its socket reads and its ACKs. All of it lies in the channel's counters, so it is there when the
// channel's thread is gone; only the times between the last ACKs are the actor's own, and published with its state.

import { catalog, type Direction, type MessageTable } from '../protocol/catalog.ts';
import type { ChannelTypeNumber } from '../protocol/constants.ts';
import { counterOf, type Counter, type CounterMemory } from '../mailbox/counters.ts';
import { opcodeCounterName, type ChannelCounters } from './channel-counters.ts';

/** A read of so many bytes was full: Node hands on at most this much at a time. */
const chunkBytesMax = 65_536;
const ackIntervalsMax = 32;

export class TransportCounts {
  readonly #counters: ChannelCounters;
  readonly #received: ReadonlyMap<number, Counter>;
  readonly #sent: ReadonlyMap<string, Counter>;
  readonly #ackIntervalsMs: number[] = [];
  #ackedMs: number | null = null;
  #messages: number;

  /** `counters` are those of `memory`: each has one writer. */
  constructor(type: ChannelTypeNumber, memory: CounterMemory, counters: ChannelCounters) {
    const entries = (direction: Direction) => Object.entries(catalog[type][direction] as MessageTable);
    this.#counters = counters;
    this.#received = new Map(entries('server').map(([, entry]) => [entry.type, counterOf(memory, opcodeCounterName('recv', entry.type))]));
    this.#sent = new Map(entries('client').map(([name, entry]) => [name, counterOf(memory, opcodeCounterName('send', entry.type))]));
    this.#messages = this.#counters.messages_in.value;
  }

  chunk(bytes: number): void {
    this.#counters.socket_reads.add(1);
    if (bytes >= chunkBytesMax) this.#counters.socket_reads_at_chunk_cap.add(1);
    if (bytes > this.#counters.socket_max_chunk_bytes.value) this.#counters.socket_max_chunk_bytes.set(bytes);
  }

  /** One message, in the order in which they came. */
  received(opcode: number): void {
    this.#messages += 1;
    const counter = this.#received.get(opcode);
    if (counter !== undefined) return counter.add(1);
    // A server may make up numbers: they share one counter.
    this.#counters.last_unknown_opcode.set(opcode);
    this.#counters.unknown_opcode_count.add(1);
  }

  /** `name` as the catalogue has it. */
  sent(name: string): void {
    this.#sent.get(name)?.add(1);
  }

  /** An ACK was sent for the messages received until now. `sessionMs` since the session began. */
  acked(sessionMs: number): void {
    this.#counters.ack_send_count.add(1);
    this.#counters.last_ack_send_ms.set(Math.round(sessionMs) + 1);
    this.#counters.last_ack_at_message.set(this.#messages);
    if (this.#ackedMs !== null) this.#ackIntervalsMs.push(sessionMs - this.#ackedMs);
    if (this.#ackIntervalsMs.length > ackIntervalsMax) this.#ackIntervalsMs.shift();
    this.#ackedMs = sessionMs;
  }

  /** Between the last ACKs of this connection, in seconds, oldest first. */
  get ackIntervalsSecs(): readonly number[] {
    return this.#ackIntervalsMs.map((ms) => Math.round(ms * 1000) / 1_000_000);
  }
}
