// Flow: what a client owes the server for every message whatever the channel: the PONG for a PING, the ACK for a window, the
// count that serials are compared with. It runs for each frame before the channel's own reducer sees any of them, so that a
// heavy drawing command later in the same chunk never delays a PONG. Pure; the shell writes the bytes.

import type { Outgoing } from './channel.ts';

/** `window` 0 = the server asked for no ACKs. `left` = messages until the next ACK is owed. */
export interface FlowState {
  readonly ackGeneration: number;
  readonly ackWindow: number;
  readonly left: number;
  readonly acksSent: number;
  readonly pingsReceived: number;
  readonly pongsSent: number;
}

export const initialFlow: FlowState = { ackGeneration: 0, ackWindow: 0, left: 0, acksSent: 0, pingsReceived: 0, pongsSent: 0 };

/** The part of a message that flow control needs; every other message is `other`. */
export type FlowInput =
  | { readonly kind: 'ping'; readonly id: number; readonly timestamp: bigint }
  | { readonly kind: 'setAck'; readonly generation: number; readonly window: number }
  | { readonly kind: 'other' };

export interface FlowStep {
  readonly state: FlowState;
  readonly replies: readonly Outgoing[];
}

const ack: Outgoing = { name: 'ack', value: {} };
const nothing: readonly Outgoing[] = [];

/**
 * Counts one received message and says what is owed for it, in the order in which it must be written.
 * Every message counts, PING and SET_ACK too: SET_ACK itself is the first of its window (measured on spice-server 0.15.1,
 * which stops for ever at two unacknowledged windows when a client leaves the PINGs out).
 */
export function stepFlow(state: FlowState, input: FlowInput): FlowStep {
  if (input.kind === 'other') return countOne(state);
  const answered = answerListed(state, input);
  const counted = countOne(answered.state);
  return { state: counted.state, replies: [...answered.replies, ...counted.replies] };
}

/** What is owed for a message inside a sub-message list: its answer. It does not count: its carrier does, once. */
export function answerListed(state: FlowState, input: FlowInput): FlowStep {
  switch (input.kind) {
    case 'setAck':
      return {
        state: { ...state, ackGeneration: input.generation, ackWindow: input.window, left: input.window },
        replies: [{ name: 'ackSync', value: { generation: input.generation } }],
      };
    case 'ping':
      return {
        state: { ...state, pingsReceived: state.pingsReceived + 1, pongsSent: state.pongsSent + 1 },
        replies: [{ name: 'pong', value: { id: input.id, timestamp: input.timestamp } }],
      };
    case 'other':
      return { state, replies: nothing };
  }
}

function countOne(state: FlowState): FlowStep {
  if (state.ackWindow === 0) return { state, replies: nothing };
  if (state.left > 1) return { state: { ...state, left: state.left - 1 }, replies: nothing };
  return { state: { ...state, left: state.ackWindow, acksSent: state.acksSent + 1 }, replies: [ack] };
}
