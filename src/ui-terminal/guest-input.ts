// Guest input: a terminal's keys and mouse as commands for the inputs channel: pure. Where a terminal tells of releases keys are held as they
// are; where it does not, each press is let go at once. What it has pressed it knows, so that everything can be let go together.

import { keystrokeOf, parseChord, shiftScancode } from '../control/keys.ts';
import type { ChannelCommand } from '../protocol/commands.ts';
import { noteCommand, nothingHeld, releaseHeld, type HeldInput } from '../protocol/held-input.ts';
import { guestPositionOf, type PicturePlace } from './picture-place.ts';
import type { KeyModifiers, TerminalKey, TerminalMouse } from './terminal-input.ts';

export interface GuestInputState {
  readonly held: HeldInput;
  /** The terminal tells of releases (flag 2 of the kitty protocol). */
  readonly tellsReleases: boolean;
  /** The guest's pixel under the pointer when it moved last; null = not known. */
  readonly pointer: { readonly x: number; readonly y: number } | null;
  /** Keys that no US keyboard has. */
  readonly untypable: number;
}

export const noGuestInput: GuestInputState = { held: nothingHeld, tellsReleases: false, pointer: null, untypable: 0 };

/** What is known of the session when a key is pressed. */
export interface GuestFacts {
  readonly place: PicturePlace | null;
  /** The display channel whose picture is shown. */
  readonly displayId: number;
  readonly mouseMode: 'absolute' | 'relative' | null;
  readonly capsLock: boolean;
}

export interface GuestInputStep { readonly state: GuestInputState; readonly commands: readonly ChannelCommand[] }

/** Bit of the kitty protocol's flags. */
const releasesFlag = 2;

export const noteKeyboardFlags = (state: GuestInputState, flags: number): GuestInputState => ({ ...state, tellsReleases: (flags & releasesFlag) !== 0 });

/** Everything that was pressed here and not released. */
export function letGo(state: GuestInputState): GuestInputStep {
  return { state: { ...state, held: nothingHeld, pointer: null }, commands: releaseHeld(state.held) };
}

const down = (scancode: number): ChannelCommand => ({ kind: 'pressKey', scancode });
const up = (scancode: number): ChannelCommand => ({ kind: 'releaseKey', scancode });
const after = (state: GuestInputState, commands: readonly ChannelCommand[]): GuestInputStep => ({ state: { ...state, held: commands.reduce(noteCommand, state.held) }, commands });

const scancodes: Readonly<Record<'ctrl' | 'alt' | 'shift' | 'meta', readonly [left: number, right: number]>> = {
  ctrl: [0x1d, 0xe01d], alt: [0x38, 0xe038], shift: [shiftScancode, 0x36], meta: [0xe05b, 0xe05c],
};

export function stepKey(state: GuestInputState, input: TerminalKey, capsLock: boolean): GuestInputStep {
  const stroke = strokeOf(input.base ?? input.key);
  if (stroke === null) return { state: { ...state, untypable: state.untypable + (input.action === 'release' ? 0 : 1) }, commands: [] };
  const { scancode } = stroke;
  if (input.action === 'release') return after(state, state.held.scancodes.has(scancode) ? [up(scancode)] : []);
  const isModifier = Object.values(scancodes).some((pair) => pair.includes(scancode));
  const isLetter = /^[a-z]$/i.test(input.key);
  // Where the terminal tells of keys, Shift and the lock are keys themselves; where it tells of characters, the guest is to see that character.
  const wantsShift = state.tellsReleases ? input.modifiers.shift || stroke.shift : (input.modifiers.shift || stroke.shift) !== (capsLock && isLetter && !input.modifiers.ctrl && !input.modifiers.alt);
  const missing = isModifier ? [] : missingModifiers(state.held, { ...input.modifiers, shift: wantsShift });
  if (state.tellsReleases && missing.length === 0) return after(state, [down(scancode)]);
  const chord = [...missing, scancode];
  return after(state, [...chord.map(down), ...chord.toReversed().map(up)]);
}

function strokeOf(key: string): { readonly scancode: number; readonly shift: boolean } | null {
  const character = keystrokeOf(key);
  if (character !== null) return character;
  const chord = Array.from(key).length === 1 ? null : parseChord(key);
  return chord?.ok === true && chord.scancodes.length === 1 ? { scancode: chord.scancodes[0] ?? 0, shift: false } : null;
}

const missingModifiers = (held: HeldInput, wanted: KeyModifiers): readonly number[] => (['ctrl', 'alt', 'meta', 'shift'] as const)
  .filter((name) => wanted[name] && !scancodes[name].some((scancode) => held.scancodes.has(scancode)))
  .map((name) => scancodes[name][0]);

/** SGR's buttons as SPICE's. */
const buttons: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 3, 64: 4, 65: 5, 128: 6, 129: 7 };
const wheel = { up: 4, down: 5 } as const;

export function stepMouse(state: GuestInputState, input: TerminalMouse, facts: GuestFacts): GuestInputStep {
  const dragged = state.held.buttons.size > 0;
  // A drag goes on beside the picture, at its edge; anything else there is not the guest's.
  const position = facts.place === null ? null : guestPositionOf(facts.place, input.column, input.row, dragged);
  const button = input.button === null ? undefined : buttons[input.button];
  if (position === null) return after({ ...state, pointer: null }, input.action === 'release' && button !== undefined && state.held.buttons.has(button) ? [{ kind: 'releaseButton', button }] : []);
  const moved = after({ ...state, pointer: position }, movement(state, position, facts));
  if (input.action === 'move' || button === undefined) return moved;
  const commands: readonly ChannelCommand[] = button === wheel.up || button === wheel.down
    ? (input.action === 'press' ? [{ kind: 'pressButton', button }, { kind: 'releaseButton', button }] : [])
    : input.action === 'press' ? [{ kind: 'pressButton', button }] : state.held.buttons.has(button) ? [{ kind: 'releaseButton', button }] : [];
  const pressed = after(moved.state, commands);
  return { state: pressed.state, commands: [...moved.commands, ...commands] };
}

/** A relative mouse goes as far as the terminal's pointer went; where it stands then is the guest's to know. */
function movement({ pointer }: GuestInputState, { x, y }: { readonly x: number; readonly y: number }, { mouseMode, displayId }: GuestFacts): readonly ChannelCommand[] {
  if (pointer !== null && pointer.x === x && pointer.y === y) return [];
  if (mouseMode === 'absolute') return [{ kind: 'moveMouse', x, y, displayId }];
  return mouseMode === null || pointer === null ? [] : [{ kind: 'nudgeMouse', dx: x - pointer.x, dy: y - pointer.y }];
}
