// Link causes: why a channel could not be linked, from what its link failed with. Pure.

import type { ReportEvent } from '../report/events-document.ts';
import type { ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause, type CauseName, type Confidence, type Evidence } from './causes.ts';
import { bySubject, eventsOfKind, number, text, times } from './event-reading.ts';

/** One cause for each channel and name: a link that fails again and again is one trouble. */
export function linkCauses(facts: ReportFacts): readonly Cause[] {
  const found: Cause[] = [];
  for (const [subject, failures] of bySubject(eventsOfKind(facts, 'linkFailed'))) {
    const byName = new Map<CauseName, ReportEvent[]>();
    for (const failure of failures) {
      const name = nameOf(failure, facts);
      byName.set(name, [...(byName.get(name) ?? []), failure]);
    }
    for (const [name, same] of byName) found.push(causeOf(name, subject, confidenceOf(name), same[0]?.ts_secs ?? null, evidenceOf(same, facts)));
  }
  return found;
}

function nameOf(failure: ReportEvent, facts: ReportFacts): CauseName {
  switch (text(failure, 'failure')) {
    case 'noEndpoint':
      return text(failure, 'wanted') === 'secure' ? 'tlsWanted' : 'plainWanted';
    case 'deadline':
      return text(failure, 'phase') === 'dialing' ? 'serverUnreachable' : 'linkTimedOut';
    case 'connection':
      return ofConnection(failure);
    default:
      return ofHandshake(failure, facts);
  }
}

function ofConnection(failure: ReportEvent): CauseName {
  switch (text(failure, 'loss')) {
    case 'proxy':
      return 'proxyRefused';
    case 'tls':
    case 'truncated':
      return 'tlsFailed';
    case 'rst':
      return 'resetWhileLinking';
    case 'eof':
      return (number(failure, 'partial_bytes') ?? 0) > 0 ? 'linkCutShort' : 'closedWhileLinking';
    default:
      return 'serverUnreachable';
  }
}

function ofHandshake(failure: ReportEvent, facts: ReportFacts): CauseName {
  switch (text(failure, 'error')) {
    case 'notSpice':
      return 'notSpice';
    case 'version':
      return 'versionRefused';
    case 'malformed':
      return 'linkReplyMalformed';
    case 'saslOnly':
      return 'saslWanted';
    case 'closedEarly':
      return 'closedWhileLinking';
    default:
      break;
  }
  switch (text(failure, 'refusal')) {
    case 'permissionDenied':
      return wasLinkedBefore(facts, failure) ? 'ticketNoLongerValid' : 'ticketRefused';
    case 'versionMismatch':
      return 'versionRefused';
    case 'needSecured':
      return 'tlsWanted';
    case 'needUnsecured':
      return 'plainWanted';
    case 'channelNotAvailable':
      return 'channelNotOffered';
    case 'badConnectionId':
      return 'sessionUnknown';
    default:
      return textInCode(failure) === null ? 'linkRefused' : 'notSpice';
  }
}

/** Any channel: they all show the same ticket. */
function wasLinkedBefore({ events }: ReportFacts, failure: ReportEvent): boolean {
  return events.some((event) => event.kind === 'linkPhase' && event.facts['phase'] === 'linked' && event.ts_secs <= failure.ts_secs);
}

/** A refusal whose number nobody has defined may be four letters of another protocol. */
function textInCode(failure: ReportEvent): string | null {
  const code = number(failure, 'code');
  if (code === null) return null;
  const letters = [0, 8, 16, 24].map((shift) => (code >>> shift) & 0xff);
  return letters.every((byte) => byte >= 0x20 && byte < 0x7f) ? String.fromCharCode(...letters) : null;
}

const confidenceOf = (name: CauseName): Confidence => (name === 'linkTimedOut' || name === 'closedWhileLinking' || name === 'resetWhileLinking' ? 'likely' : 'certain');

function evidenceOf(failures: readonly ReportEvent[], facts: ReportFacts): readonly Evidence[] {
  const [first] = failures;
  if (first === undefined) return [];
  const phase = text(first, 'phase');
  const evidence = [inEvents(first.ts_secs, `${first.subject} failed to link ${times(failures.length)}${phase === null ? '' : ` (${phase})`}: ${text(first, 'message') ?? 'no reason was told'}`)];
  const partial = number(first, 'partial_bytes') ?? 0;
  if (partial > 0) evidence.push(inEvents(first.ts_secs, `${partial} bytes of the answer had come by then`));
  const said = text(first, 'first_bytes') ?? textInCode(first);
  if (said !== null) evidence.push(inEvents(first.ts_secs, `the answer reads "${said}"`));
  const linked = facts.events.find((event) => event.kind === 'linkPhase' && event.facts['phase'] === 'linked');
  if (text(first, 'refusal') === 'permissionDenied' && linked !== undefined) evidence.push(inEvents(linked.ts_secs, `the same ticket was accepted for ${linked.subject}`));
  if (facts.singleUseTicket) evidence.push({ member: 'events.json', at_secs: null, fact: 'the connection file says that the ticket is for a single use' });
  return evidence;
}
