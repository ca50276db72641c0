// The entry of every actor's thread: it runs one actor on the real host, and ends the thread when that actor has ended. What
// the actor or its libraries throw outside the kernel's reach ends the thread too; the runner sees it as an error.

import { parentPort, workerData } from 'node:worker_threads';
import { createNodeHost } from './node-host.ts';
import { ActorRun } from './actor-run.ts';
import type { ActorStart } from './actor-run.ts';
import { ownOsThreadId } from './os-thread.ts';
import { markOsThread } from './progress.ts';
import { nameThread } from './thread-name.ts';

if (parentPort === null) throw new Error('actor-worker runs on a thread that the actor system starts');
const system = parentPort;

// Written by thread-runner.ts on the other side of the same file's type.
const start = workerData as ActorStart;
markOsThread(start.progress, ownOsThreadId());
nameThread(start.id);
const running = new ActorRun({
  start,
  host: createNodeHost(),
  report: (report) => {
    system.postMessage(report);
    // Timers and sockets that the actor left behind would keep the thread alive; they end with it.
    if (report.kind === 'exited') process.exit(0);
  },
});
void running.start();
