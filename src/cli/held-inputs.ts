// Held inputs: the keys and buttons that were pressed on the inputs channel and not released yet, across its links. A new link presses
// nothing, so what its predecessor pressed is released there.

import type { ChannelCommand } from '../protocol/commands.ts';
import { noteCommand, nothingHeld, releaseHeld } from '../protocol/held-input.ts';

export class HeldInputs {
  #held = nothingHeld;

  /** The channel was told this. */
  note(command: ChannelCommand): void {
    this.#held = noteCommand(this.#held, command);
  }

  /** What releases everything; nothing is held afterwards. */
  release(): readonly ChannelCommand[] {
    const commands = releaseHeld(this.#held);
    this.forget();
    return commands;
  }

  /** Another session: its guest has never heard of what was pressed. */
  forget(): void {
    this.#held = nothingHeld;
  }
}
