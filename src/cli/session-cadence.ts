// Cadence: a press at a steady rate for as long as the session is connected, so that the input probe has something to measure: the space bar, as the ancestor's, or a
// button of the mouse. The time until the next drawing is measured by the channels; this only presses.

import type { Cancel, Timers } from '../actors/kernel/host.ts';
import type { ChannelCommand } from '../protocol/commands.ts';

export const cadencePresses = ['space', 'button'] as const;
export type CadencePress = (typeof cadencePresses)[number];

/** The ancestor's. */
export const cadenceSeconds = 2;
/** A press is let go of after so long, or after half the time to the next. */
const heldMs = 50;
const inputs = 'inputs/0';

const commands: Readonly<Record<CadencePress, readonly [down: ChannelCommand, up: ChannelCommand]>> = {
  space: [{ kind: 'pressKey', scancode: 0x39 }, { kind: 'releaseKey', scancode: 0x39 }],
  button: [{ kind: 'pressButton', button: 1 }, { kind: 'releaseButton', button: 1 }],
};

export interface CadenceParts {
  readonly timers: Timers;
  readonly everyMs: number;
  readonly press: CadencePress;
  readonly isConnected: () => boolean;
  /** False when the channel takes nothing now. */
  readonly command: (channel: string, command: ChannelCommand) => boolean;
}

/** Presses from now on. The answer stops it. */
function startCadence({ timers, everyMs, press, isConnected, command }: CadenceParts): () => void {
  const [down, up] = commands[press];
  let isDown = false;
  let cancelNext: Cancel = () => undefined;
  let cancelRelease: Cancel = () => undefined;
  const release = (): void => {
    if (isDown) command(inputs, up);
    isDown = false;
  };
  const beat = (): void => {
    cancelNext = timers.after(everyMs, beat);
    if (!isConnected()) return;
    isDown = command(inputs, down);
    cancelRelease = timers.after(Math.min(heldMs, everyMs / 2), release);
  };
  cancelNext = timers.after(everyMs, beat);
  return () => {
    cancelNext();
    cancelRelease();
    release();
  };
}

/** The command line's cadence on a session; nothing where none is asked for. */
export function beginCadence(run: Pick<CadenceParts, 'command'> & { readonly connected: boolean }, timers: Timers, options: { readonly cadence?: boolean; readonly cadenceEvery?: number; readonly cadencePress?: CadencePress }): () => void {
  if (options.cadence !== true) return () => undefined;
  return startCadence({
    timers, everyMs: (options.cadenceEvery ?? cadenceSeconds) * 1_000, press: options.cadencePress ?? 'space',
    isConnected: () => run.connected, command: (channel, command) => run.command(channel, command),
  });
}
