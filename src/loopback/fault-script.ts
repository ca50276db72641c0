// Fault script: which faults the loopback server commits, on which channel, on which of its links and at which moment, as data. How a
// fault is committed is faulty-connection.ts's; how one is written on a command line is the command line's.

import { LinkErrorCode } from '../protocol/link-error.ts';

/** What each fault is, for people. The table is the list: help, documents and the parser are made from it. */
export const loopbackFaultKinds = {
  stopReading: 'takes nothing more from the client',
  stopWriting: 'sends nothing more; the connection stays open',
  spin: 'stands still: neither reads nor writes, holds on to the connection and to the channel',
  stopPings: 'sends no PING any more; all else goes on',
  halfOpen: 'vanishes without a word: no byte either way, no close; the server knows the channel no more',
  fin: 'closes the connection in order (FIN)',
  rst: 'resets the connection (RST; on a unix socket a plain close)',
  garbage: 'writes what is no SPICE, as a proxy with an error page does',
  truncate: 'writes a header that promises more than comes, then FIN',
  oversize: 'writes a header that promises more than any message may have',
  message: 'writes a message of its own, TYPE or TYPE/HEX, as in message=105/0102; what is in it need not be right',
  split: 'writes every byte by itself; split=7: seven at a time',
  delay: 'sends everything so much later, as in delay=200ms; order is kept',
  refuse: 'refuses the link with an error, by name or number, as in refuse=permissionDenied',
  duplicate: 'acts as if the channel was linked still: link result 0, then close',
  idle: 'cuts the connection when no byte has passed for so long either way, as in idle=60s or idle=60s/rst: a proxy with an idle limit',
} as const;
export type LoopbackFaultKind = keyof typeof loopbackFaultKinds;

/** Faults that need nothing said but their name. */
export type PlainFaultKind = Exclude<LoopbackFaultKind, 'message' | 'split' | 'delay' | 'refuse' | 'idle'>;

export type FaultAction =
  | { readonly kind: PlainFaultKind }
  | { readonly kind: 'message'; readonly type: number; readonly body: Uint8Array }
  | { readonly kind: 'split'; readonly bytes: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'idle'; readonly ms: number; readonly cut: 'fin' | 'rst' };

export type FaultMoment =
  /** The client's link message has been read; in place of the link reply. */
  | { readonly kind: 'link' }
  /** The ticket has been read; in place of the link result. */
  | { readonly kind: 'ticket' }
  /** So long after the link result. */
  | { readonly kind: 'time'; readonly ms: number }
  /** The server is about to send its message of this number on the link, the first of which is 1. */
  | { readonly kind: 'message'; readonly number: number };

export interface LoopbackFault {
  /** Null = whichever. */
  readonly channelType: number | null;
  readonly channelId: number | null;
  readonly action: FaultAction;
  readonly moment: FaultMoment;
  /** Links of the channel since the server started that have it, the first of which is 1; Infinity = all that follow. */
  readonly links: { readonly first: number; readonly last: number };
}

/** Errors that the real server puts into the link result; all others are the link reply's. */
const resultCodes: readonly number[] = [LinkErrorCode.permissionDenied, LinkErrorCode.badConnectionId, LinkErrorCode.channelNotAvailable];

/** When a fault happens whose moment is not said. */
export function usualMoment(action: FaultAction): FaultMoment {
  switch (action.kind) {
    case 'duplicate':
      return { kind: 'ticket' };
    case 'refuse':
      return { kind: resultCodes.includes(action.code) ? 'ticket' : 'link' };
    default:
      return { kind: 'time', ms: 0 };
  }
}

/** What is wrong with the moment of this action; null = nothing. */
export function momentProblem({ kind }: FaultAction, moment: FaultMoment): string | null {
  const isInLink = moment.kind === 'link' || moment.kind === 'ticket';
  switch (kind) {
    case 'refuse':
      return isInLink ? null : 'a link is refused @link or @ticket, not later';
    case 'duplicate':
      return moment.kind === 'ticket' ? null : 'a channel that is linked already is noticed @ticket, at no other moment';
    case 'message':
    case 'stopPings':
      return isInLink ? 'there are no messages before the channel is linked' : null;
    case 'oversize':
      return moment.kind === 'ticket' ? 'the link result has no header' : null;
    default:
      return null;
  }
}

/** Counts links, and says which faults each of them has. */
export class FaultScript {
  readonly #faults: readonly LoopbackFault[];
  readonly #links = new Map<string, number>();

  constructor(faults: readonly LoopbackFault[]) {
    this.#faults = faults;
  }

  /** A link of this channel begins. */
  nextLink(type: number, id: number): readonly LoopbackFault[] {
    const key = `${type}/${id}`;
    const link = (this.#links.get(key) ?? 0) + 1;
    this.#links.set(key, link);
    return this.#faults.filter(({ channelType, channelId, links }) =>
      (channelType ?? type) === type && (channelId ?? id) === id && link >= links.first && link <= links.last);
  }
}
