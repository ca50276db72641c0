// Control client: the shell around one client's session: bytes to lines, lines and events to its reducer, its effects to its stream and to
// whoever does the work. It takes no more from a client than that client reads, and decides nothing itself.

import { initialClient, stepClient, takesRequests, type ClientEffect, type ClientInput, type ClientState } from '../control/client-session.ts';
import { createLineSplitter, pushBytes, takeLine, type LineSplitter } from '../control/line-splitter.ts';
import type { ControlEvent } from '../control/control-event.ts';
import type { Answer } from '../control/request.ts';
import type { SessionFacts, SessionIdentity } from '../control/session-facts.ts';
import type { TypingPlan } from '../control/typing.ts';
import type { Work } from '../control/work.ts';
import type { HeldInput } from '../protocol/held-input.ts';
import type { ControlStream } from './control-listener.ts';
import type { Cancel, Timers } from './kernel/host.ts';

/** How long a client that ended, or is told to go, has to read what waits for it, in milliseconds. */
const lastWordsMs = 5_000;

export interface ControlClientParts {
  readonly stream: ControlStream;
  readonly timers: Timers;
  readonly identity: SessionIdentity;
  facts(): SessionFacts;
  /** Another client's paste is under way. */
  othersType(client: ControlClient): boolean;
  /** Answered exactly once, unless it is abandoned. */
  work(client: ControlClient, token: number, work: Work, answer: (answer: Answer) => void): void;
  abandon(client: ControlClient, token: number): void;
  type(client: ControlClient, plan: TypingPlan, charDelayMs: number): void;
  stopTyping(client: ControlClient): void;
  release(client: ControlClient, held: HeldInput): void;
  /** The client's state changed: what it subscribed to may be another. */
  changed(): void;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export class ControlClient {
  readonly #parts: ControlClientParts;
  readonly #splitter: LineSplitter = createLineSplitter();
  #state: ClientState = initialClient;
  #inputEnded = false;
  #reading = true;
  #pumping = false;
  #lastWords: Cancel | null = null;
  #holdsPicture = false;

  constructor(parts: ControlClientParts) {
    this.#parts = parts;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** A picture is made for it, or waits to be read by it. */
  get holdsPicture(): boolean {
    return this.#holdsPicture;
  }

  chunk(bytes: Uint8Array): void {
    pushBytes(this.#splitter, bytes);
    this.#pump();
  }

  /** The client sends nothing more: a half line is nobody's request. */
  inputEnded(): void {
    this.#inputEnded = true;
    this.#pump();
  }

  event(event: ControlEvent): void {
    this.#step({ kind: 'eventOccurred', event });
  }

  typed(characters: number, reason: string | null): void {
    this.#step({ kind: 'typed', characters, reason });
    this.#pump();
  }

  /** The session is over: what waits is written, then the connection ends. */
  end(): void {
    this.#step({ kind: 'sessionEnded' });
    this.#limitLastWords();
  }

  /** The stream is gone, or is not wanted any more. */
  drop(): void {
    this.#lastWords?.();
    this.#step({ kind: 'gone' });
    this.#parts.stream.destroy();
  }

  /** Takes lines for as long as the client reads its replies. */
  #pump(): void {
    // A step of a line may come back here: the loop that runs sees what it left.
    if (this.#pumping) return;
    this.#pumping = true;
    while (takesRequests(this.#state)) {
      const line = takeLine(this.#splitter);
      if (line === null) {
        if (this.#inputEnded) this.#step({ kind: 'inputEnded' });
        break;
      }
      this.#step(line.kind === 'tooLong' ? { kind: 'lineRefused', reason: 'tooLong' } : this.#request(line.bytes));
    }
    this.#pumping = false;
    this.#setReading(takesRequests(this.#state));
    // Whoever still waits for an answer of the session's is not late.
    if (this.#state.phase === 'ending' && this.#state.pending.length === 0) this.#limitLastWords();
  }

  #request(bytes: Uint8Array): ClientInput {
    try {
      return { kind: 'requestReceived', text: utf8.decode(bytes), facts: this.#parts.facts(), identity: this.#parts.identity, othersType: this.#parts.othersType(this) };
    } catch {
      return { kind: 'lineRefused', reason: 'notUtf8' };
    }
  }

  #step(input: ClientInput): void {
    const step = stepClient(this.#state, input);
    this.#state = step.state;
    // Before the reply to a subscription is out, so that what happens after it is not missed.
    this.#parts.changed();
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'write':
        this.#parts.stream.write(effect.text, () => {
          this.#step({ kind: 'written' });
          if (this.#holdsPicture && !this.#state.pending.some(({ work }) => work.kind === 'screenshot')) this.#holdsPicture = this.#state.outbox.replyCharacters > 0;
          this.#pump();
        });
        return;
      case 'work':
        if (effect.work.kind === 'screenshot') this.#holdsPicture = true;
        this.#parts.work(this, effect.token, effect.work, (answer) => {
          this.#step({ kind: 'workAnswered', token: effect.token, answer });
          this.#pump();
        });
        return;
      case 'abandon':
        return this.#parts.abandon(this, effect.token);
      case 'type':
        return this.#parts.type(this, effect.plan, effect.charDelayMs);
      case 'stopTyping':
        return this.#parts.stopTyping(this);
      case 'release':
        return this.#parts.release(this, effect.held);
      case 'close':
        return this.#close();
    }
  }

  #close(): void {
    this.#limitLastWords();
    if (this.#inputEnded) this.#parts.stream.destroy();
    else this.#parts.stream.finish();
  }

  /** A client that does not read its last lines is not waited for longer than this. */
  #limitLastWords(): void {
    this.#lastWords ??= this.#parts.timers.after(lastWordsMs, () => this.#parts.stream.destroy());
  }

  #setReading(reading: boolean): void {
    if (reading === this.#reading || this.#state.phase === 'closed') return;
    this.#reading = reading;
    this.#parts.stream.setReading(reading);
  }
}
