// Held input: which keys and buttons the guest was told to press and not to release. A channel that is linked again knows nothing of
// what its earlier link had pressed, so what is held is remembered here, outside it. Pure.

import type { ChannelCommand } from './commands.ts';

export interface HeldInput {
  readonly scancodes: ReadonlySet<number>;
  readonly buttons: ReadonlySet<number>;
}

export const nothingHeld: HeldInput = { scancodes: new Set(), buttons: new Set() };

/** The state after a command that the linked inputs channel took. One that it did not take changes nothing. */
export function noteCommand(held: HeldInput, command: ChannelCommand): HeldInput {
  switch (command.kind) {
    case 'pressKey':
      return { ...held, scancodes: new Set([...held.scancodes, command.scancode]) };
    case 'releaseKey':
      return { ...held, scancodes: without(held.scancodes, command.scancode) };
    case 'pressButton':
      return { ...held, buttons: new Set([...held.buttons, command.button]) };
    case 'releaseButton':
      return { ...held, buttons: without(held.buttons, command.button) };
    case 'moveMouse':
    case 'nudgeMouse':
    case 'configureMonitors':
    case 'recheckWait':
      return held;
  }
}

/** What lets go of everything. */
export function releaseHeld(held: HeldInput): readonly ChannelCommand[] {
  return [
    ...[...held.scancodes].map((scancode): ChannelCommand => ({ kind: 'releaseKey', scancode })),
    ...[...held.buttons].map((button): ChannelCommand => ({ kind: 'releaseButton', button })),
  ];
}

function without(numbers: ReadonlySet<number>, number: number): ReadonlySet<number> {
  return numbers.has(number) ? new Set([...numbers].filter((each) => each !== number)) : numbers;
}
