// Session watch: the watchdog and the main thread's watch of one session. It decides nothing: what is frozen is the supervisor room's health.ts
// to say, and who restarts it the supervisor's.

import { tmpdir } from 'node:os';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Host } from '../actors/kernel/host.ts';
import { MainWatch } from '../actors/kernel/main-watch.ts';
import { StackProbe } from '../actors/kernel/stack-probe.ts';
import type { Health } from '../supervisor/health.ts';
import { Watchdog, type FrozenEvidence } from '../supervisor/watchdog.ts';
import type { Happening } from './happening.ts';

export interface SessionWatchParts {
  readonly host: Host;
  readonly frozenMs: number;
  readonly children: () => readonly ChildHandle[];
  readonly tell: (happening: Happening) => void;
}

export class SessionWatch {
  readonly #watchdog: Watchdog;
  readonly #main: MainWatch;

  /** Watches from now on. */
  constructor({ host, frozenMs, children, tell }: SessionWatchParts) {
    const probe = new StackProbe(host.timers);
    this.#watchdog = new Watchdog({
      host, frozenMs, children,
      probe: (thread) => probe.probe(thread),
      say: (news) => tell({ kind: 'watchdogNews', news }),
    });
    this.#main = new MainWatch(host.timers, { frozenMs, folder: tmpdir() }, (freeze) => tell({ kind: 'mainThreadFroze', freeze }));
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
