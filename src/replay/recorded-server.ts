// The server of one recorded connection, as its channel's socket: it says what was recorded when it is told to, and takes whatever the
// channel writes without looking at it. No network, no time of its own.

import { generateKeyPairSync } from 'node:crypto';
import { CommonCapability } from '../protocol/constants.ts';
import { LinkErrorCode } from '../protocol/link-error.ts';
import { linkHeaderBytes, readLinkReply, writeLinkReply, writeU32, type LinkAnswer } from '../protocol/link-codec.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { SocketCloseKind, SocketEvents, StreamSocket, Timers } from '../actors/kernel/host.ts';
import type { HeaderKind } from '../capture/tap.ts';

export class RecordedServer implements StreamSocket {
  readonly queuedBytes = 0;
  readonly #timers: Timers;
  readonly #events: SocketEvents;
  #isOver = false;

  constructor(timers: Timers, events: SocketEvents) {
    this.#timers = timers;
    this.#events = events;
    timers.soon(() => {
      if (!this.#isOver) events.connected();
    });
  }

  /** The channel has closed it, or has been told that it is closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  say(bytes: Uint8Array): void {
    if (!this.#isOver) this.#events.chunk(bytes);
  }

  /** The server closes the connection. */
  close(): void {
    this.#over('fin');
  }

  write(): void {
    // What the client says was said once already; the recorded answers do not depend on it.
  }

  end(): void {
    this.#timers.soon(() => this.#over('local'));
  }

  destroy(): void {
    this.#timers.soon(() => this.#over('local'));
  }

  #over(kind: SocketCloseKind): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.closed({ kind, message: 'the recording goes no further', code: null });
  }
}

const NO_WORDS: LinkAnswer = { error: LinkErrorCode.ok, publicKeyDer: new Uint8Array(0), commonCaps: [0], channelCaps: [] };

/** What the server said in its link reply; null when it is no reply, or one that leads to no link. */
export function recordedAnswer(reply: Uint8Array): LinkAnswer | null {
  try {
    const answer = readLinkReply(reply.subarray(linkHeaderBytes));
    return answer.error === LinkErrorCode.ok ? answer : null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/**
 * The two parts of a link exchange that a server says, with a key of our own: the recorded one is nobody's here.
 * @param answer what was recorded; null = the exchange is not in the recording
 * @param header which headers the recorded messages have
 */
export function linkWords(answer: LinkAnswer | null, header: HeaderKind, publicKeyDer: Uint8Array): readonly Uint8Array[] {
  const { channelCaps, commonCaps } = answer ?? NO_WORDS;
  const bits = (1 << CommonCapability.protocolAuthSelection) | (1 << CommonCapability.authSpice);
  const mini = 1 << CommonCapability.miniHeader;
  const first = (((commonCaps[0] ?? 0) | bits) & ~mini) | (header === 'mini' ? mini : 0);
  return [writeLinkReply({ error: LinkErrorCode.ok, publicKeyDer, channelCaps, commonCaps: [first >>> 0, ...commonCaps.slice(1)] }), writeU32(LinkErrorCode.ok)];
}

/** 1024 bits: the link reply has room for exactly that. */
export function createReplayKey(): Uint8Array {
  return new Uint8Array(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }));
}
