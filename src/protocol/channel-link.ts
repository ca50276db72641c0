// Channel link: from "dial" to "linked" for one channel: plain or TLS, the change to TLS when the server answers NEED_SECURED, the
// handshake, and a deadline on each phase. Pure: sockets, timers and RSA are its shell's. It does not retry; a failure is a
// value that says in which phase it happened and why.

import { beginClientLink, stepClientLink, type ClientLinkOptions, type ClientLinkState, type ClientLinkStep } from './link-handshake.ts';
import { LinkErrorCode, type LinkError } from './link-error.ts';
import type { ConnectionLoss, LinkPhase } from './events.ts';

/** How long each phase may take, in milliseconds. `dialMs` covers the TLS handshake too where there is one. */
export interface LinkDeadlines {
  readonly dialMs: number;
  readonly linkMs: number;
  readonly authenticateMs: number;
}

export const defaultLinkDeadlines: LinkDeadlines = { dialMs: 10_000, linkMs: 10_000, authenticateMs: 10_000 };

export type LinkFailure =
  /** The connection could not be made, or was lost before the link result; `partialBytes` of an answer had come by then. */
  | { readonly kind: 'connection'; readonly phase: LinkPhase; readonly secure: boolean; readonly cause: ConnectionLoss; readonly partialBytes?: number }
  | { readonly kind: 'deadline'; readonly phase: LinkPhase; readonly secure: boolean; readonly waitedMs: number }
  /** The handshake itself failed: the server said no, or what answers is not a SPICE server that this client can link. */
  | { readonly kind: 'handshake'; readonly phase: LinkPhase; readonly secure: boolean; readonly error: LinkError }
  /** NEED_SECURED without a TLS port to go to, or NEED_UNSECURED without a plain one. */
  | { readonly kind: 'noEndpoint'; readonly wanted: 'plain' | 'secure' };

export interface LinkOptions {
  readonly handshake: ClientLinkOptions;
  readonly hasPlain: boolean;
  readonly hasSecure: boolean;
  readonly preferSecure: boolean;
  readonly deadlines: LinkDeadlines;
}

export interface ChannelLinkState {
  readonly options: LinkOptions;
  readonly phase: LinkPhase | 'idle' | 'failed';
  readonly secure: boolean;
  /** The change between plain and TLS happens once; a server that asks for both is not followed in circles. */
  readonly switched: boolean;
  /** Null until the connection stands. */
  readonly handshake: ClientLinkState | null;
}

export type LinkInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'ticketEncrypted'; readonly encrypted: Uint8Array }
  | { readonly kind: 'closed'; readonly cause: ConnectionLoss }
  | { readonly kind: 'deadline' };

export type LinkEffect =
  /** Dial this endpoint; an earlier socket is destroyed and not heard of again. */
  | { readonly kind: 'dial'; readonly secure: boolean }
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'encryptTicket'; readonly publicKeyDer: Uint8Array; readonly password: string }
  /** Replaces the running deadline. */
  | { readonly kind: 'setDeadline'; readonly ms: number }
  | { readonly kind: 'phase'; readonly phase: LinkPhase; readonly secure: boolean }
  /** The channel is linked; `rest` are bytes that came after the link result. The deadline is over. */
  | { readonly kind: 'linked'; readonly channelCapabilities: readonly number[]; readonly miniHeader: boolean; readonly rest: Uint8Array }
  /** The socket is to be destroyed. The deadline is over. */
  | { readonly kind: 'failed'; readonly failure: LinkFailure };

export interface LinkStep {
  readonly state: ChannelLinkState;
  readonly effects: readonly LinkEffect[];
}

export function initialLink(options: LinkOptions): ChannelLinkState {
  return { options, phase: 'idle', secure: false, switched: false, handshake: null };
}

export function stepLink(state: ChannelLinkState, input: LinkInput): LinkStep {
  // News that cannot be meant for this phase is late or doubled, and changes nothing.
  if (!hears(state, input)) return { state, effects: [] };
  switch (input.kind) {
    case 'start': {
      const { hasPlain, hasSecure, preferSecure } = state.options;
      if (!hasPlain && !hasSecure) return fail(state, { kind: 'noEndpoint', wanted: 'plain' });
      return dial(state, hasSecure && (preferSecure || !hasPlain));
    }
    case 'connected': {
      const linking: ChannelLinkState = { ...state, phase: 'linking' };
      const step = follow(linking, beginClientLink(state.options.handshake));
      return { state: step.state, effects: [phaseEffect(linking), { kind: 'setDeadline', ms: state.options.deadlines.linkMs }, ...step.effects] };
    }
    case 'bytes':
      return state.handshake === null ? { state, effects: [] } : follow(state, stepClientLink(state.handshake, { kind: 'bytes', bytes: input.bytes }));
    case 'ticketEncrypted': {
      if (state.handshake === null) return { state, effects: [] };
      const authenticating: ChannelLinkState = { ...state, phase: 'authenticating' };
      const step = follow(authenticating, stepClientLink(state.handshake, { kind: 'ticketEncrypted', encrypted: input.encrypted }));
      return { state: step.state, effects: [phaseEffect(authenticating), { kind: 'setDeadline', ms: state.options.deadlines.authenticateMs }, ...step.effects] };
    }
    case 'closed':
      return fail(state, { kind: 'connection', phase: phaseOf(state), secure: state.secure, cause: input.cause, ...partOf(state) });
    case 'deadline': {
      const { dialMs, linkMs, authenticateMs } = state.options.deadlines;
      const waitedMs = state.phase === 'dialing' ? dialMs : state.phase === 'linking' ? linkMs : authenticateMs;
      return fail(state, { kind: 'deadline', phase: phaseOf(state), secure: state.secure, waitedMs });
    }
  }
}

function hears(state: ChannelLinkState, input: LinkInput): boolean {
  switch (input.kind) {
    case 'start':
      return state.phase === 'idle';
    case 'connected':
      return state.phase === 'dialing';
    case 'bytes':
      return state.phase === 'linking' || state.phase === 'authenticating';
    case 'ticketEncrypted':
      return state.phase === 'linking' && state.handshake?.phase === 'ticket';
    case 'closed':
    case 'deadline':
      return state.phase === 'dialing' || state.phase === 'linking' || state.phase === 'authenticating';
  }
}

/** Of an answer that was cut off. */
function partOf({ handshake }: ChannelLinkState): { readonly partialBytes?: number } {
  const received = handshake !== null && 'received' in handshake ? handshake.received.byteLength : 0;
  return received === 0 ? {} : { partialBytes: received };
}

const phaseOf = (state: ChannelLinkState): LinkPhase => (state.phase === 'idle' || state.phase === 'failed' ? 'dialing' : state.phase);
const phaseEffect = (state: ChannelLinkState): LinkEffect => ({ kind: 'phase', phase: phaseOf(state), secure: state.secure });

function dial(state: ChannelLinkState, secure: boolean): LinkStep {
  const dialing: ChannelLinkState = { ...state, phase: 'dialing', secure };
  return { state: dialing, effects: [phaseEffect(dialing), { kind: 'setDeadline', ms: state.options.deadlines.dialMs }, { kind: 'dial', secure }] };
}

function fail(state: ChannelLinkState, failure: LinkFailure): LinkStep {
  return { state: { ...state, phase: 'failed' }, effects: [{ kind: 'failed', failure }] };
}

/** Takes over what the handshake decided, in this channel's words. */
function follow(state: ChannelLinkState, step: ClientLinkStep): LinkStep {
  let next: ChannelLinkState = { ...state, handshake: step.state };
  const effects: LinkEffect[] = [];
  for (const effect of step.effects) {
    switch (effect.kind) {
      case 'send':
        effects.push({ kind: 'write', bytes: effect.bytes });
        break;
      case 'encryptTicket':
        effects.push({ kind: 'encryptTicket', publicKeyDer: effect.publicKeyDer, password: effect.password });
        break;
      case 'linked': {
        next = { ...next, phase: 'linked' };
        effects.push(phaseEffect(next), { kind: 'linked', channelCapabilities: effect.channelCaps, miniHeader: effect.miniHeader, rest: effect.rest });
        break;
      }
      case 'failed': {
        const refusal = refused(next, effect.error);
        next = refusal.state;
        effects.push(...refusal.effects);
        break;
      }
    }
  }
  return { state: next, effects };
}

/** A server that wants TLS for this channel (or wants none) is dialled again, once, on the other port. */
function refused(state: ChannelLinkState, error: LinkError): LinkStep {
  const code = error.kind === 'refused' ? error.code : LinkErrorCode.ok;
  const wanted = code === LinkErrorCode.needSecured ? 'secure' : code === LinkErrorCode.needUnsecured ? 'plain' : null;
  if (wanted !== null && !state.switched && state.secure !== (wanted === 'secure')) {
    const reachable = wanted === 'secure' ? state.options.hasSecure : state.options.hasPlain;
    if (!reachable) return fail(state, { kind: 'noEndpoint', wanted });
    return dial({ ...state, switched: true, handshake: null }, wanted === 'secure');
  }
  return fail(state, { kind: 'handshake', phase: phaseOf(state), secure: state.secure, error });
}
