// Timeline: what happened around the first thing that went wrong, as lines for people: the moment, who, and what in a few words. Pure.

import type { EventKind, ReportEvent } from '../report/events-document.ts';
import { number, text } from './event-reading.ts';

export interface TimelineEntry {
  readonly at_secs: number;
  readonly subject: string;
  readonly what: string;
}

const beforeSecs = 30;
const afterSecs = 30;
const linesMax = 40;

/** @param atSecs the moment around which it is; null = there is none, and all of it is wanted. `leftOut` are events of that time that are not in it. */
export function timelineAround(events: readonly ReportEvent[], atSecs: number | null): { readonly entries: readonly TimelineEntry[]; readonly leftOut: number } {
  const near = events.filter(({ kind, ts_secs: at }) => !routine.has(kind) && (atSecs === null || (at >= atSecs - beforeSecs && at <= atSecs + afterSecs)));
  const told = near.flatMap((event): TimelineEntry[] => {
    const what = wordsOf(event);
    return what === null ? [] : [{ at_secs: event.ts_secs, subject: event.generation === null ? event.subject : `${event.subject}#${event.generation}`, what: event.count > 1 ? `${what} (${event.count} times)` : what }];
  });
  // Most of a long story is after the loss; how it began is what is asked for.
  return { entries: told.slice(0, linesMax), leftOut: Math.max(0, told.length - linesMax) };
}

/** Says nothing about a loss. */
const routine: ReadonlySet<EventKind> = new Set<EventKind>(['channelsListed', 'mouseMode', 'portOpened', 'playback', 'screenLock']);

function wordsOf(event: ReportEvent): string | null {
  const said = (name: string): string => text(event, name) ?? 'unknown';
  const ms = (name: string): string => `${Math.round((number(event, name) ?? 0) / 100) / 10} s`;
  switch (event.kind) {
    case 'linkPhase':
      return said('phase') === 'linked' ? 'linked' : null;
    case 'linkFailed':
    case 'channelUnavailable':
      return `${event.kind === 'linkFailed' ? 'not linked' : 'left alone'} (${said('loss')}): ${said('message')}`;
    case 'connectionLost':
      return `lost its connection (${said('loss')}): ${said('message')}`;
    case 'linksAgain':
      return `is linked again in ${ms('wait_ms')}`;
    case 'sessionLost':
      return `lost: ${said('outcome')}`;
    case 'connection':
      return said('text');
    case 'channelSilent':
      return `silent for ${ms('silent_ms')}, where a PING came every ${ms('usual_ms')} before`;
    case 'channelHeardAgain':
      return 'heard of again';
    case 'gap':
      return `gap ${said('key')}: ${said('detail')}`;
    case 'serverNotice':
      return `the server says: ${said('text')}`;
    case 'frozen':
      return `silent for ${ms('silent_ms')}, ${said('place')}; ${said('outcome')}`;
    case 'health':
      return `${said('health')}, ${said('before')} before`;
    case 'mailboxStuck':
      return `its mailbox is full of ${said('sender')}'s messages, and it takes none`;
    case 'actorEnded':
    case 'actorStartsAgain':
      return `${event.kind === 'actorEnded' ? 'ended' : 'starts again'} (${said('end')})${text(event, 'message') === null ? '' : `: ${said('message')}`}`;
    case 'actorFailed':
    case 'actorNotStarted':
      return `${event.kind === 'actorFailed' ? 'failed' : 'did not start'}: ${said('message')}`;
    case 'mainThreadFroze':
      return `did nothing for ${ms('silent_ms')}, ${said('place')}`;
    case 'clockJumped':
      return `nothing ran for ${ms('by_ms')}`;
    case 'captureWriteFailed':
      return `cannot write ${said('file')}: ${said('message')}`;
    case 'captureWriteRecovered':
      return `can write ${said('file')} again`;
    case 'captureFellBehind':
      return `the capture of ${said('channel')} fell behind`;
    case 'screenMade':
      return `screen ${number(event, 'width') ?? '?'}x${number(event, 'height') ?? '?'}`;
    case 'sessionInitialised':
      return 'the session is up';
    case 'screenMarked':
      return 'its picture is complete';
    case 'screenBlank':
      return `nothing was drawn for ${ms('blank_ms')} after input`;
    case 'serverDisconnecting':
      return `the server is about to disconnect (reason ${number(event, 'reason') ?? '?'})`;
    case 'agent':
      return event.facts['connected'] === true ? 'the guest agent is there' : 'the guest agent is gone';
    case 'eventsDropped':
      return 'news of channels were dropped';
    case 'audio':
      return said('what');
    default:
      return null;
  }
}
