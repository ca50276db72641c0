// One linked channel of the loopback server: bytes to frames to messages to its reducer, effects to bytes and timers. What every
// channel owes is kept here with pure parts: the ACK window, PINGs, the connectivity check. It decides nothing else.

import { channelName, type ChannelTypeNumber } from '../protocol/constants.ts';
import { createFrameSplitter, push, type FrameSplitter } from '../protocol/frame-splitter.ts';
import { parseMessage, serializeMessage, type Header, type Message, type MessageKind } from '../protocol/message.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { isBlocked, noWindow, offerMessage, owesAck, takeAck, takeAckSync, type AckStep, type AckWindow } from './ack-window.ts';
import { refusal, violation, type ClientMessage, type ServerChannel, type ServerEffect, type ServerInput, type SessionNote } from './channels/server-channel.ts';
import { isUnresponsive, type Activity } from './connectivity-check.ts';
import type { Cancel, LoopbackConnection, LoopbackHost } from './loopback-host.ts';
import { rawMessage } from './spoiled-bytes.ts';
import { emptyLedger, latencyMs, outstandingPingsMax, pinged, ponged, type PingLedger } from './ping-ledger.ts';

/** A channel whose state and messages its shell does not look into. */
export type AnyServerChannel = ServerChannel<ChannelTypeNumber, unknown>;

/** The real server's buffers are small; nobody sends more to it. */
const clientBodyBytesMax = 1024 * 1024;
/** What may lie unread on its way to the client: with less than this there is room for another picture. */
const roomBytes = 1024 * 1024;
/** A client that leaves this much unread is not coming back. */
const queuedBytesMax = 64 * 1024 * 1024;

export interface ChannelRunOptions {
  /** The instance of its type. */
  readonly id: number;
  readonly miniHeader: boolean;
  readonly channelCaps: readonly number[];
  /** Null = never. */
  readonly pingEveryMs: number | null;
  /** How often the connectivity check looks; null = never. */
  readonly checkEveryMs: number | null;
}

export interface ChannelRunEvents {
  violated(rule: string): void;
  tell(note: SessionNote): void;
  sessionEnded(why: string): void;
}

/** Whatever a client may send, on whichever channel. */
type AnyClientMessage = { [C in ChannelTypeNumber]: Message<C, 'client'> }[ChannelTypeNumber];

/** A message of the catalogue, or one that need not be any. */
type Outgoing = { readonly name: string; readonly value: unknown } | RawOutgoing;

interface RawOutgoing {
  readonly name: null;
  readonly type: number;
  readonly body: Uint8Array;
}

export class ChannelRun {
  readonly type: ChannelTypeNumber;
  readonly id: number;
  readonly connection: LoopbackConnection;
  readonly #host: LoopbackHost;
  readonly #channel: AnyServerChannel;
  readonly #options: ChannelRunOptions;
  readonly #events: ChannelRunEvents;
  readonly #splitter: FrameSplitter;
  readonly #timers = new Map<string, Cancel>();
  #state: unknown;
  #window: AckWindow<Outgoing> = noWindow;
  #pings: PingLedger = emptyLedger;
  #activity: Activity | null = null;
  #wantsRoom = false;
  #stopped = false;
  #pingsStopped = false;
  readonly #counts = { messagesSent: 0, messagesReceived: 0, bytesSent: 0, bytesReceived: 0, pingsSent: 0 };

  constructor(host: LoopbackHost, channel: AnyServerChannel, connection: LoopbackConnection, options: ChannelRunOptions, events: ChannelRunEvents) {
    this.type = channel.type;
    this.id = options.id;
    this.connection = connection;
    this.#host = host;
    this.#channel = channel;
    this.#options = options;
    this.#events = events;
    this.#splitter = createFrameSplitter({ header: options.miniHeader ? 'mini' : 'full', bodyBytesMax: clientBodyBytesMax });
    this.#state = channel.initial();
  }

  start(): void {
    if (this.#stopped) return;
    const { channelCaps, pingEveryMs, checkEveryMs } = this.#options;
    const { secure, local } = this.connection;
    this.#step({ kind: 'linked', nowMs: this.#nowMs(), channelCaps, secure, local });
    if (pingEveryMs !== null) this.#every('ping', pingEveryMs, () => this.#pingIfIdle());
    if (checkEveryMs !== null) this.#every('check', checkEveryMs, () => this.#check(checkEveryMs));
  }

  received(bytes: Uint8Array): void {
    if (this.#stopped) return;
    this.#counts.bytesReceived += bytes.byteLength;
    try {
      for (const frame of push(this.#splitter, bytes)) {
        this.#counts.messagesReceived += 1;
        // A type parameter that is a union keeps only what all its members share; the message is one of this channel's all the same.
        this.#take(parseMessage(this.type, 'client', frame) as AnyClientMessage);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#perform(refusal(`framing-${error.code}`));
    }
    this.#giveRoom();
  }

  drained(): void {
    this.#giveRoom();
  }

  told(note: SessionNote): void {
    this.#step({ kind: 'told', note, nowMs: this.#nowMs() });
  }

  /** For tests: no PING from now on. */
  stopPings(): void {
    this.#pingsStopped = true;
  }

  /** For tests: a message that the channel would never send. It counts for the ACK window as any other. */
  sendRaw(type: number, body: Uint8Array): void {
    this.#flow(offerMessage(this.#window, { message: { name: null, type, body }, setAck: null }));
  }

  /** No timer runs after it, nothing is sent. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  observe(): Readonly<Record<string, unknown>> {
    const { acks, window, waiting } = this.#window;
    const { pongs, unaskedPongs, outstanding } = this.#pings;
    return {
      ...this.#counts,
      ackWindow: window,
      acksReceived: acks,
      waiting: waiting.length,
      pongsReceived: pongs,
      unaskedPongs,
      pingsOutstanding: outstanding.length,
      pongMs: { median: latencyMs(this.#pings, 0.5), p99: latencyMs(this.#pings, 0.99), max: latencyMs(this.#pings, 1) },
      ...this.#channel.observe(this.#state),
    };
  }

  #nowMs(): number {
    return this.#host.clock.monotonicMs();
  }

  #take(message: AnyClientMessage): void {
    switch (message.kind) {
      case 'ackSync':
        return this.#flow(takeAckSync(this.#window, message.value.generation));
      case 'ack':
        return this.#flow(takeAck(this.#window));
      case 'pong':
        return this.#takePong(message.value);
      case 'disconnecting':
        return; // the close follows
      case 'migrateFlushMark':
      case 'migrateData':
        return this.#perform(refusal(`unasked-${message.kind}`));
      case 'unknown':
      case 'malformed':
        return this.#perform(refusal(`${message.kind}-${message.type}`));
      default:
        // Everything else is one of the channel's own messages: it was parsed by this channel's table.
        this.#step({ kind: 'message', message: message as ClientMessage<ChannelTypeNumber>, nowMs: this.#nowMs() });
    }
  }

  #takePong(pong: { readonly id: number; readonly timestamp: bigint }): void {
    const { ledger, ping, violation: rule } = ponged(this.#pings, pong, this.#nowMs());
    this.#pings = ledger;
    if (rule !== null) this.#perform(violation(rule));
    if (ping !== null && ping.generation === this.#window.generation && owesAck(this.#window, ping.ordinal)) this.#perform(violation('ack-missing'));
  }

  #step(input: ServerInput<ChannelTypeNumber>): void {
    if (this.#stopped) return;
    const step = this.#channel.step(this.#state, input);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    this.#giveRoom();
  }

  #perform(effect: ServerEffect): void {
    if (this.#stopped) return;
    switch (effect.kind) {
      case 'send':
        return this.#offer(effect);
      case 'ping':
        return this.#ping(effect.paddingBytes);
      case 'timer':
        return this.#after(effect.name, effect.ms, () => this.#step({ kind: 'timer', name: effect.name, nowMs: this.#nowMs(), room: this.#hasRoom() }));
      case 'whenRoom':
        this.#wantsRoom = true;
        return;
      case 'tell':
        return this.#events.tell(effect.note);
      case 'violation':
        this.#events.violated(`${channelName(this.type)}:${effect.rule}`);
        if (effect.close) this.#close();
    }
  }

  #close(): void {
    this.stop();
    this.connection.end();
  }

  #after(name: string, ms: number, run: () => void): void {
    this.#timers.get(name)?.();
    this.#timers.set(name, this.#host.timers.after(ms, run));
  }

  #every(name: string, ms: number, run: () => void): void {
    const again = (): void => {
      run();
      if (!this.#stopped) this.#after(`every ${name}`, ms, again);
    };
    this.#after(`every ${name}`, ms, again);
  }

  #hasRoom(): boolean {
    return this.#window.waiting.length === 0 && !isBlocked(this.#window) && this.connection.queuedBytes < roomBytes;
  }

  #giveRoom(): void {
    if (!this.#wantsRoom || this.#stopped || !this.#hasRoom()) return;
    this.#wantsRoom = false;
    // In a turn of its own, so that a client that takes everything at once does not keep the others from their turns.
    const cancel = this.#host.timers.soon(() => this.#step({ kind: 'room', nowMs: this.#nowMs() }));
    this.#timers.set('room', cancel);
  }

  /** As the real server: only while nothing else is on its way. */
  #pingIfIdle(): void {
    const idle = this.#window.waiting.length === 0 && this.connection.queuedBytes === 0;
    if (idle && this.#pings.outstanding.length < outstandingPingsMax) this.#ping(0);
  }

  #ping(paddingBytes: number): void {
    if (this.#pingsStopped) return;
    const nowMs = this.#nowMs();
    const timestamp = BigInt(Math.round(nowMs * 1e6));
    const { generation, sent, waiting } = this.#window;
    const { ledger, id } = pinged(this.#pings, { timestamp, sentMs: nowMs, generation, ordinal: sent + waiting.length + 1 });
    this.#pings = ledger;
    this.#counts.pingsSent += 1;
    this.#offer({ name: 'ping', value: { id, timestamp, padding: new Uint8Array(paddingBytes) } });
  }

  #check(everyMs: number): void {
    const now: Activity = {
      bytesIn: this.#counts.bytesReceived,
      bytesOut: this.#counts.bytesSent - this.connection.queuedBytes,
      blocked: isBlocked(this.#window) || this.connection.queuedBytes > 0,
      waitsForPong: this.#pings.outstanding.length > 0,
    };
    const last = this.#activity;
    this.#activity = now;
    if (last !== null && isUnresponsive(last, now)) this.#events.sessionEnded(`unresponsive for more than ${everyMs} ms`);
  }

  #offer({ name, value }: { readonly name: string; readonly value: unknown }): void {
    // The value was checked against its name where the effect was made.
    const setAck = name === 'setAck' ? (value as { readonly generation: number; readonly window: number }) : null;
    this.#flow(offerMessage(this.#window, { message: { name, value }, setAck }));
  }

  #flow({ state, send, violation: rule }: AckStep<Outgoing>): void {
    this.#window = state;
    for (const outgoing of send) this.#write(outgoing);
    if (rule !== null) this.#perform(violation(rule));
  }

  #write(outgoing: Outgoing): void {
    if (this.#stopped) return;
    const bytes = this.#bytesOf(outgoing);
    this.#counts.messagesSent += 1;
    this.#counts.bytesSent += bytes.byteLength;
    this.connection.write(bytes);
    if (this.connection.queuedBytes <= queuedBytesMax) return;
    this.#events.violated(`${channelName(this.type)}:not-reading`);
    this.stop();
    this.connection.destroy();
  }

  #bytesOf(outgoing: Outgoing): Uint8Array {
    const serial = this.#options.miniHeader ? null : this.#counts.messagesSent + 1;
    if (outgoing.name === null) return rawMessage(outgoing.type, outgoing.body, serial);
    const header: Header = serial === null ? { header: 'mini' } : { header: 'full', serial };
    // Name and value were checked against each other where the effect was made.
    return serializeMessage(this.type, 'server', outgoing.name as MessageKind<ChannelTypeNumber, 'server'>, outgoing.value as never, header);
  }
}
