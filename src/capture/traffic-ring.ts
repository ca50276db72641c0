// What a traffic ring holds, message by message: time, direction, name and sizes, for the traffic viewer and for reports. It
// reads entries that somebody else holds (mailbox/tap-snapshot.ts), copies no bytes, and keeps to the ring's bound.

import type { TapEntry } from '../mailbox/tap-entry.ts';
import { messageName } from './message-name.ts';
import { frameCountOf } from './pcap.ts';
import type { TapDirection } from './tap.ts';
import { headerOfNote } from './tap.ts';

/** One message, or one piece of a link exchange. */
export interface TrafficEntry {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  readonly channel: string;
  readonly direction: TapDirection;
  /** Null for a piece of the link exchange, which has no message header. */
  readonly type: number | null;
  /** The catalogue's name, `type123` for a number that nobody defines, or `link`. */
  readonly name: string;
  /** Header and body. */
  readonly wireBytes: number;
  readonly payloadBytes: number;
  /** Frames beyond the first in a capture file. */
  readonly additionalSegments: number;
  /** Which start of the channel's actor, from 0. */
  readonly stream: number;
  readonly generation: number;
  /** Messages that are missing before this one. */
  readonly missingBefore: number;
}

const MINI_HEADER_BYTES = 6;
const FULL_HEADER_BYTES = 18;
/** Ethernet, IPv4 and TCP: the bound counts frames as a capture file has them. */
const FRAME_HEADERS_BYTES = 54;

/**
 * The newest entries whose frames together have at most `ringBytes`, oldest first.
 * @param entries of one ring, oldest first
 * @param wallBaseMs the ring's own: its entries carry monotonic times
 */
export function readTraffic(channel: string, entries: Iterable<TapEntry>, wallBaseMs: number, ringBytes: number): TrafficEntry[] {
  const kept: TrafficEntry[] = [];
  let bytes = 0;
  let first = 0;
  let sequence = -1;
  for (const entry of entries) {
    kept.push(trafficEntry(channel, entry, wallBaseMs, sequence < 0 ? 0 : entry.sequence - sequence - 1));
    sequence = entry.sequence;
    bytes += framedBytes(kept.at(-1)!);
    while (bytes > ringBytes && first < kept.length) bytes -= framedBytes(kept[first++]!);
  }
  return kept.slice(first);
}

function framedBytes(entry: TrafficEntry): number {
  return entry.wireBytes + FRAME_HEADERS_BYTES * (1 + entry.additionalSegments);
}

function trafficEntry(channel: string, entry: TapEntry, wallBaseMs: number, missingBefore: number): TrafficEntry {
  const { bytes } = entry;
  const direction = entry.received ? 'received' : 'sent';
  const full = headerOfNote(entry.note) === 'full';
  const headerBytes = full ? FULL_HEADER_BYTES : MINI_HEADER_BYTES;
  const isMessage = !entry.head && bytes.byteLength >= headerBytes;
  // In range: a message has its header, and the type stands at 8 in the full one and at 0 in the other.
  const type = isMessage ? bytes[full ? 8 : 0]! | (bytes[full ? 9 : 1]! << 8) : null;
  return {
    wallMs: wallBaseMs + entry.monotonicMs,
    channel,
    direction,
    type,
    name: type === null ? 'link' : messageName(channel, direction, type),
    wireBytes: bytes.byteLength,
    payloadBytes: isMessage ? bytes.byteLength - headerBytes : bytes.byteLength,
    additionalSegments: frameCountOf(bytes.byteLength) - 1,
    stream: entry.stream,
    generation: entry.generation,
    missingBefore,
  };
}
