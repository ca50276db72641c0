// What every channel's server half looks like: a reducer over what the client says on this channel, timers, and what the other channels
// of the session tell it. What all channels share (PONG, ACK, unknown messages) never gets here: `channel-run.ts` sees to it.

import type { ChannelTypeNumber } from '../../protocol/constants.ts';
import type { Message, MessageKind, MessageValue } from '../../protocol/message.ts';

/** Messages that are handled before a channel's own reducer. */
export type BaseKind = 'ackSync' | 'ack' | 'pong' | 'migrateFlushMark' | 'migrateData' | 'disconnecting' | 'unknown' | 'malformed';

export type ClientMessage<C extends ChannelTypeNumber> = Exclude<Message<C, 'client'>, { readonly kind: BaseKind }>;

/** What one channel tells all others of its session. */
export type SessionNote =
  /** The agent was asked for these screens, left to right. */
  | { readonly kind: 'screens'; readonly screens: readonly ScreenSize[] }
  /** Keys will travel unencrypted. */
  | { readonly kind: 'inputsInsecure' };

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

export type ServerInput<C extends ChannelTypeNumber> =
  | { readonly kind: 'linked'; readonly nowMs: number; readonly channelCaps: readonly number[]; readonly secure: boolean; readonly local: boolean }
  | { readonly kind: 'message'; readonly message: ClientMessage<C>; readonly nowMs: number }
  /** `room`: nothing that was sent before is still waiting for the client. */
  | { readonly kind: 'timer'; readonly name: string; readonly nowMs: number; readonly room: boolean }
  /** The answer to `whenRoom`. */
  | { readonly kind: 'room'; readonly nowMs: number }
  | { readonly kind: 'told'; readonly note: SessionNote; readonly nowMs: number };

export type ServerEffect =
  | { readonly kind: 'send'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'ping'; readonly paddingBytes: number }
  /** (Re)starts the timer of this name. */
  | { readonly kind: 'timer'; readonly name: string; readonly ms: number }
  /** Asks for one `room` input, as soon as the client has taken all that was sent. */
  | { readonly kind: 'whenRoom' }
  | { readonly kind: 'tell'; readonly note: SessionNote }
  /** The client broke a rule; it is noted. With `close` the channel is closed too, as the real server does in that case. */
  | { readonly kind: 'violation'; readonly rule: string; readonly close: boolean };

export interface ServerStep<S> {
  readonly state: S;
  readonly effects: readonly ServerEffect[];
}

export interface ServerChannel<C extends ChannelTypeNumber, S> {
  readonly type: C;
  readonly capabilities: readonly number[];
  initial(): S;
  step(state: S, input: ServerInput<C>): ServerStep<S>;
  /** Counts and facts for tests. */
  observe(state: S): Readonly<Record<string, unknown>>;
}

export const nothing: readonly ServerEffect[] = [];

/** Makes `send` effects for one channel type; a field that the catalogue does not know does not compile. */
export function serverMessages<C extends ChannelTypeNumber>(_channelType: C) {
  return <K extends MessageKind<C, 'server'>>(name: K, value: MessageValue<C, 'server', K>): ServerEffect => ({ kind: 'send', name, value });
}

export const timer = (name: string, ms: number): ServerEffect => ({ kind: 'timer', name, ms });
export const violation = (rule: string): ServerEffect => ({ kind: 'violation', rule, close: false });
/** A violation after which the real server closes the channel. */
export const refusal = (rule: string): ServerEffect => ({ kind: 'violation', rule, close: true });

/** The server reports its clock minus a latency, so that pictures and sound come early (as spice-server does at first). */
const multiMediaLatencyMs = 400;
/** The multimedia clock, in milliseconds, as far as 32 bits go. */
export const multiMediaTime = (nowMs: number): number => (Math.round(nowMs) - multiMediaLatencyMs) >>> 0;
