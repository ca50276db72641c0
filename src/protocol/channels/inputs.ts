// Inputs: keys and pointer towards the guest. Pointer movement is merged while the server owes acknowledgements (at most
// eight movements are under way), and flushed before a button so that the click lands where the pointer is.

import { capabilityWords, ChannelType, InputsCapability, mouseMotionsPerAck } from '../constants.ts';
import type { ChannelCommand } from '../commands.ts';
import type { InputsServerMessage } from '../message.ts';
import { clientMessages, noEffects, type ChannelBehavior, type ChannelEffect, type Step } from './channel.ts';

const send = clientMessages(ChannelType.inputs);

/** Movements sent and not yet acknowledged. The reference client keeps at most two of the server's bunches under way. */
const movementsUnderWayMax = 2 * mouseMotionsPerAck;

type Movement = { readonly kind: 'position'; readonly x: number; readonly y: number; readonly displayId: number } | { readonly kind: 'motion'; readonly dx: number; readonly dy: number };

export interface InputsState {
  readonly initialised: boolean;
  /** Lock LEDs as the server last told: 1 scroll, 2 num, 4 caps. */
  readonly modifiers: number;
  readonly buttons: number;
  readonly underWay: number;
  readonly merged: Movement | null;
  readonly movementsSent: number;
  readonly keysSent: number;
}

const initial: InputsState = { initialised: false, modifiers: 0, buttons: 0, underWay: 0, merged: null, movementsSent: 0, keysSent: 0 };

/** Button numbers 1 left, 2 middle, 3 right, 4 and 5 wheel, 6 and 7 side -> the bit in the button mask. */
const buttonBit = (button: number): number => 1 << (button - 1);

/** AT set-1 code in logical form (0xE04B is the left arrow) -> the u32 of the wire, prefix in the lowest byte. */
function wireCode(scancode: number, released: boolean): number {
  const low = (scancode & 0x7f) | (released ? 0x80 : 0);
  return scancode > 0xff ? ((low << 8) | ((scancode >>> 8) & 0xff)) >>> 0 : low;
}

function stepCommand(state: InputsState, command: ChannelCommand): Step<InputsState> {
  switch (command.kind) {
    case 'pressKey':
      return { state: { ...state, keysSent: state.keysSent + 1 }, effects: [send('keyDown', { code: wireCode(command.scancode, false) })] };
    case 'releaseKey':
      return { state: { ...state, keysSent: state.keysSent + 1 }, effects: [send('keyUp', { code: wireCode(command.scancode, true) })] };
    case 'moveMouse':
      return move(state, { kind: 'position', x: command.x, y: command.y, displayId: command.displayId });
    case 'nudgeMouse':
      return move(state, { kind: 'motion', dx: command.dx, dy: command.dy });
    case 'pressButton':
    case 'releaseButton': {
      const pressed = command.kind === 'pressButton';
      const buttons = pressed ? state.buttons | buttonBit(command.button) : state.buttons & ~buttonBit(command.button);
      const flushed = flush({ ...state, buttons });
      const name = pressed ? 'mousePress' : 'mouseRelease';
      return { state: flushed.state, effects: [...flushed.effects, send(name, { button: command.button, buttons })] };
    }
    case 'configureMonitors':
    case 'recheckWait':
    case 'disconnect':
      return { state, effects: noEffects };
  }
}

function move(state: InputsState, movement: Movement): Step<InputsState> {
  const merged = mergeMovements(state.merged, movement);
  if (state.underWay >= movementsUnderWayMax) return { state: { ...state, merged }, effects: noEffects };
  return flush({ ...state, merged });
}

function mergeMovements(earlier: Movement | null, later: Movement): Movement {
  if (earlier?.kind === 'motion' && later.kind === 'motion') return { kind: 'motion', dx: earlier.dx + later.dx, dy: earlier.dy + later.dy };
  return later;
}

function flush(state: InputsState): Step<InputsState> {
  const movement = state.merged;
  if (movement === null) return { state, effects: noEffects };
  const effect: ChannelEffect =
    movement.kind === 'motion'
      ? send('mouseMotion', { dx: movement.dx, dy: movement.dy, buttons: state.buttons })
      : send('mousePosition', { x: movement.x, y: movement.y, buttons: state.buttons, displayId: movement.displayId });
  return { state: { ...state, merged: null, underWay: state.underWay + 1, movementsSent: state.movementsSent + 1 }, effects: [effect] };
}

export const inputsBehavior: ChannelBehavior<InputsState, InputsServerMessage> = {
  type: ChannelType.inputs,
  capabilities: capabilityWords([InputsCapability.keyScancode]),
  initial,
  step(state, input) {
    switch (input.kind) {
      case 'linked':
        return { state, effects: noEffects };
      case 'command':
        return stepCommand(state, input.command);
      case 'message': {
        const message = input.message;
        switch (message.kind) {
          case 'init':
            return { state: { ...state, initialised: true, modifiers: message.value.modifiers }, effects: noEffects };
          case 'keyModifiers':
            return { state: { ...state, modifiers: message.value.modifiers }, effects: noEffects };
          case 'mouseMotionAck': {
            const acked: InputsState = { ...state, underWay: Math.max(0, state.underWay - mouseMotionsPerAck) };
            return flush(acked);
          }
          default:
            return { state, effects: noEffects };
        }
      }
    }
  },
  describe: (state) => ({ initialised: state.initialised, modifiers: state.modifiers, buttons: state.buttons, movementsUnderWay: state.underWay }),
};
