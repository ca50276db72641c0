// Session watch: the watchdog and the main thread's watch of one session, and their findings in words. It decides nothing: what is frozen is the
// supervisor room's health.ts to say, and who restarts it the supervisor's.

import { tmpdir } from 'node:os';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Host } from '../actors/kernel/host.ts';
import { MainWatch, type MainFreeze } from '../actors/kernel/main-watch.ts';
import { StackProbe } from '../actors/kernel/stack-probe.ts';
import { placeOf } from '../actors/kernel/stack-text.ts';
import type { Health } from '../supervisor/health.ts';
import { Watchdog, type FrozenEvidence, type WatchdogEvent } from '../supervisor/watchdog.ts';
import type { SessionEvent } from '../ui-terminal/session-event.ts';

export interface SessionWatchParts {
  readonly host: Host;
  readonly frozenMs: number;
  readonly children: () => readonly ChildHandle[];
  readonly say: (event: SessionEvent) => void;
}

export class SessionWatch {
  readonly #watchdog: Watchdog;
  readonly #main: MainWatch;

  /** Watches from now on. */
  constructor({ host, frozenMs, children, say }: SessionWatchParts) {
    const probe = new StackProbe(host.timers);
    const told = (event: SessionEvent | null): void => {
      if (event !== null) say(event);
    };
    this.#watchdog = new Watchdog({
      host, frozenMs, children,
      probe: (thread) => probe.probe(thread),
      say: (event) => told(wordWatchdogEvent(host.clock.wallMs(), event)),
    });
    this.#main = new MainWatch(host.timers, { frozenMs, folder: tmpdir() }, (freeze) => say(wordMainFreeze(host.clock.wallMs(), freeze)));
    this.#watchdog.start();
  }

  /** Of the actors that were found frozen, oldest first. */
  get evidence(): readonly FrozenEvidence[] {
    return this.#watchdog.evidence;
  }

  /** What the watchdog saw last of this actor; null when it is not watched. */
  healthOf(handle: Pick<ChildHandle, 'id' | 'generation'>): Health | null {
    return this.#watchdog.healthOf(handle);
  }

  /** Actors that stop have their shutdown times; nobody is ended as frozen from here on. */
  async stop(): Promise<void> {
    this.#watchdog.stop();
    await this.#main.stop();
  }
}

/** Null for what is no news to people: an actor that goes from work to rest and back. */
export function wordWatchdogEvent(wallMs: number, event: WatchdogEvent): SessionEvent | null {
  switch (event.kind) {
    case 'frozen': {
      const { id, generation, silentMs, progress, stack, mailbox, outcome } = event.evidence;
      const doing = progress.handler === null ? `with ${mailbox.depth} messages waiting` : `in '${progress.handler}'`;
      const reason = `silent for ${(silentMs / 1000).toFixed(1)} s ${doing}, ${placeOf(stack)}`;
      if (outcome === 'recovered') return { kind: 'noted', wallMs, severity: 'warning', source: `${id}#${generation}`, text: `was ${reason}; it went on by itself` };
      return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'frozen', reason, restartInMs: null };
    }
    case 'healthChanged': {
      const { id, generation, health } = event.verdict;
      if (health === 'blockedOnDisk') return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'blockedOnDisk', reason: 'a file call does not return', restartInMs: null };
      if (event.before === 'blockedOnDisk') return { kind: 'actorStateChanged', wallMs, actor: id, generation, state: 'running', reason: 'the file call has returned', restartInMs: null };
      if (health === 'blockedOnOutput') return { kind: 'noted', wallMs, severity: 'warning', source: `${id}#${generation}`, text: 'nobody reads its output' };
      return null;
    }
    case 'clockJumped':
      return { kind: 'noted', wallMs, severity: 'warning', source: 'watchdog', text: `nothing ran for ${(event.byMs / 1000).toFixed(1)} s (the machine was suspended, or very busy): everything is asked for a sign of life` };
  }
}

function wordMainFreeze(wallMs: number, { silentMs, place, path }: MainFreeze): SessionEvent {
  const where = path === null ? '' : `; its stack is in ${path}`;
  return { kind: 'noted', wallMs, severity: 'error', source: 'main thread', text: `did nothing for ${(silentMs / 1000).toFixed(1)} s or more, ${place}${where}` };
}
