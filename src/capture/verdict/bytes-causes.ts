// Bytes causes: what was wrong with what the server sent, from the gaps that channels named. Gaps that only say what this client does not do are none. Pure.

import type { ReportEvent } from '../report/events-document.ts';
import type { ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause, type CauseName } from './causes.ts';
import { eventsOfKind, text } from './event-reading.ts';

export function bytesCauses(facts: ReportFacts): readonly Cause[] {
  const found: Cause[] = [];
  for (const gap of eventsOfKind(facts, 'gap')) {
    const name = nameOf(gap);
    if (name === null) continue;
    const key = text(gap, 'key') ?? '';
    const fact = inEvents(gap.ts_secs, `${key}: ${text(gap, 'detail') ?? ''}`);
    const known = found.findIndex(({ cause, subject }) => cause === name && subject === gap.subject);
    const before = found[known];
    if (before === undefined) found.push(causeOf(name, gap.subject, name === 'notMessages' ? 'likely' : 'certain', gap.ts_secs, [fact]));
    else found[known] = { ...before, evidence: [...before.evidence, fact] };
  }
  for (const notice of eventsOfKind(facts, 'serverNotice')) {
    const said = text(notice, 'text') ?? '';
    if (hasControls(said)) found.push(causeOf('controlCharacters', notice.subject, 'certain', notice.ts_secs, [inEvents(notice.ts_secs, `the notice is ${JSON.stringify(said)}`)]));
  }
  return found;
}

/** Null for what is no fault of the server's: this client makes no use of it, or does not do it yet. */
function nameOf(gap: ReportEvent): CauseName | null {
  const [, kind, detail] = (text(gap, 'key') ?? '').split(':');
  switch (kind) {
    case 'framing':
      return detail === 'truncated' ? 'cutInsideMessage' : isText(text(gap, 'detail') ?? '') ? 'notMessages' : 'oversizeMessage';
    case 'malformed':
      return 'malformedMessage';
    case 'message':
      return 'unknownMessage';
    case 'trailing':
      return 'trailingBytes';
    case 'list':
      return 'brokenList';
    case 'wait':
      return 'waitInVain';
    case 'decode':
      return detail === 'overBudget' || detail === 'unsupported' ? null : 'undecodableImage';
    case 'migrate':
      return 'migrationNotFollowed';
    case 'surface':
      return detail === 'memory' || detail?.startsWith('format-') === true ? null : 'senselessMessage';
    default:
      return null;
  }
}

/** A size whose four bytes are letters was none: `1/PT` of `HTTP/1.1`, read as a number. */
function isText(detail: string): boolean {
  const size = Number(/header\.size: (\d+)/.exec(detail)?.[1] ?? Number.NaN);
  if (!Number.isFinite(size)) return false;
  return [0, 8, 16, 24].every((shift) => ((size >>> shift) & 0xff) >= 0x20 && ((size >>> shift) & 0xff) < 0x7f);
}

const hasControls = (said: string): boolean => Array.from(said).some((letter) => (letter < ' ' && letter !== '\n' && letter !== '\t' && letter !== '\r') || (letter >= '\u007f' && letter <= '\u009f'));
