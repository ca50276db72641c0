// Cursor: where the guest's pointer is and whether it shows. The shape's pixels and their cache are the surface room's; this
// reducer passes each message on in order and keeps what others want to know about position and visibility. Pure.

import { ChannelType } from '../constants.ts';
import type { CursorServerMessage } from '../message.ts';
import { noEffects, type ChannelBehavior, type ChannelEffect, type Step } from './channel.ts';

/** Position in pixels of the screen; meaningful in server mouse mode. */
export interface CursorState {
  readonly x: number;
  readonly y: number;
  readonly visible: boolean;
  /** The server has given a shape. */
  readonly shaped: boolean;
}

const initial: CursorState = { x: 0, y: 0, visible: false, shaped: false };

const point = (message: CursorServerMessage): readonly ChannelEffect[] => [{ kind: 'point', message }];

function stepMessage(state: CursorState, message: CursorServerMessage): Step<CursorState> {
  switch (message.kind) {
    case 'init':
    case 'set': {
      const { position, visible, cursor } = message.value;
      const shaped = cursor.shape !== null;
      return { state: { x: position.x, y: position.y, visible: visible !== 0 && shaped, shaped }, effects: point(message) };
    }
    case 'move':
      // A MOVE shows a hidden pointer again, as in the reference client; where there is no shape there is nothing to show.
      return { state: { ...state, x: message.value.position.x, y: message.value.position.y, visible: state.shaped }, effects: point(message) };
    case 'hide':
      return { state: { ...state, visible: false }, effects: point(message) };
    case 'reset':
      return { state: initial, effects: point(message) };
    case 'invalOne':
    case 'invalAll':
      return { state, effects: point(message) };
    case 'trail':
      return { state, effects: noEffects };
    default:
      return { state, effects: noEffects };
  }
}

export const cursorBehavior: ChannelBehavior<CursorState, CursorServerMessage> = {
  type: ChannelType.cursor,
  capabilities: [],
  initial,
  step: (state, input) => (input.kind === 'message' ? stepMessage(state, input.message) : { state, effects: noEffects }),
  describe: ({ x, y, visible }) => ({ x, y, visible }),
};
