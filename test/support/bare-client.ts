// A SPICE client as small as can be, from src/protocol's wire code alone: it links one channel, answers what it is told to answer, and
// keeps every message. It counts ACKs by itself and in spice-gtk's way (SET_ACK not counted), so that the server is not only proven
// against the product's client. How bytes travel is handed in.
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import type { LoopbackConnection, LoopbackConnectionEvents } from '#app/loopback/loopback-host.js';
import { clientCommonCapabilities, type ChannelTypeNumber } from '#app/protocol/constants.js';
import { createFrameSplitter, push, type FrameSplitter } from '#app/protocol/frame-splitter.js';
import type { LinkError } from '#app/protocol/link-error.js';
import { beginClientLink, stepClientLink, type ClientLinkEffect, type ClientLinkState } from '#app/protocol/link-handshake.js';
import { parseMessage, serializeMessage, type Message, type MessageKind, type MessageValue } from '#app/protocol/message.js';

export type Dial = (events: LoopbackConnectionEvents) => Pick<LoopbackConnection, 'write' | 'end' | 'destroy'>;

export interface BareOptions {
  readonly password?: string;
  readonly connectionId?: number;
  readonly channelId?: number;
  readonly channelCaps?: readonly number[];
  readonly miniHeader?: boolean;
  readonly answersPings?: boolean;
  readonly answersAcks?: boolean;
  /** Whether PINGs count for the ACK window, as they must. */
  readonly countsPings?: boolean;
}

interface Received<C extends ChannelTypeNumber, K extends MessageKind<C, 'server'>> {
  readonly kind: K;
  readonly value: MessageValue<C, 'server', K>;
}

export class BareClient<C extends ChannelTypeNumber> {
  readonly type: C;
  readonly messages: Message<C, 'server'>[] = [];
  /** Why there is no link; null while there may be one. */
  refused: LinkError | null = null;
  linked = false;
  closed = false;
  /** The server's capability words. */
  channelCaps: readonly number[] = [];
  readonly #options: BareOptions;
  readonly #connection: Pick<LoopbackConnection, 'write' | 'end' | 'destroy'>;
  #link: ClientLinkState;
  #splitter: FrameSplitter | null = null;
  #miniHeader = true;
  #sent = 0;
  #window = 0;
  #left = 0;

  constructor(type: C, dial: Dial, options: BareOptions = {}) {
    this.type = type;
    this.#options = options;
    const { connectionId = 0, channelId = 0, channelCaps = [], password = '', miniHeader = true } = options;
    const commonCaps = miniHeader ? clientCommonCapabilities : [0b0011];
    const begun = beginClientLink({ connectionId, channelType: type, channelId, commonCaps, channelCaps, password });
    this.#link = begun.state;
    this.#connection = dial({ received: (bytes) => this.#received(bytes), drained: () => undefined, closed: () => { this.closed = true; } });
    this.#perform(begun.effects);
  }

  send<K extends MessageKind<C, 'client'>>(kind: K, value: MessageValue<C, 'client', K>): void {
    this.#sent += 1;
    this.write(serializeMessage(this.type, 'client', kind, value, this.#miniHeader ? { header: 'mini' } : { header: 'full', serial: this.#sent }));
  }

  write(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  close(): void {
    this.#connection.destroy();
  }

  all<K extends MessageKind<C, 'server'>>(kind: K): Received<C, K>[] {
    // A message of this kind has this kind's value: both come from one catalogue entry.
    return this.messages.filter((message) => message.kind === kind) as unknown as Received<C, K>[];
  }

  /** Throws when there is none yet. */
  first<K extends MessageKind<C, 'server'>>(kind: K): Received<C, K> {
    const [found] = this.all(kind);
    if (found === undefined) throw new Error(`no ${kind} among ${this.messages.map((message) => message.kind).join(' ')}`);
    return found;
  }

  #received(bytes: Uint8Array): void {
    if (this.#splitter === null) {
      const next = stepClientLink(this.#link, { kind: 'bytes', bytes });
      this.#link = next.state;
      return this.#perform(next.effects);
    }
    for (const frame of push(this.#splitter, bytes)) this.#take(parseMessage(this.type, 'server', frame));
  }

  #perform(effects: readonly ClientLinkEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.write(effect.bytes);
          break;
        case 'encryptTicket': {
          const key = createPublicKey({ key: Buffer.from(effect.publicKeyDer), format: 'der', type: 'spki' });
          const encrypted = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(`${effect.password}\0`));
          const next = stepClientLink(this.#link, { kind: 'ticketEncrypted', encrypted });
          this.#link = next.state;
          this.#perform(next.effects);
          break;
        }
        case 'linked':
          this.linked = true;
          this.channelCaps = effect.channelCaps;
          this.#miniHeader = effect.miniHeader;
          this.#splitter = createFrameSplitter({ header: effect.miniHeader ? 'mini' : 'full', bodyBytesMax: 1 << 26 });
          if (effect.rest.byteLength > 0) this.#received(effect.rest);
          break;
        case 'failed':
          this.refused = effect.error;
      }
    }
  }

  #take(message: Message<C, 'server'>): void {
    this.messages.push(message);
    // Base messages are the same on every channel; the union over all channels hides that from the compiler.
    const base = message as Message<1, 'server'>;
    const { answersPings = true, answersAcks = true, countsPings = true } = this.#options;
    const answer = this as unknown as BareClient<1>;
    if (base.kind === 'setAck' && answersAcks) {
      answer.send('ackSync', { generation: base.value.generation });
      this.#window = base.value.window;
      this.#left = base.value.window;
      return;
    }
    if (this.#window > 0 && (countsPings || base.kind !== 'ping')) {
      this.#left -= 1;
      if (this.#left === 0) {
        this.#left = this.#window;
        answer.send('ack', {});
      }
    }
    if (base.kind === 'ping' && answersPings) answer.send('pong', { id: base.value.id, timestamp: base.value.timestamp });
  }
}
