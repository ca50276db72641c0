// Recent inputs: what was asked of an inputs channel last, for those who look later. Of a key it is only known that there was one: what people type is
// nobody's business. Pure.

import type { ChannelCommand } from '../commands.ts';

const recentMax = 50;

/** Names are those of the ancestor's reports. `x` and `y` are a position, or of MouseMotion a way; `atMs` is monotonic milliseconds. */
export interface RecentInput {
  readonly type: 'KeyDown' | 'KeyUp' | 'MouseDown' | 'MouseUp' | 'MouseMove' | 'MouseMotion';
  readonly x: number;
  readonly y: number;
  /** Buttons that are pressed after it, a bit each. */
  readonly buttons: number;
  readonly atMs: number;
}

export interface RecentInputs {
  /** Oldest first. */
  readonly list: readonly RecentInput[];
  readonly lastKeyMs: number | null;
}

export const noInputs: RecentInputs = { list: [], lastKeyMs: null };

export function noteInput(recent: RecentInputs, command: ChannelCommand, buttons: number, atMs: number): RecentInputs {
  const input = inputOf(command, buttons, atMs);
  if (input === null) return recent;
  const isKey = input.type === 'KeyDown' || input.type === 'KeyUp';
  return { list: [...recent.list, input].slice(-recentMax), lastKeyMs: isKey ? atMs : recent.lastKeyMs };
}

function inputOf(command: ChannelCommand, buttons: number, atMs: number): RecentInput | null {
  const at = (type: RecentInput['type'], x = 0, y = 0): RecentInput => ({ type, x, y, buttons, atMs });
  switch (command.kind) {
    case 'pressKey':
      return at('KeyDown');
    case 'releaseKey':
      return at('KeyUp');
    case 'moveMouse':
      return at('MouseMove', command.x, command.y);
    case 'nudgeMouse':
      return at('MouseMotion', command.dx, command.dy);
    case 'pressButton':
      return at('MouseDown');
    case 'releaseButton':
      return at('MouseUp');
    case 'configureMonitors':
    case 'recheckWait':
      return null;
  }
}
