// One running actor as its own thread sees it: its mailbox, its addresses, its marks, and the kernel commands it obeys.
// The same code runs on a worker's thread and beside others in one thread; who starts it, and what is left to clean up
// when it ends, is the runner's business.

import type { Envelope } from '../../mailbox/address.ts';
import { openReceiveEnd } from '../../mailbox/link.ts';
import type { ReceiveEnd } from '../../mailbox/link.ts';
import { Mailbox } from '../../mailbox/mailbox.ts';
import { AddressBook } from './address-book.ts';
import type { Actor, ActorContext, ActorModule } from './actor.ts';
import { errorFacts } from './exit-reason.ts';
import type { ExitReason, StopReason } from './exit-reason.ts';
import type { Host } from './host.ts';
import { markHost } from './host-marks.ts';
import { isKernelCommand, SYSTEM_ID } from './kernel-command.ts';
import type { KernelCommand, KernelReport, LinkChange } from './kernel-command.ts';
import { ProgressWriter } from './progress.ts';

/** What the system says to start an actor. Cloneable when the ports of its ends are transferred along. */
export interface ActorStart {
  readonly id: string;
  readonly generation: number;
  readonly module: string;
  readonly args: unknown;
  readonly links: readonly string[];
  readonly progress: SharedArrayBuffer;
  readonly systemEnd: ReceiveEnd;
  readonly linkChanges: readonly LinkChange[];
}

export interface ActorRunParts {
  readonly start: ActorStart;
  readonly host: Host;
  report(report: KernelReport): void;
}

export class ActorRun {
  readonly #parts: ActorRunParts;
  readonly #progress: ProgressWriter;
  readonly #mailbox: Mailbox;
  readonly #addresses: AddressBook;
  #actor: Actor | null = null;
  #stopping = false;
  #ended = false;

  constructor(parts: ActorRunParts) {
    const { start, host } = parts;
    this.#parts = parts;
    this.#progress = new ProgressWriter(start.progress, host.clock);
    this.#addresses = new AddressBook(start, start.links, host, this.#progress);
    this.#mailbox = new Mailbox({
      clock: host.clock,
      timers: host.timers,
      deliver: (message, envelope) => this.#deliver(message, envelope),
    });
    this.#mailbox.attach(SYSTEM_ID, 1, start.systemEnd.memory, openReceiveEnd(start.systemEnd));
    for (const change of start.linkChanges) this.connect(change);
  }

  /** Loads the module and starts the actor; a failure of either is its exit. Messages gather until then. */
  async start(): Promise<void> {
    const { start, host } = this.#parts;
    this.#progress.enter('start');
    try {
      const loaded = (await import(start.module)) as { actor?: ActorModule };
      if (typeof loaded.actor?.start !== 'function') throw new TypeError(`${start.module} exports no 'actor'`);
      const context: ActorContext = {
        id: start.id,
        generation: start.generation,
        host: markHost(host, this.#progress),
        // The address carries messages of whatever type its receiver documents; only the caller can know which.
        address: (name) => this.#addresses.address(name),
        progress: this.#progress,
        exit: (reason) => this.exit(reason),
      };
      this.#actor = await loaded.actor.start(context, start.args);
    } catch (error) {
      return this.fail(error);
    }
    this.#progress.idle();
    if (this.#ended) return;
    this.#parts.report({ kind: 'started' });
    this.#mailbox.start();
  }

  /** A peer (re)started: from here on the link with it is this one. */
  connect(change: LinkChange): void {
    switch (change.kernel) {
      case 'linkTo':
        return this.#addresses.connect(change.to, change.generation, change.end);
      case 'linkFrom':
        return this.#mailbox.attach(change.from, change.generation, change.end.memory, openReceiveEnd(change.end));
    }
  }

  /** Ends the actor because of something that it, or a callback of its own, has thrown. */
  fail(error: unknown): void {
    this.exit({ kind: 'failed', error: errorFacts(error) });
  }

  /** Ends the actor: nothing is received or sent any more, and the reason is reported. Only the first call counts. */
  exit(reason: ExitReason): void {
    if (this.#ended) return;
    this.close();
    this.#parts.report({ kind: 'exited', reason });
  }

  /** Closes the mailbox and the addresses without a report. */
  close(): void {
    this.#ended = true;
    this.#mailbox.close();
    this.#addresses.close();
  }

  /** Never throws: the mailbox's turn must go on for the others' messages, or end because the actor has. */
  #deliver(message: unknown, envelope: Envelope): boolean {
    this.#progress.received();
    if (envelope.sender === SYSTEM_ID && isKernelCommand(message)) {
      this.#obey(message);
      return true;
    }
    if (this.#stopping || this.#actor === null) return false;
    this.#progress.enter(handlerName(message));
    try {
      this.#actor.receive(message, envelope);
    } catch (error) {
      this.fail(error);
    }
    this.#progress.idle();
    return true;
  }

  #obey(command: KernelCommand): void {
    switch (command.kernel) {
      case 'linkTo':
      case 'linkFrom':
        return this.connect(command);
      case 'stop':
        void this.#stop(command.reason);
        return;
      case 'observe':
        return this.#observe(command.question);
    }
  }

  #observe(question: number): void {
    if (this.#actor === null) return;
    this.#progress.enter('observe');
    try {
      this.#parts.report({ kind: 'observed', question, state: this.#actor.observe() });
    } catch (error) {
      // An actor that cannot show itself is not thereby broken: whoever asked is told, and it works on.
      this.#parts.report({ kind: 'observeFailed', question, error: errorFacts(error) });
    }
    this.#progress.idle();
  }

  async #stop(reason: StopReason): Promise<void> {
    if (this.#stopping || this.#actor === null) return;
    this.#stopping = true;
    // Senders learn at once that nothing more is taken, so none of them waits for an actor that is leaving. The system's own
    // link stays open: a stopping actor can still be observed.
    this.#mailbox.refuse((sender) => sender !== SYSTEM_ID);
    this.#progress.enter('stop');
    try {
      await this.#actor.stop(reason);
      this.exit({ kind: 'shutdown' });
    } catch (error) {
      this.fail(error);
    }
  }
}

/** A message's own kind names what its handler does; messages without one share a name. */
function handlerName(message: unknown): string {
  if (typeof message === 'object' && message !== null && 'kind' in message && typeof message.kind === 'string') return message.kind;
  return 'message';
}
