// A SPICE server as small as it can be: one connection is a link by the server's own reducer, then frames both ways. It draws
// nothing, decides nothing, and knows no socket: whoever has one feeds it bytes. What it says is the test's script.
import { constants, generateKeyPairSync, privateDecrypt, type KeyObject } from 'node:crypto';
import { beginServerLink, stepServerLink, type ServerLinkEffect, type ServerLinkInput, type ServerLinkState } from '#app/protocol/link-acceptance.js';
import type { LinkRequest } from '#app/protocol/link-codec.js';
import { LinkErrorCode } from '#app/protocol/link-error.js';
import type { ChannelTypeNumber } from '#app/protocol/constants.js';
import { createFrameSplitter, push, type FrameSplitter } from '#app/protocol/frame-splitter.js';
import { parseMessage, serializeMessage, type Header, type Message, type MessageKind, type MessageValue } from '#app/protocol/message.js';

const BODY_BYTES_MAX = 1024 * 1024;
const TICKET_BYTES = 128;

/** Whatever a client may send, on whichever channel. */
export type ClientMessage = { [C in ChannelTypeNumber]: Message<C, 'client'> }[ChannelTypeNumber];

export interface RawScript {
  /** Tickets that are not this are refused; by default any is taken. */
  readonly password?: string;
  /** The link reply's error; 0 by default. */
  readonly refuse?: (request: LinkRequest) => number;
  /** Common capability words; by default selector, tickets and mini headers. */
  readonly commonCaps?: readonly number[];
  /** Called in the same turn in which the link result is sent. */
  readonly linked?: (peer: RawPeer) => void;
  readonly message?: (peer: RawPeer, message: ClientMessage) => void;
  /** The client has closed, or its connection is gone. */
  readonly closed?: (peer: RawPeer) => void;
  /** Holds the link result back until `peer.sendResult()`. */
  readonly holdResult?: boolean;
}

/** What the connection's owner does for it. */
export interface RawWire {
  write(bytes: Uint8Array): void;
  /** After what was written. */
  end(): void;
}

// One pair for all tests: making one takes longer than most of them.
let keys: { readonly publicKeyDer: Uint8Array; readonly privateKey: KeyObject } | null = null;

function serverKeys(): { readonly publicKeyDer: Uint8Array; readonly privateKey: KeyObject } {
  if (keys !== null) return keys;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: TICKET_BYTES * 8 });
  keys = { publicKeyDer: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })), privateKey };
  return keys;
}

/** One client's connection, as the server sees it. */
export class RawPeer {
  readonly #script: RawScript;
  readonly #wire: RawWire;
  readonly received: ClientMessage[] = [];
  /** Whether the client has closed, and after how many messages. */
  closedAfter: number | null = null;
  request: LinkRequest | null = null;
  linked = false;
  #link: ServerLinkState = beginServerLink();
  #splitter: FrameSplitter | null = null;
  #serial: number | null = null;
  #heldResult: number | null = null;

  constructor(script: RawScript, wire: RawWire) {
    this.#script = script;
    this.#wire = wire;
  }

  get channel(): string {
    return `${this.request?.channelType}/${this.request?.channelId}`;
  }

  /** Names of what the client sent. */
  get kinds(): string[] {
    return this.received.map(({ kind }) => kind);
  }

  /** One message of this channel. */
  send<C extends ChannelTypeNumber, K extends MessageKind<C, 'server'>>(type: C, kind: K, value: MessageValue<C, 'server', K>): void {
    this.#wire.write(this.bytesOf(type, kind, value));
  }

  bytesOf<C extends ChannelTypeNumber, K extends MessageKind<C, 'server'>>(type: C, kind: K, value: MessageValue<C, 'server', K>): Uint8Array {
    const header: Header = this.#serial === null ? { header: 'mini' } : { header: 'full', serial: ++this.#serial };
    return serializeMessage(type, 'server', kind, value, header);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#wire.write(bytes);
  }

  sendResult(): void {
    if (this.#heldResult === null) throw new Error('there is no link result to send yet');
    this.#step({ kind: 'ticketChecked', code: this.#heldResult });
  }

  get resultHeld(): boolean {
    return this.#heldResult !== null && !this.linked;
  }

  end(): void {
    this.#wire.end();
  }

  /** Bytes from the client. */
  feed(bytes: Uint8Array): void {
    if (this.linked) this.#messages(bytes);
    else this.#step({ kind: 'bytes', bytes });
  }

  clientClosed(): void {
    if (this.closedAfter !== null) return;
    this.closedAfter = this.received.length;
    this.#script.closed?.(this);
  }

  #step(input: ServerLinkInput): void {
    const step = stepServerLink(this.#link, input);
    this.#link = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ServerLinkEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#wire.write(effect.bytes);
        return;
      case 'requested':
        this.request = effect.request;
        this.#step({
          kind: 'answered',
          error: this.#script.refuse?.(effect.request) ?? LinkErrorCode.ok,
          publicKeyDer: serverKeys().publicKeyDer,
          commonCaps: this.#script.commonCaps ?? [0b1011],
          channelCaps: [],
        });
        return;
      case 'checkTicket': {
        const code = this.#isTicket(effect.encrypted) ? LinkErrorCode.ok : LinkErrorCode.permissionDenied;
        this.#heldResult = code;
        if (this.#script.holdResult !== true) this.sendResult();
        return;
      }
      case 'linked':
        this.linked = true;
        this.#serial = effect.miniHeader ? null : 0;
        this.#splitter = createFrameSplitter({ header: effect.miniHeader ? 'mini' : 'full', bodyBytesMax: BODY_BYTES_MAX });
        this.#script.linked?.(this);
        if (effect.rest.length > 0) this.#messages(effect.rest);
        return;
      case 'failed':
        this.#wire.end();
        return;
    }
  }

  #isTicket(encrypted: Uint8Array): boolean {
    const key = { key: serverKeys().privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
    const ticket = privateDecrypt(key, encrypted).toString('utf8');
    return this.#script.password === undefined || ticket === `${this.#script.password}\0`;
  }

  #messages(bytes: Uint8Array): void {
    if (this.#splitter === null || this.request === null) return;
    // The request's type is whatever the client sent; the tests' clients send types that exist.
    const type = this.request.channelType as ChannelTypeNumber;
    for (const frame of push(this.#splitter, bytes)) {
      const message = parseMessage(type, 'client', { type: frame.type, body: frame.body.slice() }) as ClientMessage;
      this.received.push(message);
      this.#script.message?.(this, message);
    }
  }
}
