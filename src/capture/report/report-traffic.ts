// Report traffic: the bytes of a report's traffic.pcap: the recorded messages of several channels in the order of their times, each stream with its link exchange
// first, so that readers recognise SPICE. Classic pcap, as the ancestor's readers expect it. Pure: entries that somebody else holds in, pieces of a file out.

import type { HeadEntry, TapEntry } from '../../mailbox/tap-entry.ts';
import {
  clientPortOf, FRAME_BYTES_MAX, frameCountOf, pcapFileHeader, pcapTarget, writeHandshake, writeMessageFrame, type PcapTarget,
} from '../pcap.ts';
import { redactTraffic, type TrafficRedaction } from './traffic-redaction.ts';

/** One channel's recorded traffic. */
export interface TrafficSource {
  readonly channel: string;
  /** Of the ring: its entries carry monotonic times. */
  readonly wallBaseMs: number;
  /** Oldest first; the object may be reused. */
  entries(): Iterable<TapEntry>;
  /** The pinned start of a stream; empty when it is not kept any more. */
  head(stream: number): readonly HeadEntry[];
}

export interface TrafficCount {
  /** Messages and pieces of link exchanges. */
  messages: number;
  bytes: number;
}

/** A piece is handed out when it holds about so much. */
const pieceBytes = 256 * 1024;

/**
 * The file, piece by piece. A piece is valid until the next is asked for.
 * @param count is told what was written
 */
export function* writeTraffic(sources: readonly TrafficSource[], options: { readonly redacted: boolean }, count: TrafficCount): Generator<Uint8Array, void> {
  const target = pcapTarget(pieceBytes + FRAME_BYTES_MAX);
  const header = pcapFileHeader();
  target.bytes.set(header);
  target.used = header.byteLength;
  const streams = sources.map((source) => new TrafficStreams(source, options.redacted));
  for (;;) {
    const next = earliest(streams);
    if (next === null) break;
    for (const _ of next.write(target)) {
      if (target.used < pieceBytes) continue;
      yield* flush(target, count);
    }
    count.messages += 1;
  }
  yield* flush(target, count);
}

function* flush(target: PcapTarget, count: TrafficCount): Generator<Uint8Array, void> {
  if (target.used === 0) return;
  count.bytes += target.used;
  yield target.bytes.subarray(0, target.used);
  target.used = 0;
}

function earliest(streams: readonly TrafficStreams[]): TrafficStreams | null {
  let first: TrafficStreams | null = null;
  for (const each of streams) if (each.wallMs !== null && (first === null || each.wallMs < first.wallMs!)) first = each;
  return first;
}

/** A message that is to be written next. */
interface Waiting {
  readonly wallMs: number;
  readonly received: boolean;
  readonly bytes: Uint8Array;
  readonly sentBefore: number;
  readonly receivedBefore: number;
  readonly clientPort: number;
  /** The first of its stream: the TCP handshake goes before it. */
  readonly opens: boolean;
}

/** One channel's messages, with each stream's head before the first that is left of it. */
class TrafficStreams {
  readonly #source: TrafficSource;
  readonly #messages: Iterator<Waiting>;
  readonly #redaction: TrafficRedaction | null;
  #next: Waiting | null;

  constructor(source: TrafficSource, redacted: boolean) {
    this.#source = source;
    this.#redaction = redacted ? redactTraffic(source.channel) : null;
    this.#messages = this.#walk();
    this.#next = this.#take();
  }

  /** When the next message came or went; null at the end. */
  get wallMs(): number | null {
    return this.#next?.wallMs ?? null;
  }

  /** Writes the next message, stopping after each frame to let the target be emptied: one frame fits behind a piece. */
  *write(target: PcapTarget): Generator<void, void> {
    const message = this.#next;
    if (message === null) return;
    if (message.opens) {
      writeHandshake(target, message.clientPort, message.wallMs);
      yield;
    }
    const frames = frameCountOf(message.bytes.byteLength);
    for (let index = 0; index < frames; index++) {
      writeMessageFrame(target, message, index);
      yield;
    }
    this.#next = this.#take();
  }

  #take(): Waiting | null {
    const step = this.#messages.next();
    return step.done === true ? null : step.value;
  }

  *#walk(): Generator<Waiting, void> {
    const { channel, wallBaseMs } = this.#source;
    let stream = -1;
    let clientPort = 0;
    let hasHead = false;
    let opens = false;
    for (const entry of this.#source.entries()) {
      const bytes = this.#redaction?.entry(entry) ?? entry.bytes;
      if (entry.stream !== stream) {
        stream = entry.stream;
        clientPort = clientPortOf(channel, stream);
        opens = true;
        const pieces = this.#source.head(stream);
        hasHead = pieces.length > 0;
        let [sentBefore, receivedBefore] = [0, 0];
        for (const { received, monotonicMs, bytes: piece } of pieces) {
          yield { wallMs: wallBaseMs + monotonicMs, received, bytes: this.#redaction?.link(received, piece) ?? piece, sentBefore, receivedBefore, clientPort, opens };
          opens = false;
          if (received) receivedBefore += piece.byteLength;
          else sentBefore += piece.byteLength;
        }
      }
      // Written already, from the stream's pinned head.
      if (entry.head && hasHead) continue;
      const { received, sentBefore, receivedBefore, monotonicMs } = entry;
      yield { wallMs: wallBaseMs + monotonicMs, received, bytes, sentBefore, receivedBefore, clientPort, opens };
      opens = false;
    }
  }
}
