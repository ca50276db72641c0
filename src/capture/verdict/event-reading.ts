// Event reading: what rules ask of the events of a report again and again: those of a kind, a fact as text or number, when a generation was linked. Pure.

import type { EventKind, ReportEvent } from '../report/events-document.ts';
import type { ReportFacts } from '../report/report-facts.ts';

export const eventsOfKind = ({ events }: Pick<ReportFacts, 'events'>, ...kinds: readonly EventKind[]): readonly ReportEvent[] => events.filter(({ kind }) => kinds.includes(kind));

export function text(event: ReportEvent, name: string): string | null {
  const fact = event.facts[name];
  return typeof fact === 'string' ? fact : null;
}

export function number(event: ReportEvent, name: string): number | null {
  const fact = event.facts[name];
  return typeof fact === 'number' ? fact : null;
}

/** When this generation of a channel came to a phase of its link; null when that is not in the record. */
export function phaseSecs({ events }: Pick<ReportFacts, 'events'>, subject: string, generation: number | null, phase: string): number | null {
  return events.find((event) => event.kind === 'linkPhase' && event.subject === subject && event.generation === generation && event.facts['phase'] === phase)?.ts_secs ?? null;
}

/** By subject, in the order of their first. */
export function bySubject(events: readonly ReportEvent[]): ReadonlyMap<string, readonly ReportEvent[]> {
  const groups = new Map<string, ReportEvent[]>();
  for (const event of events) groups.set(event.subject, [...(groups.get(event.subject) ?? []), event]);
  return groups;
}

export const mainChannel = 'main/0';
export const seconds = (value: number): string => `${Math.round(value * 10) / 10} s`;
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
