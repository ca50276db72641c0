// Session actors: what is remembered of every actor of a session, by id: the handle of its newest generation, how that ended, whether
// it comes back, its lives, and what took a channel last. Handles outlive their actors as evidence; nothing here starts or ends anything.

import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import type { ChannelEvent } from '../protocol/events.ts';
import type { ActorPlan } from '../supervisor/supervisor-spec.ts';
import type { FrozenEvidence } from '../supervisor/watchdog.ts';
import { ActorLives, type ActorLife, type LifeEnd } from './actor-lives.ts';
import { ChannelLosses, type ChannelLoss } from './channel-losses.ts';
import type { SampledActor } from './session-sample.ts';

export class SessionActors {
  readonly #actors = new Map<string, SampledActor>();
  readonly #lives = new ActorLives();
  readonly #losses = new ChannelLosses();

  get list(): readonly SampledActor[] {
    return [...this.#actors.values()];
  }

  /** Oldest first. */
  lives(id: string): readonly ActorLife[] {
    return this.#lives.of(id);
  }

  /** Null when the channel was never lost. */
  lastLoss(channel: string): ChannelLoss | null {
    return this.#losses.of(channel);
  }

  /** How often each kind of loss took the channel. */
  lossCounts(channel: string): Readonly<Record<string, number>> {
    return this.#losses.countsOf(channel);
  }

  starting(id: string, nowMs: number): void {
    this.#lives.starting(id, nowMs);
  }

  startFailed(id: string, end: LifeEnd['end'], nowMs: number): void {
    this.#lives.ended(id, { endedMs: nowMs, lastMarkMs: null, foundFrozenMs: null, end });
  }

  heard(channel: string, event: ChannelEvent, nowMs: number): void {
    this.#lives.heard(channel, event, nowMs);
    this.#losses.heard(channel, event, nowMs);
  }

  /** @param parent the supervisor under which people see it; null = a root */
  started(handle: ChildHandle, plan: ActorPlan, parent: string | null): void {
    this.#actors.set(handle.id, { id: handle.id, parent, mailboxMax: plan.mailbox.dataMax, handle, exit: null, comesBack: false });
  }

  /** @param frozen of the actors that were found frozen, oldest first */
  exited(exit: Exit, nowMs: number, frozen: readonly FrozenEvidence[]): void {
    this.#change(exit, { exit });
    this.#lives.ended(exit.id, this.#lifeEnd(exit, nowMs, frozen));
    this.#losses.ended(exit, nowMs);
  }

  /** The actor is started again after a while. */
  comesBack(id: string): void {
    const known = this.#actors.get(id);
    if (known !== undefined) this.#actors.set(id, { ...known, comesBack: true });
  }

  /** The actor that was to come back does not. */
  staysAway(id: string): void {
    const known = this.#actors.get(id);
    if (known !== undefined) this.#actors.set(id, { ...known, comesBack: false });
  }

  /** The handle of the newest generation, running or not. */
  handle(id: string): ChildHandle | null {
    return this.#actors.get(id)?.handle ?? null;
  }

  #lifeEnd({ id, generation, reason }: Exit, endedMs: number, frozen: readonly FrozenEvidence[]): LifeEnd {
    const markAgeMs = this.handle(id)?.progress.read().markAgeMs ?? null;
    const lastMarkMs = markAgeMs === null ? null : endedMs - markAgeMs;
    const found = reason.kind === 'frozen' ? frozen.findLast((evidence) => evidence.id === id && evidence.generation === generation) : undefined;
    return { endedMs, lastMarkMs, foundFrozenMs: found === undefined || lastMarkMs === null ? null : lastMarkMs + found.silentMs, end: reason.kind };
  }

  #change({ id, generation }: Exit, to: Partial<SampledActor>): void {
    const known = this.#actors.get(id);
    if (known !== undefined && known.handle.generation === generation) this.#actors.set(id, { ...known, ...to });
  }
}
