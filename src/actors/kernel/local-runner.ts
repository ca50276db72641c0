// Runs an actor in the system's own thread: for the simulation, for `--single-thread` diagnosis, and for actors that live
// on the main thread by design. It isolates what can be isolated there: a throw costs that actor only, an endless loop
// costs everybody.

import type { Host } from './host.ts';
import { scopeHost } from './host-scope.ts';
import { ActorRun } from './actor-run.ts';
import type { ActorStart } from './actor-run.ts';
import type { Runner, RunnerEvents } from './runner.ts';

export function runLocally(start: ActorStart, host: Host, events: RunnerEvents): Runner {
  const scope = scopeHost(host, (error) => running.fail(error));
  let gone = false;
  const end = (): void => {
    if (gone) return;
    gone = true;
    running.close();
    scope.close();
    // News of a later turn, as from a thread: whoever ends an actor has returned before it hears that it ended.
    host.timers.soon(() => events.gone(null));
  };
  const running = new ActorRun({
    start,
    host: scope.host,
    report: (report) => {
      if (gone) return;
      events.reported(report);
      if (report.kind === 'exited') end();
    },
  });
  void running.start();
  return {
    threadId: null,
    connect: (change) => {
      running.connect(change);
      return true;
    },
    end,
    abandon: () => undefined,
  };
}
