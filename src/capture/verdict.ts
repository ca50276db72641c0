// Verdict: from what a report says to named causes, each with the facts that led to it and what to try. It sees the report and nothing else. The rules are in
// verdict/, a file for each family of causes; here they come together, and what only follows from another cause is taken out. Pure.

import type { ReportFacts } from './report/report-facts.ts';
import { readReportFacts } from './report/report-facts.ts';
import { actorCauses, mailboxCauses } from './verdict/actor-causes.ts';
import { bytesCauses } from './verdict/bytes-causes.ts';
import { causes as catalogue, type Cause, type CauseName, type Confidence } from './verdict/causes.ts';
import { diskCauses } from './verdict/disk-causes.ts';
import { keepaliveCauses } from './verdict/keepalive-tree.ts';
import { linkCauses } from './verdict/link-causes.ts';
import { lossCauses } from './verdict/loss-causes.ts';
import { paceCauses } from './verdict/pace-causes.ts';
import { silenceCauses } from './verdict/silence-causes.ts';

/** One cause as `verdict.json` has it. */
export interface VerdictCause extends Cause {
  readonly what: string;
  readonly try: readonly string[];
}

export interface Verdict {
  readonly format: 1;
  /** One sentence: the first cause, or `no fault found`. */
  readonly summary: string;
  /** The likeliest first; none = no fault was found. */
  readonly causes: readonly VerdictCause[];
  /** What could not be judged, and why. */
  readonly limits: readonly string[];
}

export const noFault = 'no fault found';

/** @param members the texts of the report's JSON members by name; others are not looked at */
export function verdictOf(members: ReadonlyMap<string, string>): Verdict {
  return verdictOfFacts(readReportFacts(members));
}

export function verdictOfFacts(facts: ReportFacts): Verdict {
  const found = [
    ...actorCauses(facts), ...mailboxCauses(facts), ...linkCauses(facts), ...lossCauses(facts), ...bytesCauses(facts), ...silenceCauses(facts), ...diskCauses(facts), ...paceCauses(facts),
    ...keepaliveCauses(facts),
  ];
  const causes = merged(found).filter((cause, _, all) => !followsFromAnother(cause, all)).toSorted(byWeight).map((cause): VerdictCause => ({ ...cause, what: catalogue[cause.cause].what, try: catalogue[cause.cause].tries }));
  const [first] = causes;
  return { format: 1, summary: first === undefined ? noFault : `${first.subject}: ${first.what}`, causes, limits: limitsOf(facts) };
}

/** What two rules name alike is one cause with the facts of both. */
function merged(found: readonly Cause[]): readonly Cause[] {
  const known = new Map<string, Cause>();
  for (const cause of found) {
    const key = `${cause.cause} ${cause.subject}`;
    const before = known.get(key);
    known.set(key, before === undefined ? cause : { ...before, evidence: [...before.evidence, ...cause.evidence.filter(({ fact }) => !before.evidence.some((each) => each.fact === fact))] });
  }
  return [...known.values()];
}

/** Causes of which another is the mere consequence, when both are of one subject. */
const follows: Readonly<Partial<Record<CauseName, readonly CauseName[]>>> = {
  actorKilled: ['actorNotStarted', 'actorLoops', 'actorWaits', 'actorInSystemCall', 'actorFroze', 'actorThrew', 'actorOutOfMemory'],
  actorNotStarted: ['actorThrew', 'actorOutOfMemory'],
  actorThrew: ['actorOutOfMemory', 'diskFull', 'diskRefuses'],
  newsDropped: ['abandonedMailbox', 'mainThreadBlocked'],
  channelStandsStill: ['wentSilent', 'peerVanished'],
  captureBehind: ['diskFull', 'diskRefuses', 'diskSlow', 'diskHangs'],
  diskSlow: ['diskHangs'],
};

function followsFromAnother({ cause, subject }: Cause, all: readonly Cause[]): boolean {
  // Whoever asks for a session that the server has ended is told so; why it was ended is the cause.
  if (cause === 'sessionUnknown' && all.some((other) => other.subject === 'main/0' && (other.cause === 'mainStandsStill' || other.cause === 'peerVanished'))) return true;
  return follows[cause]?.some((name) => all.some((other) => other.cause === name && (other.subject === subject || cause === 'newsDropped'))) === true;
}

const weights: Readonly<Record<Confidence, number>> = { certain: 0, likely: 1, possible: 2 };

/** Sure ones first, and of those the one that showed first: what comes later may follow from it. */
function byWeight(a: Cause, b: Cause): number {
  return weights[a.confidence] - weights[b.confidence] || (a.at_secs ?? Infinity) - (b.at_secs ?? Infinity) || 0;
}

function limitsOf(facts: ReportFacts): readonly string[] {
  const limits = facts.unreadable.map((name) => `${name} cannot be read`);
  if (!facts.hasEvents) limits.push('there is no events.json: only the end of the session is judged, by disconnect-cause.json');
  if (!facts.hasEvents && facts.disconnect === null) limits.push('there is no disconnect-cause.json either: nothing was judged');
  return limits;
}
