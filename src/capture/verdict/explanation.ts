// Explanation: a verdict as text for people: what the report is of, each cause with the facts that led to it and what to try, and what happened around it.
// Pure; it makes nothing safe for a terminal, which is for whoever prints it.

import type { ReportFacts } from '../report/report-facts.ts';
import type { Verdict, VerdictCause } from '../verdict.ts';
import { timelineAround, type TimelineEntry } from './timeline.ts';

export interface Explanation {
  readonly verdict: Verdict;
  readonly timeline: readonly TimelineEntry[];
  readonly timeline_left_out: number;
}

export function explain(facts: ReportFacts, verdict: Verdict): Explanation {
  const { entries, leftOut } = timelineAround(facts.events, momentOf(facts, verdict));
  return { verdict, timeline: entries, timeline_left_out: leftOut };
}

/** When it showed first; of a session without a fault the moment of the report. */
function momentOf(facts: ReportFacts, { causes }: Verdict): number | null {
  const moments = causes.flatMap(({ at_secs: at }) => (at === null ? [] : [at]));
  return moments.length === 0 ? facts.uptimeSecs : Math.min(...moments);
}

export function explanationLines(facts: ReportFacts, { verdict, timeline, timeline_left_out: leftOut }: Explanation): readonly string[] {
  const { causes, limits } = verdict;
  return [
    ...headLines(facts),
    '',
    ...(causes.length === 0 ? ['No fault found.'] : causes.flatMap((cause, at) => [...(at === 0 ? [] : ['']), ...causeLines(cause)])),
    ...(timeline.length === 0 ? [] : ['', causes.length === 0 ? 'What happened last:' : 'What happened around it:', ...timeline.map(entryLine), ...(leftOut === 0 ? [] : [`${' '.repeat(12)}and ${leftOut} more`])]),
    ...(limits.length === 0 ? [] : ['', ...limits.map((limit) => `Not judged: ${limit}.`)]),
  ];
}

function headLines({ type, about, uptimeSecs }: ReportFacts): readonly string[] {
  const of = [type === null ? 'Report' : `${type} report`, ...(about.target === null ? [] : [`of ${about.target}`]), ...(about.timestamp === null ? [] : [`made ${about.timestamp}`])].join(' ');
  return [
    `${of}${uptimeSecs === null ? '' : `, ${momentText(uptimeSecs)} into the session`}${about.version === null ? '' : `, version ${about.version}`}`,
    ...(about.description === null || about.description === '' ? [] : [about.description]),
  ];
}

function causeLines({ cause, subject, confidence, what, evidence, try: tries }: VerdictCause): readonly string[] {
  return [
    `${subject}: ${what} (${confidence}) [${cause}]`,
    '  because',
    ...evidence.map(({ at_secs: at, fact, member }) => `  ${at === null ? ' '.repeat(9) : momentText(at).padStart(9)}  ${fact}${member === 'events.json' ? '' : ` [${member}]`}`),
    '  try',
    ...tries.map((each) => `    - ${each}`),
  ];
}

const entryLine = ({ at_secs: at, subject, what }: TimelineEntry): string => `  ${momentText(at).padStart(9)}  ${subject.padEnd(12)}  ${what}`;
const momentText = (secs: number): string => `${secs.toFixed(secs < 100 ? 2 : 1)} s`;
