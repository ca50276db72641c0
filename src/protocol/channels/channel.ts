// What every channel's reducer looks like: its input, the effects that it may ask its shell for, and the step between them.
// The shell (`actors/channel-actor.ts`) performs effects and decides nothing; a reducer decides and touches nothing.

import type { ChannelCommand } from '../commands.ts';
import type { ChannelEvent } from '../events.ts';
import type { Gap } from '../gaps.ts';
import type { ChannelTypeNumber } from '../constants.ts';
import type { CursorServerMessage, DisplayServerMessage, MessageKind, MessageValue, PlaybackServerMessage } from '../message.ts';

/** One message to the server on this channel: its name in the catalogue and its fields. */
export interface Outgoing {
  readonly name: string;
  readonly value: unknown;
}

/** A channel whose handled message `serial` must be reached before this channel goes on (WAIT_FOR_CHANNELS). */
export interface AwaitedSerial {
  readonly channelType: number;
  readonly channelId: number;
  readonly serial: bigint;
}

/** `M` = what the server may send on this channel. `nowMs` is the monotonic clock. */
export type ChannelInput<M> =
  | { readonly kind: 'linked'; readonly channelCapabilities: readonly number[] }
  | { readonly kind: 'message'; readonly message: M; readonly nowMs: number }
  | { readonly kind: 'command'; readonly command: ChannelCommand; readonly nowMs: number };

export type ChannelEffect =
  | { readonly kind: 'send'; readonly outgoing: Outgoing }
  | { readonly kind: 'emit'; readonly event: ChannelEvent }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'paint'; readonly message: DisplayServerMessage }
  | { readonly kind: 'point'; readonly message: CursorServerMessage }
  /** The server's clock for pictures and sound stands at this. */
  | { readonly kind: 'setMultiMediaTime'; readonly serverMs: number }
  | { readonly kind: 'play'; readonly message: PlaybackServerMessage }
  /** Nothing later is handled until all of them are reached; then `afterwards` comes first. */
  | { readonly kind: 'awaitSerials'; readonly awaited: readonly AwaitedSerial[]; readonly afterwards: readonly ChannelEffect[] };

/** The outcome of one step. An unchanged state is returned as the same object. */
export interface Step<S> {
  readonly state: S;
  readonly effects: readonly ChannelEffect[];
}

export const noEffects: readonly ChannelEffect[] = [];

/** One channel type as a pure behaviour. `S` is plain data; `describe` gives its observable part, as JSON. */
export interface ChannelBehavior<S, M> {
  readonly type: ChannelTypeNumber;
  /** Capability words that the client announces for this channel (protocol.md 2.2: capability n is bit n % 32 of word n / 32). */
  readonly capabilities: readonly number[];
  readonly initial: S;
  step(state: S, input: ChannelInput<M>): Step<S>;
  /** The sign of life of an idle connection; null = none now. Absent: an unasked PONG. */
  keepalive?(state: S): Outgoing | null;
  describe(state: S): Readonly<Record<string, unknown>>;
}

/** Makes `send` effects for one channel type; a field that the catalogue does not know does not compile. */
export function clientMessages<C extends ChannelTypeNumber>(_channelType: C) {
  return <K extends MessageKind<C, 'client'>>(name: K, value: MessageValue<C, 'client', K>): ChannelEffect => ({ kind: 'send', outgoing: { name, value } });
}
export const emit = (event: ChannelEvent): ChannelEffect => ({ kind: 'emit', event });
export const gap = (key: string, detail: string): ChannelEffect => ({ kind: 'gap', gap: { key, detail } });
