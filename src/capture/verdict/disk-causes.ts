// Disk causes: a capture that cannot be written, is written slowly or not any more, and output that nobody reads. Pure.

import type { ReportFacts } from '../report/report-facts.ts';
import { causeOf, inEvents, type Cause } from './causes.ts';
import { eventsOfKind, number, seconds, text } from './event-reading.ts';

const slowCallMs = 100;
const slowCallsMin = 2;
/** A call that has not returned for so long. */
const hangMs = 2_000;

export function diskCauses(facts: ReportFacts): readonly Cause[] {
  return [...refused(facts), ...blocked(facts), ...behind(facts)];
}

function refused(facts: ReportFacts): readonly Cause[] {
  const failures = eventsOfKind(facts, 'captureWriteFailed');
  const [first] = failures;
  if (first === undefined) return [];
  const code = text(first, 'code');
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const evidence = failures.map((event) => inEvents(event.ts_secs, `${text(event, 'file') ?? 'a file'}: ${text(event, 'message') ?? code ?? ''}`));
  return [causeOf(isFull ? 'diskFull' : 'diskRefuses', 'writer', 'certain', first.ts_secs, evidence)];
}

function blocked(facts: ReportFacts): readonly Cause[] {
  const found: Cause[] = [];
  for (const event of eventsOfKind(facts, 'health')) {
    const health = text(event, 'health');
    const at = event.ts_secs;
    if (health === 'blockedOnDisk') found.push(causeOf('diskHangs', event.subject, 'certain', at, [inEvents(at, `${event.subject} was inside a file call that had not returned for ${seconds((number(event, 'silent_ms') ?? 0) / 1000)}`)]));
    if (health === 'blockedOnOutput') found.push(causeOf('outputUnread', event.subject, 'certain', at, [inEvents(at, `${event.subject} was inside a write to its output that did not return`)]));
  }
  for (const { id, running, blockedOn, blockedCalls, blockedTotalMs, blockedMaxMs, markAgeMs } of facts.actors) {
    if (found.some(({ subject }) => subject === id)) continue;
    if (running && blockedOn === 'disk' && (markAgeMs ?? 0) >= hangMs) found.push(causeOf('diskHangs', id, 'likely', null, [inEvents(null, `${id} has been inside a file call for ${seconds((markAgeMs ?? 0) / 1000)}`)]));
    else if (blockedOn !== 'output' && blockedCalls >= slowCallsMin && blockedTotalMs / blockedCalls >= slowCallMs) {
      found.push(causeOf('diskSlow', id, 'certain', null, [inEvents(null, `${blockedCalls} file calls of ${id} took ${Math.round(blockedTotalMs / blockedCalls)} ms on average, the longest ${Math.round(blockedMaxMs)} ms`)]));
    }
  }
  return found;
}

function behind(facts: ReportFacts): readonly Cause[] {
  return eventsOfKind(facts, 'captureFellBehind').slice(0, 1).map((event) => causeOf('captureBehind', 'writer', 'certain', event.ts_secs, [
    inEvents(event.ts_secs, `${number(event, 'dropped') ?? 0} messages of ${text(event, 'channel') ?? 'a channel'} had left the ring before they were written`),
  ]));
}
