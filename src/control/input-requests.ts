// Input requests: `send_key` and the mouse methods as commands for the inputs channel, in the order in which the guest is to see them. It
// refuses what the session cannot do at the moment, with the next step; it sends nothing.

import type { ChannelCommand } from '../protocol/commands.ts';
import { makeCode, parseChord } from './keys.ts';
import { readChoice, readInteger, readOptionalText, Refused } from './params.ts';
import type { Params } from './request.ts';
import type { SessionFacts } from './session-facts.ts';

export const inputMethods = ['send_key', 'mouse_move', 'mouse_motion', 'mouse_button', 'mouse_wheel'] as const;
export type InputMethod = (typeof inputMethods)[number];

const states = ['down', 'up', 'press'] as const;
type PressState = (typeof states)[number];

/** SPICE's numbers. 4 and 5 are the wheel, which has a method of its own. */
const buttons = { left: 1, middle: 2, right: 3, side: 6, extra: 7 } as const;
const buttonNames = ['left', 'middle', 'right', 'side', 'extra'] as const satisfies readonly (keyof typeof buttons)[];
const wheel = { up: 4, down: 5 } as const;
/** Steps of the wheel at a time. */
const wheelStepsMax = 50;
const coordinateMax = 65_535;
const deltaMax = 32_767;

export function inputOf(method: InputMethod, params: Params, facts: SessionFacts): readonly ChannelCommand[] {
  if (!facts.inputsReady) throw new Refused('bad_state', 'the guest takes no input: the inputs channel is not linked');
  switch (method) {
    case 'send_key':
      return keyCommands(params);
    case 'mouse_move':
      if (facts.mouseMode !== 'absolute') throw new Refused('bad_state', 'the guest’s mouse is relative; use mouse_motion');
      return [{ kind: 'moveMouse', x: readInteger(params, 'x', { min: 0, max: coordinateMax }), y: readInteger(params, 'y', { min: 0, max: coordinateMax }), displayId: readInteger(params, 'channel_id', { min: 0, max: 255, fallback: 0 }) }];
    case 'mouse_motion':
      if (facts.mouseMode !== 'relative') throw new Refused('bad_state', 'the guest’s mouse is absolute; use mouse_move');
      return [{ kind: 'nudgeMouse', dx: readInteger(params, 'dx', { min: -deltaMax, max: deltaMax }), dy: readInteger(params, 'dy', { min: -deltaMax, max: deltaMax }) }];
    case 'mouse_button':
      return pressed(readChoice(params, 'state', states), [buttons[readChoice(params, 'button', buttonNames)]], button);
    case 'mouse_wheel': {
      const step = pressed('press', [wheel[readChoice(params, 'direction', ['up', 'down'])]], button);
      return Array.from({ length: readInteger(params, 'steps', { min: 1, max: wheelStepsMax, fallback: 1 }) }, () => step).flat();
    }
  }
}

type Press = (number: number, down: boolean) => ChannelCommand;
const key: Press = (scancode, down) => ({ kind: down ? 'pressKey' : 'releaseKey', scancode });
const button: Press = (number, down) => ({ kind: down ? 'pressButton' : 'releaseButton', button: number });

/** Pressed in this order, released in the other. */
function pressed(state: PressState, numbers: readonly number[], press: Press): readonly ChannelCommand[] {
  const down = state === 'up' ? [] : numbers.map((number) => press(number, true));
  const up = state === 'down' ? [] : numbers.toReversed().map((number) => press(number, false));
  return [...down, ...up];
}

function keyCommands(params: Params): readonly ChannelCommand[] {
  const state = readChoice(params, 'state', states, params['key'] === undefined ? undefined : 'press');
  const name = readOptionalText(params, 'key');
  if (name === null) {
    const scancode = makeCode(readInteger(params, 'scancode', { min: 1, max: 0xffff }));
    if (scancode === null) throw new Refused('bad_params', 'scancode must be an AT set-1 code of one byte, or of two with 0xE0 or 0xE1 in the high one');
    return pressed(state, [scancode], key);
  }
  if ((params['scancode'] ?? null) !== null) throw new Refused('bad_params', 'give scancode or key, not both');
  const chord = parseChord(name);
  if (!chord.ok) throw new Refused('bad_params', `there is no key ${JSON.stringify(chord.unknown.slice(0, 40))}`);
  return pressed(state, chord.scancodes, key);
}
