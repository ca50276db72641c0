// Inputs, the server's half: the guest's lock keys, an acknowledgement for every fourth movement, and a record of what was typed and
// clicked, for tests.

import { capabilityWords, ChannelType, InputsCapability, mouseMotionsPerAck } from '../../protocol/constants.ts';
import { nothing, serverMessages, type ClientMessage, type ServerChannel, type ServerStep } from './server-channel.ts';

const send = serverMessages(ChannelType.inputs);

/** What is remembered of what the user did. */
const rememberedMax = 256;

/** One thing that the user did, as the message said it. */
export type UserAction = Extract<ClientMessage<3>, { readonly kind: 'keyDown' | 'keyUp' | 'keyScancode' | 'mousePress' | 'mouseRelease' }>['kind'];

interface InputsState {
  readonly actions: readonly { readonly kind: UserAction; readonly value: unknown }[];
  readonly movements: number;
  /** The last movement's value. */
  readonly movement: unknown;
  readonly modifiers: number;
}

export function inputsServer(): ServerChannel<3, InputsState> {
  return {
    type: ChannelType.inputs,
    capabilities: capabilityWords([InputsCapability.keyScancode]),
    initial: () => ({ actions: [], movements: 0, movement: null, modifiers: 0 }),
    step(state, input) {
      switch (input.kind) {
        case 'linked':
          return {
            state,
            effects: [
              send('init', { modifiers: state.modifiers }),
              ...(input.secure || input.local ? [] : [{ kind: 'tell', note: { kind: 'inputsInsecure' } } as const]),
            ],
          };
        case 'message':
          return onMessage(state, input.message);
        case 'timer':
        case 'room':
        case 'told':
          return { state, effects: nothing };
      }
    },
    observe: ({ actions, movements, movement, modifiers }) => ({ actions, movements, movement, modifiers }),
  };
}

function onMessage(state: InputsState, message: ClientMessage<3>): ServerStep<InputsState> {
  switch (message.kind) {
    case 'keyDown':
    case 'keyUp':
    case 'mousePress':
    case 'mouseRelease':
      return { state: remember(state, message.kind, message.value), effects: nothing };
    case 'keyScancode':
      return { state: remember(state, message.kind, [...message.value.scancodes]), effects: nothing };
    case 'keyModifiers': {
      const { modifiers } = message.value;
      // The guest's lock lights follow, and are reported when they changed.
      return { state: { ...state, modifiers }, effects: modifiers === state.modifiers ? nothing : [send('keyModifiers', { modifiers })] };
    }
    case 'mouseMotion':
    case 'mousePosition': {
      const movements = state.movements + 1;
      return { state: { ...state, movements, movement: message.value }, effects: movements % mouseMotionsPerAck === 0 ? [send('mouseMotionAck', {})] : nothing };
    }
  }
}

function remember(state: InputsState, kind: UserAction, value: unknown): InputsState {
  return { ...state, actions: [...state.actions, { kind, value }].slice(-rememberedMax) };
}
