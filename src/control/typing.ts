// Typing: a text as the steps of pressing and releasing keys on a US keyboard, with what must be let go before and pressed again after.
// It knows no clock: whoever types takes a step, waits half the delay and takes the next.

import type { ChannelCommand } from '../protocol/commands.ts';
import type { HeldInput } from '../protocol/held-input.ts';
import { keystrokeOf, shiftScancode } from './keys.ts';

/** Characters of one paste. */
const pasteCharactersMax = 4096;

export interface TypingPlan {
  /** What happens at a time; every second one ends a character. */
  readonly steps: readonly (readonly ChannelCommand[])[];
  /** Before the first step, and after the last: keys that the client holds are up while the text is typed. */
  readonly before: readonly ChannelCommand[];
  readonly after: readonly ChannelCommand[];
  readonly characters: number;
}

export type PlannedTyping = { readonly ok: true; readonly plan: TypingPlan } | { readonly ok: false; readonly reason: string };

/** Samples of what cannot be typed that a reason names. */
const samplesMax = 3;

const press = (scancode: number): ChannelCommand => ({ kind: 'pressKey', scancode });
const release = (scancode: number): ChannelCommand => ({ kind: 'releaseKey', scancode });

/** @param capsLock the guest's lock, under which letters come out the other way round */
export function planTyping(text: string, held: HeldInput, capsLock: boolean): PlannedTyping {
  const characters = Array.from(text.replaceAll('\r\n', '\n'), (character) => (character === '\r' ? '\n' : character));
  if (characters.length > pasteCharactersMax) return { ok: false, reason: `the text has ${characters.length} characters; ${pasteCharactersMax} are typed at most` };
  const untypable = [...new Set(characters.filter((character) => keystrokeOf(character) === null))];
  if (untypable.length > 0) {
    const samples = untypable.slice(0, samplesMax).map(nameOf).join(', ');
    return { ok: false, reason: `a US keyboard cannot type ${samples}${untypable.length > samplesMax ? ` and ${untypable.length - samplesMax} other characters` : ''}` };
  }
  const steps = characters.flatMap((character) => {
    const stroke = keystrokeOf(character);
    if (stroke === null) return [];
    const shift = stroke.shift !== (capsLock && /^[a-z]$/i.test(character));
    return [
      [...(shift ? [press(shiftScancode)] : []), press(stroke.scancode)],
      [release(stroke.scancode), ...(shift ? [release(shiftScancode)] : [])],
    ];
  });
  const down = [...held.scancodes];
  return { ok: true, plan: { steps, before: down.map(release), after: down.map(press), characters: characters.length } };
}

function nameOf(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `"${character}" (${code})` : code;
}
