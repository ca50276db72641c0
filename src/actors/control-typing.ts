// Control typing: a text on its way to the guest, a step at a time: presses, half the delay, releases, half the delay. A step is taken when
// the session has taken the one before, so a slow session slows the typing and loses none of it.

import type { Answer } from '../control/request.ts';
import type { TypingPlan } from '../control/typing.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { noteCommand, nothingHeld, releaseHeld } from '../protocol/held-input.ts';
import type { Cancel, Timers } from './kernel/host.ts';

export interface TypingParts {
  readonly timers: Timers;
  /** Tells the session, which answers once. */
  send(commands: readonly ChannelCommand[], answered: (answer: Answer) => void): void;
  /** Not called after `stop`. */
  done(characters: number, reason: string | null): void;
}

export class ControlTyping {
  readonly #parts: TypingParts;
  readonly #plan: TypingPlan;
  readonly #stepMs: number;
  #cancel: Cancel | null = null;
  #next = 0;
  #held = nothingHeld;
  #isOver = false;

  constructor(parts: TypingParts, plan: TypingPlan, charDelayMs: number) {
    this.#parts = parts;
    this.#plan = plan;
    this.#stepMs = charDelayMs / 2;
  }

  start(): void {
    this.#send(this.#plan.before, () => this.#step());
  }

  /** Lets go of what a half typed character holds, and of nothing else. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel?.();
    this.#parts.send([...releaseHeld(this.#held), ...this.#plan.after], () => undefined);
  }

  #step(): void {
    const commands = this.#plan.steps[this.#next];
    if (commands === undefined) return this.#send(this.#plan.after, () => this.#end(null));
    this.#send(commands, () => {
      this.#next += 1;
      this.#held = commands.reduce(noteCommand, this.#held);
      this.#cancel = this.#parts.timers.after(this.#stepMs, () => this.#step());
    });
  }

  #send(commands: readonly ChannelCommand[], taken: () => void): void {
    if (commands.length === 0) return taken();
    this.#parts.send(commands, (answer) => {
      if (this.#isOver) return;
      if (answer.ok) return taken();
      this.stop();
      this.#parts.done(this.#characters, answer.error.message);
    });
  }

  #end(reason: string | null): void {
    this.#isOver = true;
    this.#parts.done(this.#characters, reason);
  }

  get #characters(): number {
    return this.#next >> 1;
  }
}
