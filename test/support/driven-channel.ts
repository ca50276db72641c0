// A channel's reducer driven by bytes: what the server sends goes in as a number and hexadecimal text, what the client would send
// comes out in the same form. The base messages are handled as the channel actor handles them.
import { stepBase } from '#app/protocol/channels/base.js';
import type { ChannelBehavior, ChannelEffect, ChannelInput } from '#app/protocol/channels/channel.js';
import type { ChannelCommand } from '#app/protocol/commands.js';
import type { ChannelEvent } from '#app/protocol/events.js';
import type { Gap } from '#app/protocol/gaps.js';
import { parseServerMessage, serializeOutgoing } from '#app/protocol/message.js';
import type { Outgoing } from '#app/protocol/channels/channel.js';
import type { ChannelTypeNumber } from '#app/protocol/constants.js';
import { hex } from '../golden/hand-laid.mjs';

const MINI_HEADER_BYTES = 6;

/** `105 0200`: the message's number and its body. */
export function sentText(type: ChannelTypeNumber, outgoing: Outgoing): string {
  const bytes = serializeOutgoing(type, outgoing, { header: 'mini' });
  const number = new DataView(bytes.buffer).getUint16(0, true);
  return `${number} ${Buffer.from(bytes.subarray(MINI_HEADER_BYTES)).toString('hex')}`.trimEnd();
}

/** What one step asked for, by kind and in order. */
export interface Asked {
  readonly sent: readonly string[];
  readonly events: readonly ChannelEvent[];
  readonly gaps: readonly string[];
  readonly effects: readonly ChannelEffect[];
}

export interface DrivenChannel<S> {
  readonly state: S;
  linked(): Asked;
  /** A message of the server: its number and its body in hexadecimal pieces. */
  message(type: number, ...body: readonly string[]): Asked;
  command(command: ChannelCommand): Asked;
  describe(): Readonly<Record<string, unknown>>;
}

export function driveChannel<S, M>(behavior: ChannelBehavior<S, M>, nowMs = 1_000): DrivenChannel<S> {
  let state = behavior.initial;
  const step = (input: ChannelInput<M>): Asked => {
    const next = behavior.step(state, input);
    ({ state } = next);
    return asked(behavior.type, next.effects);
  };
  return {
    get state() {
      return state;
    },
    linked: () => step({ kind: 'linked', channelCapabilities: [] }),
    message: (type, ...body) => {
      const message = parseServerMessage(behavior.type, { type, body: hex(...body) });
      const effects = stepBase(behavior.type, message);
      // It was parsed for this behaviour's own channel type.
      return effects === null ? step({ kind: 'message', message: message as M, nowMs }) : asked(behavior.type, effects);
    },
    command: (command) => step({ kind: 'command', command, nowMs }),
    describe: () => behavior.describe(state),
  };
}

function asked(type: ChannelTypeNumber, effects: readonly ChannelEffect[]): Asked {
  const gaps = effects.flatMap((effect): Gap[] => (effect.kind === 'gap' ? [effect.gap] : []));
  return {
    sent: effects.flatMap((effect) => (effect.kind === 'send' ? [sentText(type, effect.outgoing)] : [])),
    events: effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : [])),
    gaps: gaps.map(({ key }) => key),
    effects,
  };
}
