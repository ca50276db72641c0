// Control client: the shell around one client's session: bytes to lines, lines and events to its reducer, its effects to its stream. It
// takes no more from a client than that client reads, and decides nothing itself.

import { initialClient, stepClient, takesRequests, type ClientInput, type ClientState } from '../control/client-session.ts';
import { createLineSplitter, pushBytes, takeLine, type LineSplitter } from '../control/line-splitter.ts';
import type { ControlEvent } from '../control/control-event.ts';
import type { RequestId } from '../control/request.ts';
import type { SessionCommand } from '../control/session-command.ts';
import type { SessionFacts } from '../control/session-facts.ts';
import type { ControlStream } from './control-listener.ts';
import type { Cancel, Timers } from './kernel/host.ts';

/** How long a client that ended, or is told to go, has to read what waits for it, in milliseconds. */
const lastWordsMs = 5_000;

export interface ControlClientParts {
  readonly stream: ControlStream;
  readonly timers: Timers;
  facts(): SessionFacts;
  /** Whether the session took the command. */
  command(command: SessionCommand): boolean;
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

  constructor(parts: ControlClientParts) {
    this.#parts = parts;
  }

  get state(): ClientState {
    return this.#state;
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

  /** The session is over: what waits is written, then the connection ends. */
  end(): void {
    this.#step({ kind: 'ended' });
    this.#limitLastWords();
  }

  /** The stream is gone, or is not wanted any more. */
  drop(): void {
    this.#lastWords?.();
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
        if (this.#inputEnded) this.end();
        break;
      }
      this.#step(line.kind === 'tooLong' ? { kind: 'lineRefused', reason: 'tooLong' } : this.#request(line.bytes));
    }
    this.#pumping = false;
    this.#setReading(takesRequests(this.#state));
  }

  #request(bytes: Uint8Array): ClientInput {
    try {
      return { kind: 'requestReceived', text: utf8.decode(bytes), facts: this.#parts.facts() };
    } catch {
      return { kind: 'lineRefused', reason: 'notUtf8' };
    }
  }

  #step(input: ClientInput): void {
    const step = stepClient(this.#state, input);
    this.#state = step.state;
    // Before the reply to a subscription is out, so that what happens after it is not missed.
    this.#parts.changed();
    for (const effect of step.effects) {
      switch (effect.kind) {
        case 'write':
          this.#parts.stream.write(effect.text, () => {
            this.#step({ kind: 'written' });
            this.#pump();
          });
          break;
        case 'command':
          this.#perform(effect.id, effect.command);
          break;
        case 'close':
          this.#close();
          break;
      }
    }
  }

  #perform(id: RequestId, command: SessionCommand): void {
    this.#step({ kind: 'commandAnswered', id, accepted: this.#parts.command(command) });
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
