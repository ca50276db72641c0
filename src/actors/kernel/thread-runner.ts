// Runs an actor on a thread of its own. What happens there, a throw, an endless loop, a heap that grows too far, even
// `process.exit`, arrives here as an event; a thread stuck inside a system call arrives as nothing at all, which is why
// the system sets a deadline to every end.

import { Worker } from 'node:worker_threads';
import type { LinkSender } from '../../mailbox/link-sender.ts';
import { portsOf } from '../../mailbox/link.ts';
import { DEFAULT_RESOURCE_LIMITS } from './child-spec.ts';
import type { ResourceLimits } from './child-spec.ts';
import { errorFacts } from './exit-reason.ts';
import type { ErrorFacts } from './exit-reason.ts';
import type { KernelReport } from './kernel-command.ts';
import type { Runner, RunnerEvents } from './runner.ts';
import type { ActorStart } from './actor-run.ts';
import { prepareThreadNames } from './thread-name.ts';

const ENTRY = new URL('./actor-worker.js', import.meta.url);

export interface ThreadParts {
  readonly start: ActorStart;
  readonly limits: Partial<ResourceLimits> | undefined;
  /** The system's own link to this actor, which carries the kernel's commands. */
  readonly commands: LinkSender;
  readonly events: RunnerEvents;
}

/** Throws `DataCloneError` when the child spec's args cannot cross a thread. */
export function runOnThread({ start, limits, commands, events }: ThreadParts): Runner {
  prepareThreadNames();
  const worker = new Worker(ENTRY, {
    name: `${start.id}#${start.generation}`,
    workerData: start,
    transferList: [start.systemEnd, ...start.linkChanges.map((change) => change.end)].flatMap(portsOf),
    // Set here because `process.setSourceMapsEnabled` on the main thread does not reach workers.
    execArgv: ['--enable-source-maps'],
    resourceLimits: toNodeLimits({ ...DEFAULT_RESOURCE_LIMITS, ...limits }),
  });
  let cause: ErrorFacts | null = null;
  let exited = false;
  worker.on('message', (report: KernelReport) => {
    exited ||= report.kind === 'exited';
    events.reported(report);
  });
  worker.on('messageerror', (error) => (cause ??= errorFacts(error)));
  worker.on('error', (error) => (cause ??= errorFacts(error)));
  worker.on('exit', (code) => {
    // The kernel in the worker reports before it ends the thread; without a report and an error, the actor ended it.
    const unexplained: ErrorFacts = { name: 'ProcessExit', message: `the actor's thread called process.exit(${code})`, stack: '', code: null };
    events.gone(exited ? null : (cause ?? unexplained));
  });
  return {
    threadId: worker.threadId,
    connect: (change) => commands.command(change, portsOf(change.end)) !== 'full',
    end: () => void worker.terminate(),
    abandon: () => {
      worker.removeAllListeners();
      worker.on('error', () => undefined);
      worker.unref();
    },
  };
}

function toNodeLimits(limits: ResourceLimits): Record<'maxOldGenerationSizeMb' | 'maxYoungGenerationSizeMb' | 'codeRangeSizeMb' | 'stackSizeMb', number> {
  return { ...limits };
}
