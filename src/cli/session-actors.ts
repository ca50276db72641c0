// Session actors: what is remembered of every actor of a session, by id: the handle of its newest generation, how that ended, whether
// it comes back. Handles outlive their actors as evidence; nothing here starts or ends anything.

import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Exit } from '../actors/kernel/exit-reason.ts';
import type { ActorPlan } from '../supervisor/supervisor-spec.ts';
import type { SampledActor } from './session-sample.ts';

export class SessionActors {
  readonly #actors = new Map<string, SampledActor>();

  get list(): readonly SampledActor[] {
    return [...this.#actors.values()];
  }

  /** @param parent the supervisor under which people see it; null = a root */
  started(handle: ChildHandle, plan: ActorPlan, parent: string | null): void {
    this.#actors.set(handle.id, { id: handle.id, parent, mailboxMax: plan.mailbox.dataMax, handle, exit: null, comesBack: false });
  }

  exited(exit: Exit): void {
    this.#change(exit, { exit });
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

  #change({ id, generation }: Exit, to: Partial<SampledActor>): void {
    const known = this.#actors.get(id);
    if (known !== undefined && known.handle.generation === generation) this.#actors.set(id, { ...known, ...to });
  }
}
