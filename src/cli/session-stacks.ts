// Session stacks: sightings of every actor of a session for `stacks.json`: what each marks in shared memory, what the watchdog found, and the stacks that were taken. It
// asks no actor; taking stacks is the caller's.

import type { FrozenSighting, ActorSighting, SeenStack, StacksFacts } from '../capture/report/stacks-document.ts';
import type { StackReport } from '../actors/kernel/stack-probe.ts';
import { placeOf, stackLines } from '../actors/kernel/stack-text.ts';
import type { Health } from '../supervisor/health.ts';
import type { FrozenEvidence } from '../supervisor/watchdog.ts';
import type { SampledActor } from './session-sample.ts';

export interface SightedSession {
  readonly actors: readonly SampledActor[];
  /** Of the actors that were found frozen, oldest first. */
  readonly frozen: readonly FrozenEvidence[];
  readonly healthOf: (actor: SampledActor) => Health | null;
  readonly startedAtMs: number;
  readonly startedAtWallMs: number;
}

/** @param stacks taken for this report, by actor */
export function sightActors(session: SightedSession, nowMs: number, stacks: ReadonlyMap<string, StackReport>): StacksFacts {
  const tsSecs = (nowMs - session.startedAtMs) / 1000;
  return {
    tsSecs,
    actors: session.actors.map((actor) => {
      const stack = stacks.get(actor.id);
      return sight(session, actor, stack === undefined ? null : seen(stack, tsSecs));
    }),
    frozen: session.frozen.map((evidence) => frozenSighting(session, evidence)),
  };
}

/** Actors whose marks say that they are in the middle of something: of the others it is known where they are, in their event loop. */
export function busyActors(actors: readonly SampledActor[], quietMs: number): readonly SampledActor[] {
  return actors.filter(({ exit, handle }) => {
    if (exit !== null || handle.threadId === null) return false;
    const { handler, markAgeMs } = handle.progress.read();
    const { depth, oldestAgeMs } = handle.mailbox();
    return (handler !== null && (markAgeMs ?? 0) >= quietMs) || (depth > 0 && oldestAgeMs >= quietMs);
  });
}

function sight(session: SightedSession, actor: SampledActor, taken: SeenStack | null): ActorSighting {
  const { handle, exit, comesBack, mailboxMax } = actor;
  const progress = handle.progress.read();
  const { depth, highWater, dropped, deadLetters, oldestAgeMs } = handle.mailbox();
  const evidence = session.frozen.findLast(({ id, generation }) => id === actor.id && generation === handle.generation);
  return {
    actor: actor.id,
    generation: handle.generation,
    threadId: handle.threadId,
    osThreadId: progress.osThreadId,
    state: exit === null ? 'running' : comesBack ? 'waiting' : exit.reason.kind,
    health: exit === null ? session.healthOf(actor) : null,
    handler: progress.handler,
    blockedOn: progress.blockedOn,
    iterations: progress.iterations,
    markAgeMs: progress.markAgeMs,
    receiveAgeMs: progress.receiveAgeMs,
    sendAgeMs: progress.sendAgeMs,
    mailbox: { depth, highWater, max: mailboxMax, dropped, deadLetters, oldestAgeMs },
    backlogs: exit === null ? handle.backlogs() : [],
    stack: taken ?? (evidence === undefined ? null : frozenSighting(session, evidence).stack),
  };
}

function frozenSighting({ startedAtWallMs }: SightedSession, evidence: FrozenEvidence): FrozenSighting {
  const { id, generation, wallMs, silentMs, progress, mailbox, stack, outcome } = evidence;
  const foundSecs = (wallMs - startedAtWallMs) / 1000;
  return { actor: id, generation, foundSecs, silentMs, handler: progress.handler, blockedOn: progress.blockedOn, mailboxDepth: mailbox.depth, outcome, stack: seen(stack, foundSecs) };
}

function seen(stack: StackReport, takenSecs: number): SeenStack {
  return { kind: stack.kind, place: placeOf(stack), lines: stackLines(stack), takenSecs };
}
