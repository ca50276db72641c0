// Inputs: keys and pointer towards the guest. Pointer movement is merged while eight movements are under way, until the server
// acknowledges some, and flushed before a button all the same, so that the click lands where the pointer is. Pure.

import { capabilityWords, ChannelType, InputsCapability, mouseMotionsPerAck } from '../constants.ts';
import type { ChannelCommand } from '../commands.ts';
import type { InputsServerMessage } from '../message.ts';
import { noInputs, noteInput, type RecentInputs } from './recent-inputs.ts';
import { clientMessages, noEffects, type ChannelBehavior, type ChannelEffect, type Step } from './channel.ts';

const send = clientMessages(ChannelType.inputs);

/** Movements sent and not yet acknowledged. The reference client keeps at most two of the server's bunches under way. */
export const movementsUnderWayMax = 2 * mouseMotionsPerAck;

/** Movement that waits for room: deltas as their sum, positions as the newest. A mouse mode uses one of them; around its change both may wait. */
interface Merged {
  readonly motion: { readonly dx: number; readonly dy: number } | null;
  readonly position: { readonly x: number; readonly y: number; readonly displayId: number } | null;
}

const nothingMerged: Merged = { motion: null, position: null };

export interface InputsState {
  readonly initialised: boolean;
  /** Lock LEDs as the server last told: 1 scroll, 2 num, 4 caps. */
  readonly modifiers: number;
  readonly buttons: number;
  readonly underWay: number;
  readonly merged: Merged;
  readonly movementsSent: number;
  readonly keysSent: number;
  readonly recent: RecentInputs;
}

const initial: InputsState = { initialised: false, modifiers: 0, buttons: 0, underWay: 0, merged: nothingMerged, movementsSent: 0, keysSent: 0, recent: noInputs };

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
      return move(state, { ...state.merged, position: { x: command.x, y: command.y, displayId: command.displayId } });
    case 'nudgeMouse': {
      const { motion } = state.merged;
      return move(state, { ...state.merged, motion: { dx: (motion?.dx ?? 0) + command.dx, dy: (motion?.dy ?? 0) + command.dy } });
    }
    case 'pressButton':
    case 'releaseButton': {
      const pressed = command.kind === 'pressButton';
      const buttons = pressed ? state.buttons | buttonBit(command.button) : state.buttons & ~buttonBit(command.button);
      // What moved before the button did so with the buttons as they were.
      const flushed = flush(state, Infinity);
      const name = pressed ? 'mousePress' : 'mouseRelease';
      return { state: { ...flushed.state, buttons }, effects: [...flushed.effects, send(name, { button: command.button, buttons })] };
    }
    case 'configureMonitors':
    case 'recheckWait':
      return { state, effects: noEffects };
  }
}

function move(state: InputsState, merged: Merged): Step<InputsState> {
  return flush({ ...state, merged }, movementsUnderWayMax);
}

/** Sends what is merged while fewer than `underWayMax` movements are under way. */
function flush(state: InputsState, underWayMax: number): Step<InputsState> {
  const { motion, position } = state.merged;
  const effects: ChannelEffect[] = [];
  const hasRoom = (): boolean => state.underWay + effects.length < underWayMax;
  let merged = state.merged;
  if (motion !== null && hasRoom()) {
    effects.push(send('mouseMotion', { ...motion, buttons: state.buttons }));
    merged = { ...merged, motion: null };
  }
  if (position !== null && hasRoom()) {
    effects.push(send('mousePosition', { ...position, buttons: state.buttons }));
    merged = { ...merged, position: null };
  }
  const sent = effects.length;
  if (sent === 0) return { state, effects: noEffects };
  return { state: { ...state, merged, underWay: state.underWay + sent, movementsSent: state.movementsSent + sent }, effects };
}

export const inputsBehavior: ChannelBehavior<InputsState, InputsServerMessage> = {
  type: ChannelType.inputs,
  capabilities: capabilityWords([InputsCapability.keyScancode]),
  initial,
  step(state, input) {
    switch (input.kind) {
      case 'linked':
        return { state, effects: noEffects };
      case 'command': {
        const step = stepCommand(state, input.command);
        const recent = noteInput(step.state.recent, input.command, step.state.buttons, input.nowMs);
        return recent === step.state.recent ? step : { ...step, state: { ...step.state, recent } };
      }
      case 'message': {
        const message = input.message;
        switch (message.kind) {
          case 'init':
            return { state: { ...state, initialised: true, modifiers: message.value.modifiers }, effects: noEffects };
          case 'keyModifiers':
            return { state: { ...state, modifiers: message.value.modifiers }, effects: noEffects };
          case 'mouseMotionAck':
            return flush({ ...state, underWay: Math.max(0, state.underWay - mouseMotionsPerAck) }, movementsUnderWayMax);
          default:
            return { state, effects: noEffects };
        }
      }
    }
  },
  // The server's own lock state, which it is known to have: the server presses a lock key for each bit that differs from the guest's.
  keepalive: (state) => (state.initialised ? { name: 'keyModifiers', value: { modifiers: state.modifiers } } : null),
  describe: (state) => ({ initialised: state.initialised, modifiers: state.modifiers, buttons: state.buttons, movementsUnderWay: state.underWay, movementsSent: state.movementsSent, recentInputs: state.recent.list, lastKeyMs: state.recent.lastKeyMs }),
};
