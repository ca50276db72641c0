// Outbox: the lines that wait for one client to read. Replies are never dropped: a client that does not read them is not read from either
// (`repliesMax`). Events are bounded, the oldest goes first, and each episode of loss leaves one notice where the events are missing.

import { droppedLine } from './control-event.ts';

/** Events that may wait for one client. */
export const eventsMax = 256;
/** Replies that may wait before no more requests are taken from the client. */
export const repliesMax = 64;
/** Characters of replies that may wait: a picture is one reply, and a client that does not read it is asked for nothing more. */
export const unreadCharactersMax = 1024 * 1024;
/** Lines that are handed to the socket at a time: what is handed over can no longer be dropped. */
const batchLinesMax = 64;

interface WaitingLine {
  readonly kind: 'reply' | 'event';
  readonly text: string;
}

export interface Outbox {
  readonly waiting: readonly WaitingLine[];
  readonly events: number;
  /** Length of the replies that wait. */
  readonly replyCharacters: number;
  /** Events that were dropped and that no notice has told of yet. */
  readonly untold: number;
  readonly counts: OutboxCounts;
}

/** Offered = taken + dropped + waiting, for events, always. */
export interface OutboxCounts {
  readonly eventsOffered: number;
  readonly eventsTaken: number;
  readonly eventsDropped: number;
  readonly notices: number;
}

export const emptyOutbox: Outbox = {
  waiting: [], events: 0, replyCharacters: 0, untold: 0, counts: { eventsOffered: 0, eventsTaken: 0, eventsDropped: 0, notices: 0 },
};

/** What was dropped and not told has younger events behind it, so nothing is owed when nothing waits. */
export const isEmpty = (outbox: Outbox): boolean => outbox.waiting.length === 0;

export const repliesWaiting = (outbox: Outbox): number => outbox.waiting.length - outbox.events;

export function putReply(outbox: Outbox, text: string): Outbox {
  return { ...outbox, waiting: [...outbox.waiting, { kind: 'reply', text }], replyCharacters: outbox.replyCharacters + text.length };
}

export function putEvent(outbox: Outbox, text: string): Outbox {
  const offered = { ...outbox.counts, eventsOffered: outbox.counts.eventsOffered + 1 };
  const line: WaitingLine = { kind: 'event', text };
  if (outbox.events < eventsMax) return { ...outbox, waiting: [...outbox.waiting, line], events: outbox.events + 1, counts: offered };
  const oldest = outbox.waiting.findIndex(({ kind }) => kind === 'event');
  return {
    ...outbox,
    waiting: [...outbox.waiting.toSpliced(oldest, 1), line],
    untold: outbox.untold + 1,
    counts: { ...offered, eventsDropped: offered.eventsDropped + 1 },
  };
}

/** Takes the next lines as one text; empty when nothing waits. */
export function takeBatch(outbox: Outbox): { readonly outbox: Outbox; readonly text: string } {
  const batch = outbox.waiting.slice(0, batchLinesMax);
  const events = batch.filter(({ kind }) => kind === 'event').length;
  const replyCharacters = batch.reduce((sum, { kind, text }) => sum + (kind === 'reply' ? text.length : 0), 0);
  const texts = batch.map(({ text }) => text);
  // Events are missing before the oldest that is left: there the notice goes, however many replies are before it.
  const firstEvent = batch.findIndex(({ kind }) => kind === 'event');
  const tells = outbox.untold > 0 && firstEvent >= 0;
  if (tells) texts.splice(firstEvent, 0, droppedLine(outbox.untold));
  return {
    outbox: {
      waiting: outbox.waiting.slice(batchLinesMax),
      events: outbox.events - events,
      replyCharacters: outbox.replyCharacters - replyCharacters,
      untold: tells ? 0 : outbox.untold,
      counts: { ...outbox.counts, eventsTaken: outbox.counts.eventsTaken + events, notices: outbox.counts.notices + (tells ? 1 : 0) },
    },
    text: texts.join(''),
  };
}
