// The session as plain lines, for when there is no terminal to draw on: one line for each event and a summary every 10 s. Lines are
// for people and grep: stable words, one fact a line, nothing in them that a terminal would obey.

import { safeText } from './display-text.ts';
import { eventSeverity, eventSource, eventText } from './session-event.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from './units.ts';
import type { SessionEvent, Severity } from './session-event.ts';
import type { ActorSnapshot, StatsSnapshot, TrafficTotals } from './view-model.ts';

/** How often a summary is due, in milliseconds. */
export const summaryIntervalMs = 10_000;

/** Longest line in cells, without its line feed; the rest is cut. */
export const lineColumnsMax = 500;

const severityWords: Readonly<Record<Severity, string>> = { info: 'info', warning: 'warn', error: 'error' };

/** `2026-11-03T12:34:56.789Z warn display/0#7 waiting: connection reset by the server, starting again in 250 ms` */
export function eventLine(event: SessionEvent): string {
  return line(event.wallMs, eventSeverity(event), eventSource(event), eventText(event));
}

/** Says that lines are missing here, once, when there is room again. */
export function droppedLine(wallMs: number, dropped: number): string {
  return line(wallMs, 'warning', 'log', `${dropped} ${dropped === 1 ? 'line' : 'lines'} left out: this output was not read fast enough`);
}

/**
 * What the session is and did since the summary before.
 * @param before the snapshot of the last summary, or null for the first: totals are then shown without rates
 */
export function summaryLine(wallMs: number, snapshot: StatsSnapshot, before: StatsSnapshot | null): string {
  const { session, actors } = snapshot;
  const running = actors.filter((actor) => actor.state === 'running').length;
  const restarts = sum(actors, (actor) => actor.restarts);
  const depth = sum(actors, (actor) => actor.mailbox?.depth ?? 0);
  const up = session.state === 'connected' && session.connectedAtMs !== null ? ` for ${formatDuration(snapshot.atMs - session.connectedAtMs)}` : '';
  const parts = [
    `${session.label} ${session.state}${up}${session.detail === '' ? '' : ` (${session.detail})`}`,
    `${running} of ${actors.length} actors running, ${count(restarts, 'restart')}`,
    trafficText(snapshot, before),
    `pings ${formatCount(sum(actors, (actor) => actor.pings))}, pongs ${formatCount(sum(actors, (actor) => actor.pongs))}`,
    `queued ${formatCount(depth)}, gaps ${formatCount(sum(actors, (actor) => actor.gaps))}, drops ${formatCount(sum(actors, (actor) => actor.drops))}`,
  ];
  return line(wallMs, 'info', 'summary', parts.join('; '));
}

function trafficText(snapshot: StatsSnapshot, before: StatsSnapshot | null): string {
  const received = sum(snapshot.actors, (actor) => actor.traffic?.bytesReceived ?? 0);
  const sent = sum(snapshot.actors, (actor) => actor.traffic?.bytesSent ?? 0);
  const seconds = before === null ? 0 : (snapshot.atMs - before.atMs) / 1000;
  if (before === null || seconds <= 0) return `received ${formatBytes(received)}, sent ${formatBytes(sent)}`;
  const earlier = new Map(before.actors.map((actor) => [actor.id, actor]));
  const rate = (of: (totals: TrafficTotals) => number): string => formatRate(sum(snapshot.actors, (actor) => moved(actor, earlier.get(actor.id), of)) / seconds);
  return `in ${rate((totals) => totals.bytesReceived)}, out ${rate((totals) => totals.bytesSent)}`;
}

/** What an actor moved since the earlier snapshot. A new generation began at 0. */
function moved(actor: ActorSnapshot, earlier: ActorSnapshot | undefined, of: (totals: TrafficTotals) => number): number {
  if (actor.traffic === null) return 0;
  const base = earlier?.generation === actor.generation && earlier.traffic !== null ? of(earlier.traffic) : 0;
  return Math.max(0, of(actor.traffic) - base);
}

function line(wallMs: number, severity: Severity, source: string, text: string): string {
  return safeText(`${timestamp(wallMs)} ${severityWords[severity]} ${source} ${text}`, lineColumnsMax);
}

/** ISO 8601 in UTC. Times beyond what a Date can hold are shown as the number that they are. */
function timestamp(wallMs: number): string {
  return Math.abs(wallMs) <= 8.64e15 ? new Date(wallMs).toISOString() : String(wallMs);
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number => values.reduce((total, value) => total + of(value), 0);
const count = (number: number, noun: string): string => `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
