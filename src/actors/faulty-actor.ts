// An actor with injected faults: starts the real one in its own place, on a host whose sockets can be cut, and does to it what its faults say
// when their time comes. Only tests start it, and only with RYLL_TEST_FAULTS set.

import { commit, delay, faultyHost, leak, slowMs, type ActorFault, type FaultyArgs } from './fault-injection.ts';
import type { Actor, ActorModule } from './kernel/actor.ts';

export const actor: ActorModule<FaultyArgs> = {
  async start(context, { module, args, faults }) {
    const due = faults.filter(({ generationsMax }) => context.generation <= generationsMax);
    let isSlow = false;
    const leaked: unknown[] = [];
    let step: (() => unknown) | null = null;
    const grow = (): void => {
      step ??= leak();
      leaked.push(step());
      context.host.timers.soon(grow);
    };
    const slow = (): void => {
      if (isSlow) delay(slowMs);
    };
    const { host, cut } = faultyHost(context.host, slow);
    // A module that the child spec names exports an actor; the kernel has the same from the same place.
    const { actor: real } = (await import(module)) as { readonly actor: ActorModule };
    const started: Actor = await real.start({ ...context, host }, args);
    for (const fault of due) context.host.timers.after(fault.atMs, () => happen(fault));
    return {
      receive(message, from) {
        slow();
        started.receive(message, from);
      },
      observe: () => started.observe(),
      stop: (reason) => started.stop(reason),
    };

    function happen({ kind }: ActorFault): void {
      switch (kind) {
        case 'heap': return grow();
        case 'cut': return cut();
        case 'slow': isSlow = true; return;
        default: return commit(kind);
      }
    }
  },
};
