// Dashboard controls: what keys and mouse do on a dashboard, pure: `(state, input) -> { state, effects }`. In passthrough everything goes to the
// guest but the escape chord; otherwise keys are the dashboard's own, and the mouse is the terminal's.

import type { ChannelCommand } from '../protocol/commands.ts';
import { letGo, noGuestInput, noteKeyboardFlags, stepKey, stepMouse, type GuestFacts, type GuestInputState } from './guest-input.ts';
import type { TerminalInput, TerminalKey } from './terminal-input.ts';

export interface ControlsState { readonly passthrough: boolean; readonly guest: GuestInputState }

export const initialControls: ControlsState = { passthrough: false, guest: noGuestInput };

export type ControlsInput =
  | TerminalInput
  /** Nobody sits here any more, for now or for good: what is held is let go. */
  | { readonly kind: 'letGo' };

export type ControlsEffect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'reconnect' }
  /** The dashboard is to show it and to set the terminal's modes for it. */
  | { readonly kind: 'passthrough'; readonly on: boolean }
  | { readonly kind: 'input'; readonly commands: readonly ChannelCommand[] }
  /** A paste, to be typed. */
  | { readonly kind: 'type'; readonly text: string };

export interface ControlsStep { readonly state: ControlsState; readonly effects: readonly ControlsEffect[] }

export function stepControls(state: ControlsState, input: ControlsInput, facts: () => GuestFacts): ControlsStep {
  switch (input.kind) {
    case 'key':
      if (isEscapeChord(input)) return input.action === 'press' ? setPassthrough(state, !state.passthrough) : { state, effects: [] };
      return state.passthrough ? toGuest(state, stepKey(state.guest, input, facts().capsLock)) : { state, effects: ownKey(input) };
    case 'mouse':
      return state.passthrough ? toGuest(state, stepMouse(state.guest, input, facts())) : { state, effects: [] };
    case 'keyboardFlags':
      return { state: { ...state, guest: noteKeyboardFlags(state.guest, input.flags) }, effects: [] };
    case 'focus':
      return input.gained ? { state, effects: [] } : toGuest(state, letGo(state.guest));
    case 'letGo':
      return toGuest(state, letGo(state.guest));
    case 'paste':
      return { state, effects: state.passthrough && input.text !== '' ? [{ kind: 'type', text: input.text }] : [] };
  }
}

/** Ctrl+] as telnet and `virsh console` have it; by the key's place or by its character, whichever the terminal tells. Terminals send the same for Ctrl+5. */
const isEscapeChord = ({ key, base, modifiers }: TerminalKey): boolean => modifiers.ctrl && !modifiers.alt && !modifiers.meta && (key === ']' || base === ']');

function setPassthrough(state: ControlsState, on: boolean): ControlsStep {
  const { state: guest, commands } = letGo(state.guest);
  // Whether the terminal tells of releases is asked anew each time.
  return { state: { ...state, passthrough: on, guest: { ...guest, tellsReleases: false } }, effects: [...input(commands), { kind: 'passthrough', on }] };
}

const input = (commands: readonly ChannelCommand[]): readonly ControlsEffect[] => (commands.length === 0 ? [] : [{ kind: 'input', commands }]);

function toGuest(state: ControlsState, step: { readonly state: GuestInputState; readonly commands: readonly ChannelCommand[] }): ControlsStep {
  return { state: { ...state, guest: step.state }, effects: input(step.commands) };
}

function ownKey({ key, modifiers, action }: TerminalKey): readonly ControlsEffect[] {
  if (action === 'release' || modifiers.alt || modifiers.meta) return [];
  if (modifiers.ctrl) return key === 'c' ? [{ kind: 'quit' }] : key === 'l' ? [{ kind: 'redraw' }] : [];
  switch (key) {
    case 'q': case 'Q': return [{ kind: 'quit' }];
    case 'r': case 'R': return [{ kind: 'reconnect' }];
    default: return [];
  }
}
