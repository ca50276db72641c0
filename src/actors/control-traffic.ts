// Control traffic: the newest messages of channels, read where they lie in the traffic rings, and what channels received and sent between
// two looks. It copies no message: of each it tells number, name and size, never content.

import type { TrafficCounts } from '../control/control-event.ts';
import type { Params } from '../control/request.ts';
import { headerOfNote } from '../capture/tap.ts';
import { readCounters } from '../mailbox/counters.ts';
import type { TapEntry } from '../mailbox/tap-entry.ts';
import { snapshotTapRing } from '../mailbox/tap-snapshot.ts';
import { messageName } from '../protocol/message-name.ts';
import type { SharedChannel } from './control-mail.ts';

interface TrafficRow {
  readonly atMs: number;
  readonly row: Params;
}

/** The newest `limit` messages of these channels together, oldest first. `sessionStartMs`: the session's zero on the monotonic clock. */
export function trafficTail(channels: readonly SharedChannel[], limit: number, sessionStartMs: number): readonly Params[] {
  return channels
    .flatMap((channel) => newestOf(channel, limit, sessionStartMs))
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-limit)
    .map(({ row }) => row);
}

function newestOf({ channel, type, tap }: SharedChannel, limit: number, sessionStartMs: number): readonly TrafficRow[] {
  const snapshot = snapshotTapRing(tap);
  const rows: TrafficRow[] = [];
  try {
    for (const entry of snapshot.entries()) {
      if (entry.head) continue;
      rows.push({ atMs: entry.monotonicMs, row: rowOf(channel, type, entry, sessionStartMs) });
      // Twice the limit at most is held, and what is let go is let go at once.
      if (rows.length >= 2 * limit) rows.splice(0, limit);
    }
  } finally {
    snapshot.release();
  }
  return rows.slice(-limit);
}

/** A mini header begins with the message's number, a full one has it after its serial of eight bytes. */
const numberAt = { mini: 0, full: 8 } as const;

function rowOf(channel: string, channelType: number, { received, monotonicMs, bytes, sequence, note }: TapEntry, sessionStartMs: number): Params {
  const at = numberAt[headerOfNote(note)];
  const number = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return {
    channel, sequence, ts_secs: Math.round((monotonicMs - sessionStartMs) * 1000) / 1_000_000, direction: received ? 'received' : 'sent',
    message: number, name: messageName(channelType, received ? 'server' : 'client', number), bytes: bytes.length,
  };
}

/** What came and went since the look before, by channel. */
export class TrafficLooks {
  #before: ReadonlyMap<string, TrafficCounts> = new Map();

  /** Only channels on which something happened. The first look at a channel tells nothing. */
  look(channels: readonly SharedChannel[]): readonly { readonly channel: string; readonly counts: TrafficCounts }[] {
    const now = new Map(channels.map(({ channel, counters }) => [channel, countsOf(readCounters(counters))]));
    const before = this.#before;
    this.#before = now;
    return [...now].flatMap(([channel, counts]) => {
      const earlier = before.get(channel);
      if (earlier === undefined) return [];
      const since: TrafficCounts = {
        bytesIn: counts.bytesIn - earlier.bytesIn, bytesOut: counts.bytesOut - earlier.bytesOut,
        messagesIn: counts.messagesIn - earlier.messagesIn, messagesOut: counts.messagesOut - earlier.messagesOut,
      };
      return since.messagesIn + since.messagesOut === 0 ? [] : [{ channel, counts: since }];
    });
  }

  forget(): void {
    this.#before = new Map();
  }
}

const countsOf = (counters: Readonly<Record<string, number>>): TrafficCounts => ({
  bytesIn: counters['bytes_in'] ?? 0, bytesOut: counters['bytes_out'] ?? 0, messagesIn: counters['messages_in'] ?? 0, messagesOut: counters['messages_out'] ?? 0,
});
