// What every channel's server half looks like: a reducer over what the client sends, the links and the timers, that asks its shell
// to send, to set timers, and to note what the client did wrong.

import type { ChannelTypeNumber } from '../../protocol/constants.ts';
import type { Message, MessageKind, MessageValue } from '../../protocol/message.ts';

export type ServerInput<C extends ChannelTypeNumber> =
  | { readonly kind: 'linked'; readonly nowMs: number }
  | { readonly kind: 'message'; readonly message: Message<C, 'client'>; readonly nowMs: number }
  | { readonly kind: 'timer'; readonly name: string; readonly nowMs: number };

export type ServerEffect =
  | { readonly kind: 'send'; readonly name: string; readonly value: unknown }
  /** (Re)starts the timer of this name. */
  | { readonly kind: 'timer'; readonly name: string; readonly ms: number }
  /** The client broke a rule of the protocol; the real server closes that channel. */
  | { readonly kind: 'violation'; readonly rule: string }
  /** The whole session ends: the main channel was unresponsive. */
  | { readonly kind: 'endSession'; readonly why: string };

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
export const violation = (rule: string): ServerEffect => ({ kind: 'violation', rule });
