// Report policy: which happenings of a session become reports of their own accord, as a reducer: one for each channel and actor in a minute, one for each kind of gap,
// so many gaps in a session. Each subject has a cooldown of its own: one that fails all the time never hides another. Pure; clocks are arguments.

import type { ReportKind } from './report-kind.ts';

export const cooldownMs = 60_000;
export const pedanticMax = 50;

export interface ReportPolicy {
  /** By kind and subject: when there was a report last, in monotonic milliseconds. */
  readonly firedMs: ReadonlyMap<string, number>;
  readonly gapKeys: ReadonlySet<string>;
  /** Happenings that made no report, because there had just been one or there had been enough. */
  readonly heldBack: number;
}

export const initialPolicy: ReportPolicy = { firedMs: new Map(), gapKeys: new Set(), heldBack: 0 };

/** A kind that a session fires by itself. */
export type AutomaticKind = Extract<ReportKind, { readonly kind: 'pedantic' | 'disconnect' | 'frozenActor' | 'failedActor' }>;

/** Counted whether or not the report can be written then: a disk that is full is not asked again and again. */
export function judge(policy: ReportPolicy, kind: AutomaticKind, nowMs: number): { readonly policy: ReportPolicy; readonly fires: boolean } {
  if (kind.kind === 'pedantic') {
    const isKnown = policy.gapKeys.has(kind.gapKey);
    if (isKnown) return { policy, fires: false };
    if (policy.gapKeys.size >= pedanticMax) return heldBack(policy);
    return { policy: { ...policy, gapKeys: new Set([...policy.gapKeys, kind.gapKey]) }, fires: true };
  }
  const subject = subjectOf(kind);
  const last = policy.firedMs.get(subject);
  if (last !== undefined && nowMs - last < cooldownMs) return heldBack(policy);
  // What has cooled down needs no memory.
  const hot = [...policy.firedMs].filter(([, atMs]) => nowMs - atMs < cooldownMs);
  return { policy: { ...policy, firedMs: new Map([...hot, [subject, nowMs]]) }, fires: true };
}

function heldBack(policy: ReportPolicy): { readonly policy: ReportPolicy; readonly fires: false } {
  return { policy: { ...policy, heldBack: policy.heldBack + 1 }, fires: false };
}

const subjectOf = (kind: Exclude<AutomaticKind, { readonly kind: 'pedantic' }>): string => `${kind.kind} ${kind.kind === 'disconnect' ? kind.channel : kind.actor}`;

/** What a session cannot do without comes first. */
const importance = ['connect', 'session', 'main', 'display', 'inputs', 'cursor'];

/**
 * Channels that go together have one cause, and one report: of main when main is among them, otherwise of the one that is missed most.
 * @param losses at least one
 */
export function foremost<T extends { readonly channel: string }>(losses: readonly T[]): T {
  const rank = ({ channel }: T): number => (importance.indexOf(channel.split('/', 1)[0]!) + importance.length + 1) % (importance.length + 1);
  return losses.reduce((first, each) => (rank(each) < rank(first) ? each : first));
}
