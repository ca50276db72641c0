// One linked channel of the loopback server: bytes to frames to messages to its reducer, effects to bytes and timers. It decides
// nothing; what the client may and may not do is the reducer's.

import type { ChannelTypeNumber } from '../protocol/constants.ts';
import { createFrameSplitter, push, type FrameSplitter } from '../protocol/frame-splitter.ts';
import { parseMessage, serializeMessage, type Header, type MessageKind } from '../protocol/message.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { ServerChannel, ServerEffect, ServerInput } from './channels/server-channel.ts';
import type { Cancel, LoopbackConnection, LoopbackHost } from './loopback-host.ts';

/** A channel whose state and messages its shell does not look into. */
export type AnyServerChannel = ServerChannel<ChannelTypeNumber, unknown>;

/** The real server's buffers are small; nobody sends more to it. */
const clientBodyBytesMax = 1024 * 1024;

export interface ChannelRunEvents {
  violated(rule: string): void;
  sessionEnded(why: string): void;
}

export class ChannelRun {
  readonly type: ChannelTypeNumber;
  readonly connection: LoopbackConnection;
  readonly #host: LoopbackHost;
  readonly #channel: AnyServerChannel;
  readonly #events: ChannelRunEvents;
  readonly #splitter: FrameSplitter;
  readonly #timers = new Map<string, Cancel>();
  #fullHeaderSerial: number | null;
  #state: unknown;
  #stopped = false;
  #bytesSent = 0;
  #messagesSent = 0;
  #messagesReceived = 0;

  constructor(host: LoopbackHost, channel: AnyServerChannel, connection: LoopbackConnection, miniHeader: boolean, events: ChannelRunEvents) {
    this.type = channel.type;
    this.connection = connection;
    this.#host = host;
    this.#channel = channel;
    this.#events = events;
    this.#splitter = createFrameSplitter({ header: miniHeader ? 'mini' : 'full', bodyBytesMax: clientBodyBytesMax });
    this.#fullHeaderSerial = miniHeader ? null : 0;
    this.#state = channel.initial();
  }

  start(): void {
    this.#step({ kind: 'linked', nowMs: this.#nowMs() });
  }

  received(bytes: Uint8Array): void {
    if (this.#stopped) return;
    try {
      for (const frame of push(this.#splitter, bytes)) {
        this.#messagesReceived += 1;
        this.#step({ kind: 'message', message: parseMessage(this.type, 'client', frame), nowMs: this.#nowMs() });
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#events.violated(`framing:${error.code}`);
      this.connection.end();
    }
  }

  /** No timer runs after it, nothing is sent. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  observe(): Readonly<Record<string, unknown>> {
    return { messagesSent: this.#messagesSent, messagesReceived: this.#messagesReceived, bytesSent: this.#bytesSent, ...this.#channel.observe(this.#state) };
  }

  #nowMs(): number {
    return this.#host.clock.monotonicMs();
  }

  #step(input: ServerInput<ChannelTypeNumber>): void {
    if (this.#stopped) return;
    const step = this.#channel.step(this.#state, input);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ServerEffect): void {
    if (this.#stopped) return;
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.name, effect.value);
      case 'timer':
        this.#timers.get(effect.name)?.();
        this.#timers.set(effect.name, this.#host.timers.after(effect.ms, () => this.#step({ kind: 'timer', name: effect.name, nowMs: this.#nowMs() })));
        return;
      case 'violation':
        return this.#events.violated(effect.rule);
      case 'endSession':
        return this.#events.sessionEnded(effect.why);
    }
  }

  #send(name: string, value: unknown): void {
    const header: Header = this.#fullHeaderSerial === null ? { header: 'mini' } : { header: 'full', serial: ++this.#fullHeaderSerial };
    // Name and value were checked against each other where the effect was made.
    const bytes = serializeMessage(this.type, 'server', name as MessageKind<ChannelTypeNumber, 'server'>, value as never, header);
    this.#messagesSent += 1;
    this.#bytesSent += bytes.length;
    this.connection.write(bytes);
  }
}
