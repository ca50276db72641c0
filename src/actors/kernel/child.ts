// One generation of one actor as the system sees it: asked, observed, ended, and remembered. It owns every deadline about
// that actor, so that no answer of the actor's is ever waited for without one. Which links it has is the system's business.

import type { MailboxStats } from '../../mailbox/address.ts';
import { addStats, NO_STATS, type LinkStats } from '../../mailbox/link-stats.ts';
import type { LinkSender } from '../../mailbox/link-sender.ts';
import type { Route } from './address-book.ts';
import type { JsonValue } from './actor.ts';
import { ObserveFailed } from './child-handle.ts';
import type { Backlog, ChildHandle } from './child-handle.ts';
import type { ChildSpec } from './child-spec.ts';
import type { ErrorFacts, Exit, ExitReason, StopReason } from './exit-reason.ts';
import type { Cancel, HostBase } from './host.ts';
import type { KernelReport } from './kernel-command.ts';
import { readProgress } from './progress.ts';
import type { ProgressReader } from './progress.ts';
import type { Runner, RunnerEvents } from './runner.ts';

/** `terminate()` does not resolve while a thread is inside a blocked system call. After this long the thread is left behind. */
const END_MS = 2_000;
const OBSERVE_MS = 1_000;

export interface ChildParts {
  readonly spec: ChildSpec;
  readonly generation: number;
  readonly host: HostBase;
  readonly progress: SharedArrayBuffer;
  readonly route: Route;
  readonly commands: LinkSender;
  /** Called once, before `exited` settles. */
  ended(child: Child, exit: Exit): void;
}

export class Child implements ChildHandle, RunnerEvents {
  readonly spec: ChildSpec;
  readonly id: string;
  readonly generation: number;
  readonly address: Route;
  readonly exited: Promise<Exit>;
  /** Resolves when the actor has started, or with its exit when it never did. */
  readonly started: Promise<Exit | null>;
  readonly progress: ProgressReader;
  readonly #parts: ChildParts;
  readonly #questions = new Map<number, { answer(state: JsonValue): void; fail(why: string): void }>();
  #lastQuestion = 0;
  #runner: Runner | null = null;
  #incoming: { readonly sender: string; readonly generation: number; readonly stats: LinkStats }[] = [];
  #overStats: MailboxStats = NO_STATS;
  #exit: Exit | null = null;
  /** Why it ends, as far as anybody has said: its own report goes before the system's decision. */
  #reported: ExitReason | null = null;
  #decided: ExitReason | null = null;
  #stopAsked = false;
  #cancels: Cancel[] = [];
  #settleExited!: (exit: Exit) => void;
  #settleStarted!: (exit: Exit | null) => void;

  constructor(parts: ChildParts) {
    this.#parts = parts;
    this.spec = parts.spec;
    this.id = parts.spec.id;
    this.generation = parts.generation;
    this.address = parts.route;
    this.progress = readProgress(parts.progress, parts.host.clock);
    this.exited = new Promise((resolve) => (this.#settleExited = resolve));
    this.started = new Promise((resolve) => (this.#settleStarted = resolve));
  }

  get threadId(): number | null {
    return this.#runner?.threadId ?? null;
  }

  /** The runner that was started for this child. */
  run(runner: Runner): void {
    this.#runner = runner;
  }

  get runner(): Runner | null {
    return this.#exit === null ? this.#runner : null;
  }

  stop(reason: StopReason = { kind: 'shutdown' }): Promise<Exit> {
    if (this.#stopAsked || this.#exit !== null) return this.exited;
    this.#stopAsked = true;
    const { shutdown } = this.spec;
    if (shutdown === 'brutalKill') return this.kill();
    if (shutdown !== 'infinity') this.#after(shutdown, () => void this.kill());
    // An actor whose control lane is full to the reserve does not hear this; its shutdown time runs all the same.
    this.#parts.commands.command({ kernel: 'stop', reason });
    return this.exited;
  }

  kill(reason: ExitReason = { kind: 'killed' }): Promise<Exit> {
    if (this.#exit === null) {
      this.#decided ??= reason;
      this.#end();
    }
    return this.exited;
  }

  observe(deadlineMs: number = OBSERVE_MS): Promise<JsonValue> {
    const name = `${this.id}#${this.generation}`;
    if (this.#exit !== null) return Promise.reject(new ObserveFailed(`${name} has ended`));
    const question = ++this.#lastQuestion;
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.host.timers.after(deadlineMs, () => fail(`did not answer within ${deadlineMs} ms`));
      const settle = (): void => {
        cancel();
        this.#questions.delete(question);
      };
      const fail = (why: string): void => {
        settle();
        reject(new ObserveFailed(`${name} ${why}`));
      };
      const answer = (state: JsonValue): void => {
        settle();
        resolve(state);
      };
      this.#questions.set(question, { answer, fail });
      const told = this.#parts.commands.tell({ kernel: 'observe', question }, { lane: 'control' });
      if (told !== 'accepted') fail(`cannot be asked: its control lane is ${told}`);
    });
  }

  /** A link to this actor was made; its words are part of this mailbox's numbers from now on. */
  countLink(stats: LinkStats, sender: string, generation: number): void {
    const nowMs = this.#parts.host.clock.monotonicMs();
    // Links of senders that have gone are folded into one sum, so restarts of senders do not add up in memory.
    for (const over of this.#incoming) if (over.stats.final) this.#overStats = addStats(this.#overStats, over.stats.read(nowMs));
    this.#incoming = [...this.#incoming.filter((link) => !link.stats.final), { sender, generation, stats }];
  }

  mailbox(): MailboxStats {
    const nowMs = this.#parts.host.clock.monotonicMs();
    return this.#incoming.reduce((sum, link) => addStats(sum, link.stats.read(nowMs)), this.#overStats);
  }

  backlogs(): readonly Backlog[] {
    if (this.#exit !== null) return [];
    const nowMs = this.#parts.host.clock.monotonicMs();
    return this.#incoming.flatMap(({ sender, generation, stats }) => stats.backlogs(nowMs).map((lane) => ({ sender, senderGeneration: generation, ...lane })));
  }

  reported(report: KernelReport): void {
    switch (report.kind) {
      case 'started':
        this.#settleStarted(null);
        return;
      case 'observed':
        this.#questions.get(report.question)?.answer(report.state);
        return;
      case 'observeFailed':
        this.#questions.get(report.question)?.fail(`cannot show itself: ${report.error.message}`);
        return;
      case 'exited':
        this.#reported = report.reason;
        // It ends itself now; if it cannot, the deadline for that runs from here.
        this.#abandonAfterEndTime();
        return;
      default:
        return report satisfies never;
    }
  }

  gone(cause: ErrorFacts | null): void {
    this.#decided ??= cause === null ? { kind: 'killed' } : { kind: 'failed', error: cause };
    this.#finish(false);
  }

  #end(): void {
    this.#abandonAfterEndTime();
    this.#runner?.end();
  }

  #abandonAfterEndTime(): void {
    this.#after(END_MS, () => {
      this.#runner?.abandon();
      this.#finish(true);
    });
  }

  #finish(abandoned: boolean): void {
    if (this.#exit !== null) return;
    const reason = this.#reported ?? this.#decided ?? { kind: 'killed' };
    const exit: Exit = { id: this.id, generation: this.generation, reason, abandoned };
    this.#exit = exit;
    for (const cancel of this.#cancels.splice(0)) cancel();
    for (const question of this.#questions.values()) question.fail('has ended');
    this.address.close();
    this.#parts.ended(this, exit);
    this.#settleStarted(exit);
    this.#settleExited(exit);
  }

  #after(ms: number, run: () => void): void {
    this.#cancels.push(this.#parts.host.timers.after(ms, run));
  }
}
