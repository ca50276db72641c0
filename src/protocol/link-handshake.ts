// The client's side of the link handshake as a pure reducer: link message, reply, mechanism and ticket, result. It
// encrypts nothing and owns no socket: `encryptTicket` asks the shell, whose answer is the next input.

import { WireError } from './wire/wire-error.ts';
import { AuthMechanism, CommonCapability, hasCapability } from './constants.ts';
import { linkBytesMax } from './limits.ts';
import {
  concatBytes, linkHeaderBytes, linkMajor, linkReplyBytes, readLinkHeader, readLinkReply, readU32, startsWithMagic,
  writeLinkMessage, writeU32,
} from './link-codec.ts';
import type { Capabilities, LinkAnswer, LinkRequest } from './link-codec.ts';
import { LinkErrorCode, linkErrorName } from './link-error.ts';
import type { LinkError } from './link-error.ts';

export interface ClientLinkOptions extends LinkRequest {
  /** The ticket; empty when the server needs none, and then it is sent all the same. */
  readonly password: string;
}

export type ClientLinkState =
  | { readonly phase: 'reply'; readonly options: ClientLinkOptions; readonly received: Uint8Array }
  | { readonly phase: 'ticket'; readonly answer: LinkAnswer; readonly miniHeader: boolean; readonly selectMechanism: boolean; readonly received: Uint8Array }
  | { readonly phase: 'result'; readonly answer: LinkAnswer; readonly miniHeader: boolean; readonly received: Uint8Array }
  | { readonly phase: 'linked' }
  | { readonly phase: 'failed' };

export type ClientLinkInput =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The answer to `encryptTicket`: 128 bytes. */
  | { readonly kind: 'ticketEncrypted'; readonly encrypted: Uint8Array }
  /** The peer closed the connection. */
  | { readonly kind: 'closed' };

export type ClientLinkEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** RSA-OAEP, SHA-1 and MGF1-SHA-1, empty label, over the password in UTF-8 and one NUL. */
  | { readonly kind: 'encryptTicket'; readonly publicKeyDer: Uint8Array; readonly password: string }
  /** The server's capability words. `rest` is what came after the link result: the start of the message stream. */
  | ({ readonly kind: 'linked'; readonly miniHeader: boolean; readonly rest: Uint8Array } & Capabilities)
  | { readonly kind: 'failed'; readonly error: LinkError };

export interface ClientLinkStep {
  readonly state: ClientLinkState;
  readonly effects: readonly ClientLinkEffect[];
}

const NOTHING = new Uint8Array(0);
const RESULT_BYTES = 4;

export function beginClientLink(options: ClientLinkOptions): ClientLinkStep {
  return {
    state: { phase: 'reply', options, received: NOTHING },
    effects: [{ kind: 'send', bytes: writeLinkMessage(options) }],
  };
}

export function stepClientLink(state: ClientLinkState, input: ClientLinkInput): ClientLinkStep {
  if (state.phase === 'linked' || state.phase === 'failed') return { state, effects: [] };
  switch (input.kind) {
    case 'bytes':
      return readOn({ ...state, received: concatBytes(state.received, input.bytes) });
    case 'ticketEncrypted': {
      if (state.phase !== 'ticket') return { state, effects: [] };
      const bytes = state.selectMechanism ? concatBytes(writeU32(AuthMechanism.spice), input.encrypted) : input.encrypted.slice();
      const { answer, miniHeader, received } = state;
      const next = readResult({ phase: 'result', answer, miniHeader, received });
      return { state: next.state, effects: [{ kind: 'send', bytes }, ...next.effects] };
    }
    case 'closed':
      return fail({ kind: 'closedEarly', phase: state.phase === 'reply' ? 'link' : state.phase });
  }
}

function readOn(state: Exclude<ClientLinkState, { phase: 'linked' | 'failed' }>): ClientLinkStep {
  switch (state.phase) {
    case 'reply':
      return readReply(state);
    case 'ticket': // the server speaks next only after the ticket; what is early is kept, within reason
      return state.received.byteLength > linkBytesMax ? fail(tooMuch(state.received.byteLength)) : { state, effects: [] };
    case 'result':
      return readResult(state);
  }
}

function readReply(state: ClientLinkState & { phase: 'reply' }): ClientLinkStep {
  const { received, options } = state;
  if (!startsWithMagic(received)) return fail({ kind: 'notSpice', firstBytes: received.slice(0, linkHeaderBytes) });
  if (received.byteLength < linkHeaderBytes) return { state, effects: [] };
  const { major, minor, size } = readLinkHeader(received);
  if (major !== linkMajor) return fail({ kind: 'version', major, minor });
  if (size > linkBytesMax) return fail(tooMuch(size));
  if (size < linkReplyBytes) return fail({ kind: 'malformed', error: new WireError('truncated', 'linkReply', linkReplyBytes, size) });
  const end = linkHeaderBytes + size;
  if (received.byteLength < end) return { state, effects: [] };
  const answer = attempt(() => readLinkReply(received.subarray(linkHeaderBytes, end)));
  if (answer instanceof WireError) return fail({ kind: 'malformed', error: answer });
  if (answer.error !== LinkErrorCode.ok) {
    return fail({ kind: 'refused', code: answer.error, name: linkErrorName(answer.error), phase: 'reply' });
  }
  const both = (bit: number): boolean => hasCapability(options.commonCaps, bit) && hasCapability(answer.commonCaps, bit);
  const selectMechanism = both(CommonCapability.protocolAuthSelection);
  // A server with SASL offers it instead of tickets; older servers offer neither bit and take tickets.
  const offers = (bit: number): boolean => hasCapability(answer.commonCaps, bit);
  if (selectMechanism && offers(CommonCapability.authSasl) && !offers(CommonCapability.authSpice)) return fail({ kind: 'saslOnly' });
  return {
    state: { phase: 'ticket', answer, miniHeader: both(CommonCapability.miniHeader), selectMechanism, received: received.slice(end) },
    effects: [{ kind: 'encryptTicket', publicKeyDer: answer.publicKeyDer, password: options.password }],
  };
}

function readResult(state: ClientLinkState & { phase: 'result' }): ClientLinkStep {
  const { received, answer, miniHeader } = state;
  if (received.byteLength < RESULT_BYTES) return { state, effects: [] };
  const code = readU32(received);
  if (code !== LinkErrorCode.ok) return fail({ kind: 'refused', code, name: linkErrorName(code), phase: 'result' });
  const { commonCaps, channelCaps } = answer;
  return {
    state: { phase: 'linked' },
    effects: [{ kind: 'linked', commonCaps, channelCaps, miniHeader, rest: received.slice(RESULT_BYTES) }],
  };
}

function fail(error: LinkError): ClientLinkStep {
  return { state: { phase: 'failed' }, effects: [{ kind: 'failed', error }] };
}

function tooMuch(size: number): LinkError {
  return { kind: 'malformed', error: new WireError('oversize', 'linkHeader.size', size, linkBytesMax) };
}

function attempt<T>(read: () => T): T | WireError {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}
