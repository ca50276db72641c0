// Watchdog: looks at every actor's marks on a timer, and when one is frozen takes the evidence first, then ends it, so that its supervisor
// can start it anew. The judgement is health.ts's, the restart the supervisor's; it asks a frozen actor nothing.

import type { MailboxStats } from '../mailbox/address.ts';
import type { ChildHandle } from '../actors/kernel/child-handle.ts';
import type { Cancel, HostBase } from '../actors/kernel/host.ts';
import type { Progress } from '../actors/kernel/progress.ts';
import type { ProbedThread, StackReport } from '../actors/kernel/stack-probe.ts';
import { initialHealth, stepHealth, type Health, type HealthReading, type HealthState, type Verdict } from './health.ts';

/** What was seen of an actor when it was found frozen, before anything was done to it. */
export interface FrozenEvidence {
  readonly id: string;
  readonly generation: number;
  readonly wallMs: number;
  readonly silentMs: number;
  readonly progress: Progress;
  readonly mailbox: MailboxStats;
  readonly stack: StackReport;
  /** `recovered`: it marked progress while its stack was taken, and was left alone. */
  readonly outcome: 'ended' | 'recovered';
}

export type WatchdogEvent =
  | { readonly kind: 'frozen'; readonly evidence: FrozenEvidence }
  /** An actor's health is another than at the look before. */
  | { readonly kind: 'healthChanged'; readonly verdict: Verdict; readonly before: Health }
  | { readonly kind: 'clockJumped'; readonly byMs: number };

export interface WatchdogParts {
  readonly host: Pick<HostBase, 'clock' | 'timers'>;
  /** Silent for so long with work waiting = frozen, in milliseconds. */
  readonly frozenMs: number;
  readonly children: () => readonly ChildHandle[];
  /** The stack of a thread. Never rejects. */
  readonly probe: (thread: ProbedThread) => Promise<StackReport>;
  readonly say: (event: WatchdogEvent) => void;
}

/** Each holds a stack of at most 50 frames. The newest are kept. */
const evidenceMax = 32;
const tickMsMin = 20;
const tickMsMax = 1_000;
const looksPerFreeze = 5;

export class Watchdog {
  readonly #parts: WatchdogParts;
  readonly #tickMs: number;
  /** Frozen actors whose evidence is being taken, or has been and who are being ended: a thread takes its time to end. */
  readonly #examined = new WeakSet<ChildHandle>();
  #state: HealthState = initialHealth;
  #verdicts = new Map<string, Verdict>();
  #evidence: readonly FrozenEvidence[] = [];
  #cancel: Cancel | null = null;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#tickMs = Math.min(tickMsMax, Math.max(tickMsMin, Math.floor(parts.frozenMs / looksPerFreeze)));
  }

  start(): void {
    this.#cancel ??= this.#parts.host.timers.after(this.#tickMs, () => this.#tick());
  }

  /** Nothing is said or ended any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** Of the actors that were frozen, oldest first. */
  get evidence(): readonly FrozenEvidence[] {
    return this.#evidence;
  }

  /** The verdict of the last look; null for an actor that is not watched: it shares this thread, or has not been seen yet. */
  healthOf(handle: Pick<ChildHandle, 'id' | 'generation'>): Health | null {
    const verdict = this.#verdicts.get(handle.id);
    return verdict?.generation === handle.generation ? verdict.health : null;
  }

  #tick(): void {
    const { host } = this.#parts;
    // An actor on this very thread cannot be seen from here when it loops: the main thread has a watch of its own.
    const watched = this.#parts.children().filter((handle) => handle.threadId !== null);
    const look = { monotonicMs: host.clock.monotonicMs(), wallMs: host.clock.wallMs(), actors: watched.map(readingOf) };
    const step = stepHealth(this.#state, look, { frozenMs: this.#parts.frozenMs, tickMs: this.#tickMs });
    this.#state = step.state;
    const before = this.#verdicts;
    this.#verdicts = new Map(step.verdicts.map((verdict) => [verdict.id, verdict]));
    this.#cancel = host.timers.after(this.#tickMs, () => this.#tick());

    if (step.jumpedMs !== null) this.#parts.say({ kind: 'clockJumped', byMs: step.jumpedMs });
    for (const verdict of step.verdicts) {
      const last = before.get(verdict.id);
      if (last !== undefined && last.generation === verdict.generation && last.health !== verdict.health) this.#parts.say({ kind: 'healthChanged', verdict, before: last.health });
    }
    for (const handle of watched) {
      if (this.#verdicts.get(handle.id)?.health === 'frozen') void this.#examine(handle);
      // What it answers does not matter: that it answers is a mark, and that it does not leaves a message that waits.
      else if (step.probes.includes(handle.id)) handle.observe(this.#parts.frozenMs).catch(() => undefined);
    }
  }

  async #examine(handle: ChildHandle): Promise<void> {
    if (this.#examined.has(handle)) return;
    this.#examined.add(handle);
    const { host, probe, say } = this.#parts;
    const progress = handle.progress.read();
    const found = { mailbox: handle.mailbox(), wallMs: host.clock.wallMs(), silentMs: this.#verdicts.get(handle.id)?.silentMs ?? 0 };
    // `children` are those with a thread; a handle keeps its thread's number after the thread has gone.
    const stack = await probe({ threadId: handle.threadId ?? -1, osThreadId: progress.osThreadId });
    // Stopped meanwhile, or ended by somebody else: no business of the watchdog's any more.
    if (this.#cancel === null || !this.#parts.children().includes(handle)) return;
    const now = handle.progress.read();
    const outcome = now.iterations === progress.iterations && now.handler === progress.handler ? 'ended' : 'recovered';
    const evidence: FrozenEvidence = { id: handle.id, generation: handle.generation, progress, stack, outcome, ...found };
    this.#evidence = [...this.#evidence.slice(-(evidenceMax - 1)), evidence];
    say({ kind: 'frozen', evidence });
    if (outcome === 'ended') void handle.kill({ kind: 'frozen' });
    else this.#examined.delete(handle);
  }
}

function readingOf(handle: ChildHandle): HealthReading {
  const { handler, blockedOn, markAgeMs } = handle.progress.read();
  const { depth, oldestAgeMs } = handle.mailbox();
  return { id: handle.id, generation: handle.generation, handler, blockedOn, markAgeMs, depth, oldestAgeMs };
}
