// Channel connection: the socket of one channel and the link reducer that brings it up: dial, TLS, handshake, ticket, deadlines.
// It decides nothing about SPICE; `protocol/channel-link.ts` does. Once linked, it only passes bytes both ways.

import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { initialLink, stepLink, type ChannelLinkState, type LinkEffect, type LinkFailure, type LinkInput, type LinkOptions } from '../protocol/channel-link.ts';
import type { ConnectionLoss, LinkPhase } from '../protocol/events.ts';
import type { ChannelEndpoints } from './channel-args.ts';
import type { Cancel, Host, StreamSocket } from './kernel/host.ts';

/** Bytes that may wait for a server that does not read. A client's messages are small: past this the server is not there. */
const sendQueueBytesMax = 8 * 1024 * 1024;

export interface ConnectionEvents {
  phase(phase: LinkPhase, secure: boolean): void;
  /** The peer proved to be the one with this certificate: its SHA-256 fingerprint. */
  certified(certificate: string): void;
  /** A line of TLS's key log; absent = nobody wants it. */
  keyLogged?(line: string): void;
  /** Bytes of the link exchange, for the capture. Valid during the call. */
  exchanged(direction: 'sent' | 'received', bytes: Uint8Array): void;
  linked(link: { readonly channelCapabilities: readonly number[]; readonly miniHeader: boolean }): void;
  /** Bytes of the message stream. Valid during the call. */
  received(bytes: Uint8Array): void;
  /** The link did not come about. Nothing follows. */
  failed(failure: LinkFailure): void;
  /** The linked connection ended. Nothing follows. */
  lost(cause: ConnectionLoss): void;
}

export class ChannelConnection {
  readonly #host: Host;
  readonly #endpoints: ChannelEndpoints;
  readonly #events: ConnectionEvents;
  #link: ChannelLinkState;
  #socket: StreamSocket | null = null;
  #cancelDeadline: Cancel | null = null;
  #ending = false;
  #over = false;

  constructor(host: Host, endpoints: ChannelEndpoints, options: LinkOptions, events: ConnectionEvents) {
    this.#host = host;
    this.#endpoints = endpoints;
    this.#events = events;
    this.#link = initialLink(options);
  }

  get linked(): boolean {
    return this.#link.phase === 'linked' && !this.#over;
  }

  /** Linked, and this side has not begun to close. */
  get writable(): boolean {
    return this.linked && !this.#ending;
  }

  start(): void {
    this.#step({ kind: 'start' });
  }

  /** Writes bytes of the message stream, while `writable`. A server that takes nothing is a lost connection, not a growing queue. */
  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === null || !this.writable) return;
    socket.write(bytes);
    if (socket.queuedBytes <= sendQueueBytesMax) return;
    this.#finish();
    this.#events.lost({ kind: 'timeout', message: `the server took none of ${socket.queuedBytes} bytes sent to it`, code: null });
  }

  /** Sends what is queued and closes; `lost` follows when the server has closed too. */
  end(): void {
    this.#ending = true;
    this.#socket?.end();
  }

  /** Closes at once; no event follows. */
  destroy(): void {
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#cancelDeadline?.();
    this.#cancelDeadline = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  #step(input: LinkInput): void {
    if (this.#over) return;
    const step = stepLink(this.#link, input);
    this.#link = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: LinkEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#dial(effect.secure);
        return;
      case 'write':
        this.#events.exchanged('sent', effect.bytes);
        this.#socket?.write(effect.bytes);
        return;
      case 'encryptTicket':
        this.#encryptTicket(effect.publicKeyDer, effect.password);
        return;
      case 'setDeadline':
        this.#cancelDeadline?.();
        this.#cancelDeadline = this.#host.timers.after(effect.ms, () => this.#late(effect.ms));
        return;
      case 'phase':
        this.#events.phase(effect.phase, effect.secure);
        return;
      case 'linked':
        this.#cancelDeadline?.();
        this.#cancelDeadline = null;
        this.#events.linked({ channelCapabilities: effect.channelCapabilities, miniHeader: effect.miniHeader });
        if (effect.rest.length > 0) this.#events.received(effect.rest);
        return;
      case 'failed':
        this.#finish();
        this.#events.failed(effect.failure);
        return;
    }
  }

  /** A deadline has passed. Whose silence it was, only the socket knows: a proxy's is not the server's. */
  #late(waitedMs: number): void {
    const waited = `within ${waitedMs / 1000} s`;
    switch (this.#link.phase === 'dialing' ? this.#socket?.waitsFor : 'server') {
      case 'proxy':
        return this.#step({ kind: 'closed', cause: { kind: 'proxyUnreached', message: `no answer ${waited}`, code: null } });
      case 'proxyReply':
        return this.#step({ kind: 'closed', cause: { kind: 'proxyFailed', message: `the proxy did not say ${waited} whether it reached the server`, code: null } });
      case 'server':
      case undefined:
        return this.#step({ kind: 'deadline' });
    }
  }

  #dial(secure: boolean): void {
    const endpoint = secure ? this.#endpoints.secure : this.#endpoints.plain;
    this.#socket?.destroy();
    if (endpoint === null) {
      this.#step({ kind: 'closed', cause: { kind: 'unreachable', message: 'there is no such endpoint', code: null } });
      return;
    }
    // A socket that was given up for another one may still have news; only the newest is heard.
    const isCurrent = (): boolean => this.#socket === socket && !this.#over;
    const socket: StreamSocket = this.#host.dial(endpoint, {
      connected: (certificate) => {
        if (!isCurrent()) return;
        if (certificate !== undefined) this.#events.certified(certificate);
        this.#step({ kind: 'connected' });
      },
      ...(this.#events.keyLogged === undefined ? {} : { keyLogged: (line: string) => this.#events.keyLogged?.(line) }),
      chunk: (bytes) => {
        if (isCurrent()) this.#chunk(bytes);
      },
      closed: (cause) => {
        if (isCurrent()) this.#closed(cause);
      },
    });
    this.#socket = socket;
  }

  #chunk(bytes: Uint8Array): void {
    if (this.#link.phase === 'linked') {
      this.#events.received(bytes);
      return;
    }
    const step = stepLink(this.#link, { kind: 'bytes', bytes });
    this.#link = step.state;
    // What follows the link result is the message stream's, not the exchange's.
    const linked = step.effects.find((effect) => effect.kind === 'linked');
    const restBytes = linked?.kind === 'linked' ? linked.rest.length : 0;
    this.#events.exchanged('received', bytes.subarray(0, Math.max(0, bytes.length - restBytes)));
    for (const effect of step.effects) this.#perform(effect);
  }

  #closed(cause: ConnectionLoss): void {
    if (this.#link.phase === 'linked') {
      this.#finish();
      this.#events.lost(cause);
      return;
    }
    this.#step({ kind: 'closed', cause });
  }

  #encryptTicket(publicKeyDer: Uint8Array, password: string): void {
    let encrypted: Uint8Array;
    try {
      const key = createPublicKey({ key: Buffer.from(publicKeyDer), format: 'der', type: 'spki' });
      encrypted = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(`${password}\0`, 'utf8'));
    } catch (error) {
      // The key is the peer's claim: one that OpenSSL refuses is the peer's mistake.
      const message = `the server's public key cannot encrypt the ticket: ${error instanceof Error ? error.message : String(error)}`;
      this.#step({ kind: 'closed', cause: { kind: 'error', message, code: 'ticket-key' } });
      return;
    }
    this.#step({ kind: 'ticketEncrypted', encrypted });
  }
}
