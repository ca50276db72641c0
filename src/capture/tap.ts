// The tap: where a channel's bytes are copied for the traffic ring and the capture file, stamped with the time at which they
// came or went. It is called on the socket's own path, so it waits for nothing; what becomes of the copy is the
// ring's business (mailbox/tap-producer.ts) and then the writer's (actors/writer-actor.ts).

import type { TapProducer } from '../mailbox/tap-producer.ts';
import { linkPieces } from './link-pieces.ts';

export type TapDirection = 'sent' | 'received';
export type HeaderKind = 'mini' | 'full';

/** An entry's note says which header its bytes start with. */
const FULL_HEADER_NOTE = 1;

export function headerOfNote(note: number): HeaderKind {
  return note === FULL_HEADER_NOTE ? 'full' : 'mini';
}

/** One generation of one channel. */
export interface Tap {
  /**
   * The link exchange as it comes and goes, decrypted on TLS. It is kept outside the ring's bound, and tshark recognises the
   * stream by it.
   * @returns true when the writer must be told, with `tappedMessage`
   */
  linkExchange(direction: TapDirection, bytes: Uint8Array): boolean;
  /**
   * One whole SPICE message with its header.
   * @returns true when the writer must be told, with `tappedMessage`
   */
  append(direction: TapDirection, bytes: Uint8Array, header?: HeaderKind): boolean;
  /** What to tell the writer. */
  readonly tappedMessage: TappedMessage;
  /** The writer could not be told (`full`, `closed`): the next append asks again. */
  wakeRefused(): void;
}

/** To the writer: this ring had nothing for you, and now it has. */
export interface TappedMessage {
  readonly kind: 'tapped';
  readonly ring: string;
}

/** The clock must have one zero on all threads, as the kernel's has: generations of a channel run on threads of their own. */
export function createTap(producer: TapProducer, clock: { monotonicMs(): number }): Tap {
  return {
    linkExchange: (direction, bytes) => {
      const nowMs = clock.monotonicMs();
      const appends = linkPieces(bytes).map((piece) => producer.appendHead(direction === 'received', nowMs, piece));
      return appends.includes('wake');
    },
    append: (direction, bytes, header = 'mini') =>
      producer.append(direction === 'received', clock.monotonicMs(), bytes, header === 'full' ? FULL_HEADER_NOTE : 0) === 'wake',
    tappedMessage: { kind: 'tapped', ring: producer.channel },
    wakeRefused: () => producer.wakeRefused(),
  };
}
