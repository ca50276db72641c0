// Dashboard controls: what keys and mouse do on a dashboard, pure: `(state, input) -> { state, effects }`. In passthrough everything goes to the
// guest but the escape chord; otherwise keys are the dashboard's own, and the mouse is the terminal's.

import { reportTypes, type ReportTypeWord } from '../control/session-command.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { letGo, noGuestInput, noteKeyboardFlags, stepKey, stepMouse, type GuestFacts, type GuestInputState } from './guest-input.ts';
import type { TerminalInput, TerminalKey } from './terminal-input.ts';

/** What lies over the dashboard. `chosenId`: null = the newest. */
export type OpenPane =
  | { readonly kind: 'help' }
  | { readonly kind: 'notifications'; readonly chosenId: number | null }
  | { readonly kind: 'gaps' }
  | { readonly kind: 'report'; readonly type: ReportTypeWord; readonly description: string };

export interface ControlsState { readonly passthrough: boolean; readonly guest: GuestInputState; readonly pane: OpenPane | null }

export interface ControlsFacts extends GuestFacts {
  /** Newest first. */
  readonly notificationIds: readonly number[];
}

export const initialControls: ControlsState = { passthrough: false, guest: noGuestInput, pane: null };

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
  /** Another one, another choice in it, or none. */
  | { readonly kind: 'pane'; readonly pane: OpenPane | null }
  /** Somebody has looked at the notifications. */
  | { readonly kind: 'markRead' }
  | { readonly kind: 'screenshot' }
  | { readonly kind: 'volume'; readonly change: 'up' | 'down' | 'mute' }
  | { readonly kind: 'report'; readonly type: ReportTypeWord; readonly description: string }
  | { readonly kind: 'fileNotification'; readonly id: number }
  /** A paste, to be typed. */
  | { readonly kind: 'type'; readonly text: string };

export interface ControlsStep { readonly state: ControlsState; readonly effects: readonly ControlsEffect[] }

export function stepControls(state: ControlsState, input: ControlsInput, facts: () => ControlsFacts): ControlsStep {
  switch (input.kind) {
    case 'key':
      if (isEscapeChord(input)) return input.action === 'press' ? setPassthrough(state, !state.passthrough) : { state, effects: [] };
      if (state.passthrough) return toGuest(state, stepKey(state.guest, input, facts().capsLock));
      return input.action === 'release' ? { state, effects: [] } : ownKey(state, input, facts);
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
  const closed = closePane(state);
  return { state: { ...closed.state, passthrough: on, guest: { ...guest, tellsReleases: false } }, effects: [...closed.effects, ...input(commands), { kind: 'passthrough', on }] };
}

const input = (commands: readonly ChannelCommand[]): readonly ControlsEffect[] => (commands.length === 0 ? [] : [{ kind: 'input', commands }]);

function toGuest(state: ControlsState, step: { readonly state: GuestInputState; readonly commands: readonly ChannelCommand[] }): ControlsStep {
  return { state: { ...state, guest: step.state }, effects: input(step.commands) };
}

function ownKey(state: ControlsState, pressed: TerminalKey, facts: () => ControlsFacts): ControlsStep {
  const { key, modifiers } = pressed;
  const nothing: ControlsStep = { state, effects: [] };
  if (modifiers.alt || modifiers.meta) return nothing;
  if (modifiers.ctrl) return { state, effects: key === 'c' ? [{ kind: 'quit' }] : key === 'l' ? [{ kind: 'redraw' }] : [] };
  if (state.pane !== null) return paneKey(state, state.pane, key, facts);
  switch (key) {
    case 'q': case 'Q': return { state, effects: [{ kind: 'quit' }] };
    case 'r': case 'R': return { state, effects: [{ kind: 'reconnect' }] };
    case '+': case '=': return { state, effects: [{ kind: 'volume', change: 'up' }] };
    case '-': return { state, effects: [{ kind: 'volume', change: 'down' }] };
    case 'm': case 'M': return { state, effects: [{ kind: 'volume', change: 'mute' }] };
    case 'f8': return { state, effects: [{ kind: 'screenshot' }] };
    case 'f12': return openPane(state, { kind: 'report', type: 'display', description: '' });
    case '?': return openPane(state, { kind: 'help' });
    case 'n': case 'N': return openPane(state, { kind: 'notifications', chosenId: null });
    case 'g': case 'G': return openPane(state, { kind: 'gaps' });
    default: return nothing;
  }
}

const openPane = (state: ControlsState, pane: OpenPane): ControlsStep => ({ state: { ...state, pane }, effects: [{ kind: 'pane', pane }] });

/** Notifications count as read when their list is closed: until then people see which are new. */
function closePane(state: ControlsState): ControlsStep {
  if (state.pane === null) return { state, effects: [] };
  return { state: { ...state, pane: null }, effects: [...(state.pane.kind === 'notifications' ? [{ kind: 'markRead' } as const] : []), { kind: 'pane', pane: null }] };
}

/** Characters of a report's description. */
const descriptionMax = 500;

function paneKey(state: ControlsState, pane: OpenPane, key: string, facts: () => ControlsFacts): ControlsStep {
  if (key === 'esc') return closePane(state);
  switch (pane.kind) {
    case 'help':
    case 'gaps':
      return /^[qQgG?]$/.test(key) ? closePane(state) : { state, effects: [] };
    case 'notifications': {
      const ids = facts().notificationIds;
      const at = Math.max(0, ids.indexOf(pane.chosenId ?? -1));
      const to = stepOf(key) + at;
      if (/^[qQnN]$/.test(key)) return closePane(state);
      const chosen = ids[at];
      if (/^[fF]$/.test(key) || key === 'enter') return { state, effects: chosen === undefined ? [] : [{ kind: 'fileNotification', id: chosen }] };
      return to === at || ids[to] === undefined ? { state, effects: [] } : openPane(state, { kind: 'notifications', chosenId: ids[to] });
    }
    case 'report': {
      const { type, description } = pane;
      if (key === 'enter') {
        const closed = closePane(state);
        return { state: closed.state, effects: [...closed.effects, { kind: 'report', type, description: description.trim() }] };
      }
      const step = key === 'tab' ? 1 : stepOf(key);
      if (step !== 0) return openPane(state, { kind: 'report', type: reportTypes.at((reportTypes.indexOf(type) + step) % reportTypes.length) ?? type, description });
      const characters = Array.from(description);
      if (key === 'backspace') return openPane(state, { ...pane, description: characters.slice(0, -1).join('') });
      return Array.from(key).length !== 1 || characters.length >= descriptionMax ? { state, effects: [] } : openPane(state, { ...pane, description: description + key });
    }
  }
}

const stepOf = (key: string): number => (key === 'down' || key === 'right' ? 1 : key === 'up' || key === 'left' ? -1 : 0);
