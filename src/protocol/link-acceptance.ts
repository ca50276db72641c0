// The server's side of the link handshake as a pure reducer, for the embedded test server. The shell decides about the
// request and decrypts the ticket; this file knows only the order and the bytes.

import { WireError } from './wire/wire-error.ts';
import { AuthMechanism, CommonCapability, hasCapability } from './constants.ts';
import { linkBytesMax } from './limits.ts';
import {
  concatBytes, linkHeaderBytes, linkMajor, linkMessageBytes, publicKeyDerBytes, readLinkHeader, readLinkMessage, readU32,
  startsWithMagic, ticketBytes, writeLinkReply, writeU32,
} from './link-codec.ts';
import type { LinkAnswer, LinkRequest } from './link-codec.ts';
import { LinkErrorCode, linkErrorName } from './link-error.ts';
import type { LinkError } from './link-error.ts';

export type ServerLinkState =
  | { readonly phase: 'link'; readonly received: Uint8Array }
  | { readonly phase: 'deciding'; readonly request: LinkRequest; readonly received: Uint8Array }
  | { readonly phase: 'ticket'; readonly request: LinkRequest; readonly answer: LinkAnswer; readonly received: Uint8Array }
  | { readonly phase: 'checking'; readonly request: LinkRequest; readonly answer: LinkAnswer; readonly received: Uint8Array }
  | { readonly phase: 'linked' }
  | { readonly phase: 'failed' };

export type ServerLinkInput =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The answer to `requested`. With an error other than 0 the handshake ends here. */
  | ({ readonly kind: 'answered' } & LinkAnswer)
  /** The answer to `checkTicket`: the link result to send. */
  | { readonly kind: 'ticketChecked'; readonly code: number }
  | { readonly kind: 'closed' };

export type ServerLinkEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'requested'; readonly request: LinkRequest }
  /** 128 bytes of RSA-OAEP; what they hold ends with a NUL. */
  | { readonly kind: 'checkTicket'; readonly encrypted: Uint8Array }
  /** `rest` is what came after the ticket: the start of the client's message stream. */
  | { readonly kind: 'linked'; readonly request: LinkRequest; readonly miniHeader: boolean; readonly rest: Uint8Array }
  /** The refusal has been sent, if there is one to send: close. */
  | { readonly kind: 'failed'; readonly error: LinkError };

export interface ServerLinkStep {
  readonly state: ServerLinkState;
  readonly effects: readonly ServerLinkEffect[];
}

const NOTHING = new Uint8Array(0);
const SELECTOR_BYTES = 4;

export function beginServerLink(): ServerLinkState {
  return { phase: 'link', received: NOTHING };
}

export function stepServerLink(state: ServerLinkState, input: ServerLinkInput): ServerLinkStep {
  if (state.phase === 'linked' || state.phase === 'failed') return { state, effects: [] };
  switch (input.kind) {
    case 'bytes':
      return readOn({ ...state, received: concatBytes(state.received, input.bytes) });
    case 'answered': {
      if (state.phase !== 'deciding') return { state, effects: [] };
      const { error, publicKeyDer, commonCaps, channelCaps } = input;
      if (error !== LinkErrorCode.ok) return refuse(error, { kind: 'refused', code: error, name: linkErrorName(error), phase: 'reply' });
      const answer: LinkAnswer = { error, publicKeyDer, commonCaps, channelCaps };
      const next = readTicket({ phase: 'ticket', request: state.request, answer, received: state.received });
      return { state: next.state, effects: [{ kind: 'send', bytes: writeLinkReply(answer) }, ...next.effects] };
    }
    case 'ticketChecked': {
      if (state.phase !== 'checking') return { state, effects: [] };
      const { code } = input;
      const result: ServerLinkEffect = { kind: 'send', bytes: writeU32(code) };
      if (code !== LinkErrorCode.ok) {
        const failed = fail({ kind: 'refused', code, name: linkErrorName(code), phase: 'result' });
        return { state: failed.state, effects: [result, ...failed.effects] };
      }
      const { request, answer, received } = state;
      const miniHeader = bothSet(request, answer, CommonCapability.miniHeader);
      return { state: { phase: 'linked' }, effects: [result, { kind: 'linked', request, miniHeader, rest: received }] };
    }
    case 'closed':
      return fail({ kind: 'closedEarly', phase: phaseName(state.phase) });
  }
}

function readOn(state: Exclude<ServerLinkState, { phase: 'linked' | 'failed' }>): ServerLinkStep {
  switch (state.phase) {
    case 'link':
      return readRequest(state);
    case 'ticket':
      return readTicket(state);
    case 'deciding':
    case 'checking': // a client may send ahead; it need not be let
      return state.received.byteLength > linkBytesMax
        ? refuse(LinkErrorCode.invalidData, malformed('oversize', 'link', state.received.byteLength, linkBytesMax))
        : { state, effects: [] };
  }
}

function readRequest(state: ServerLinkState & { phase: 'link' }): ServerLinkStep {
  const { received } = state;
  if (!startsWithMagic(received)) {
    return refuse(LinkErrorCode.invalidMagic, { kind: 'notSpice', firstBytes: received.slice(0, linkHeaderBytes) });
  }
  if (received.byteLength < linkHeaderBytes) return { state, effects: [] };
  const { major, minor, size } = readLinkHeader(received);
  if (major !== linkMajor) return refuse(LinkErrorCode.versionMismatch, { kind: 'version', major, minor });
  if (size < linkMessageBytes) return refuse(LinkErrorCode.invalidData, malformed('truncated', 'linkMessage', linkMessageBytes, size));
  if (size > linkBytesMax) return refuse(LinkErrorCode.invalidData, malformed('oversize', 'linkHeader.size', size, linkBytesMax));
  const end = linkHeaderBytes + size;
  if (received.byteLength < end) return { state, effects: [] };
  try {
    const request = readLinkMessage(received.subarray(linkHeaderBytes, end));
    return { state: { phase: 'deciding', request, received: received.slice(end) }, effects: [{ kind: 'requested', request }] };
  } catch (error) {
    if (error instanceof WireError) return refuse(LinkErrorCode.invalidData, { kind: 'malformed', error });
    throw error;
  }
}

function readTicket(state: ServerLinkState & { phase: 'ticket' }): ServerLinkStep {
  const { received, request, answer } = state;
  const selected = bothSet(request, answer, CommonCapability.protocolAuthSelection);
  const from = selected ? SELECTOR_BYTES : 0;
  if (selected && received.byteLength >= SELECTOR_BYTES && readU32(received) !== AuthMechanism.spice) {
    return refuse(LinkErrorCode.invalidData, malformed('unknownCase', 'authMechanism', readU32(received), AuthMechanism.spice));
  }
  if (received.byteLength < from + ticketBytes) return { state, effects: [] };
  return {
    state: { phase: 'checking', request, answer, received: received.slice(from + ticketBytes) },
    effects: [{ kind: 'checkTicket', encrypted: received.slice(from, from + ticketBytes) }],
  };
}

function bothSet(request: LinkRequest, answer: LinkAnswer, bit: number): boolean {
  return hasCapability(request.commonCaps, bit) && hasCapability(answer.commonCaps, bit);
}

/** A link reply with an error has nothing else in it, and the connection is closed after it. */
function refuse(code: number, error: LinkError): ServerLinkStep {
  const bytes = writeLinkReply({ error: code, publicKeyDer: new Uint8Array(publicKeyDerBytes), commonCaps: [], channelCaps: [] });
  const failed = fail(error);
  return { state: failed.state, effects: [{ kind: 'send', bytes }, ...failed.effects] };
}

function fail(error: LinkError): ServerLinkStep {
  return { state: { phase: 'failed' }, effects: [{ kind: 'failed', error }] };
}

function malformed(code: 'oversize' | 'truncated' | 'unknownCase', field: string, value: number, limit: number): LinkError {
  return { kind: 'malformed', error: new WireError(code, field, value, limit) };
}

function phaseName(phase: 'link' | 'deciding' | 'ticket' | 'checking'): 'link' | 'ticket' | 'result' {
  switch (phase) {
    case 'link':
    case 'deciding':
      return 'link';
    case 'ticket':
      return 'ticket';
    case 'checking':
      return 'result';
  }
}
