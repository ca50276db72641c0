// Session memory: the shared memory of a session, made on the main thread and outliving every actor that writes to it: counters,
// state cells and tap rings by channel, the serial board. What a channel had counted and recorded when its thread died is
// still here, and its next generation goes on with it.

import { soundCounterNames } from '../actors/audio-mail.ts';
import { createChannelCounters } from '../actors/channel-counters.ts';
import { timingNames } from '../actors/channel-timings.ts';
import { createInputProbe } from '../actors/input-probe.ts';
import { pointerCellBytes, stateCellBytes } from '../actors/channel-args.ts';
import { CellReader, createCell, type CellMemory } from '../mailbox/cell.ts';
import { counterReader, createCounters, readCounters, type CounterMemory } from '../mailbox/counters.ts';
import { createTapRing, readTapCounters, type TapCounters, type TapRingHandle } from '../mailbox/tap-ring.ts';
import { ringBytesOf, TRAFFIC_TOTAL_MIB_MIN } from '../capture/ring-budget.ts';
import { readTapReach } from '../mailbox/tap-reach.ts';
import { ChannelType, channelName, type ChannelTypeNumber } from '../protocol/constants.ts';
import { createMultiMediaClock, type MultiMediaClock } from '../protocol/multi-media-clock.ts';
import { createSerialBoard, type SerialBoard } from '../protocol/serial-board.ts';
import type { Clock } from '../actors/kernel/host.ts';
import type { ChannelTraffic } from './report-event.ts';

/** The memory of one channel, by its id (`display/0`). */
export interface ChannelMemory {
  readonly id: string;
  readonly type: number;
  readonly channelId: number;
  readonly counters: CounterMemory;
  /** How long its work takes. */
  readonly timings: CounterMemory;
  readonly state: CellMemory;
  readonly pointer: CellMemory | null;
  /** What became of its sound; of playback channels only. */
  readonly sound: CounterMemory | null;
  readonly tap: TapRingHandle;
}

/** What a channel's observable state says to those who only read it. */
export interface ChannelFacts {
  readonly phase: string;
  readonly gaps: Readonly<Record<string, number>>;
  readonly state: Readonly<Record<string, unknown>>;
}

export class SessionMemory {
  readonly serials: SerialBoard = createSerialBoard();
  /** From a press to the next drawing. */
  readonly inputProbe = createInputProbe();
  readonly multiMediaClock: MultiMediaClock = createMultiMediaClock();
  readonly startedAtMs: number;
  /** The same moment by the wall clock. */
  readonly startedAtWallMs: number;
  readonly trafficTotalMib: number;
  readonly #clock: Clock;
  readonly #channels = new Map<string, ChannelMemory>();
  readonly #readers = new Map<string, { readonly cell: CellReader; readonly tap: () => TapCounters; readonly reach: () => number | null; readonly bytesIn: () => number[]; facts: { readonly version: number; readonly value: ChannelFacts } | null }>();

  /** @param trafficTotalMib of the traffic rings that the ancestor has, together; others come on top */
  constructor(clock: Clock, trafficTotalMib: number = TRAFFIC_TOTAL_MIB_MIN) {
    this.#clock = clock;
    this.trafficTotalMib = trafficTotalMib;
    this.startedAtMs = clock.monotonicMs();
    this.startedAtWallMs = clock.wallMs();
  }

  /** The channel's memory, made when it is first asked for. */
  channel(type: number, channelId: number): ChannelMemory {
    const name = channelName(type);
    const id = `${name}/${channelId}`;
    const known = this.#channels.get(id);
    if (known !== undefined) return known;
    const made: ChannelMemory = {
      id,
      type,
      channelId,
      counters: createChannelCounters(type as ChannelTypeNumber),
      timings: createCounters(timingNames),
      state: createCell(stateCellBytes),
      pointer: type === ChannelType.cursor ? createCell(pointerCellBytes) : null,
      sound: type === ChannelType.playback ? createCounters(soundCounterNames) : null,
      tap: this.createRing(id),
    };
    this.#channels.set(id, made);
    this.#readers.set(id, { cell: new CellReader(made.state), tap: readTapCounters(made.tap), reach: readTapReach(made.tap), bytesIn: counterReader(made.counters, ['bytes_in']), facts: null });
    return made;
  }

  /** The ring of a channel that has none yet. A simulation, which starts thousands of sessions, replaces it with smaller ones. */
  createRing(id: string): TapRingHandle {
    return createTapRing({ channel: id, ringBytes: ringBytesOf(id, this.trafficTotalMib) }, this.#clock);
  }

  get channels(): readonly ChannelMemory[] {
    return [...this.#channels.values()];
  }

  counters(memory: ChannelMemory): Readonly<Record<string, number>> {
    return readCounters(memory.counters);
  }

  /** By all channels together. */
  bytesReceived(): number {
    let bytes = 0;
    for (const { bytesIn } of this.#readers.values()) bytes += bytesIn()[0] ?? 0;
    return bytes;
  }

  /** How a channel's connection stands; null for no channel. */
  traffic(id: string): ChannelTraffic | null {
    const memory = this.#channels.get(id);
    if (memory === undefined) return null;
    const nowMs = this.#clock.monotonicMs() - this.startedAtMs;
    const { last_recv_ms: received = 0, last_send_ms: sent = 0, messages_in: messagesIn = 0 } = this.counters(memory);
    // As of the newest state that was published: a channel publishes once more when its connection ends.
    const { ackWindow = null, left = null } = (this.facts(memory)?.state['flow'] ?? {}) as { readonly ackWindow?: number; readonly left?: number };
    const age = (stored: number): number | null => (stored === 0 ? null : Math.max(0, Math.round(nowMs - (stored - 1))));
    return { receivedMsAgo: age(received), sentMsAgo: age(sent), messagesIn, ackWindow, ackLeft: left };
  }

  /** Null for all but playback channels. */
  soundCounters({ sound }: ChannelMemory): Readonly<Record<string, number>> | null {
    return sound === null ? null : readCounters(sound);
  }

  tapCounters(memory: ChannelMemory): TapCounters {
    // `channel` makes both together.
    return this.#readers.get(memory.id)!.tap();
  }

  /** How far back the channel's traffic ring reaches, in seconds until now; null while it is empty. */
  tapRetentionSecs(memory: ChannelMemory): number | null {
    const oldestMs = this.#readers.get(memory.id)!.reach();
    return oldestMs === null ? null : Math.max(0, Math.round(this.#clock.monotonicMs() - oldestMs)) / 1000;
  }

  /** The newest state that the channel published, or null before the first. */
  facts(memory: ChannelMemory): ChannelFacts | null {
    const reader = this.#readers.get(memory.id)!;
    const { cell, facts } = reader;
    cell.acknowledge();
    // Samplers look several times a second at channels of which most have nothing new to say.
    if (facts?.version === cell.version) return facts.value;
    const newest = cell.read();
    if (newest === null) return null;
    // The cell is written by this program's own channel actor.
    const state = JSON.parse(Buffer.from(newest.bytes).toString('utf8')) as Record<string, unknown>;
    const gaps = (state['gaps'] ?? {}) as Record<string, number>;
    const phase = state['phase'];
    const value: ChannelFacts = { phase: typeof phase === 'string' ? phase : 'starting', gaps, state };
    reader.facts = { version: newest.version, value };
    return value;
  }
}
