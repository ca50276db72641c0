// Terminal key codes: the numbers and letters by which terminals name keys in their sequences, as the names of `control/keys.ts`. Tables only; the
// sequences around them are `terminal-input.ts`'s.

const ss3: Readonly<Record<string, string>> = { A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', M: 'kpenter', P: 'f1', Q: 'f2', R: 'f3', S: 'f4' };
const finals: Readonly<Record<string, string>> = { ...ss3, E: 'kp5' };
const numbers: Readonly<Record<number, string>> = {
  1: 'home', 2: 'insert', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end',
  11: 'f1', 12: 'f2', 13: 'f3', 14: 'f4', 15: 'f5', 17: 'f6', 18: 'f7', 19: 'f8', 20: 'f9', 21: 'f10', 23: 'f11', 24: 'f12', 29: 'menu',
};

/** The kitty keyboard protocol's own code points, in Unicode's private use area, and the keys that it names by their control characters. */
const functional: Readonly<Record<number, string>> = {
  9: 'tab', 13: 'enter', 27: 'esc', 127: 'backspace', 32: 'space',
  57358: 'capslock', 57359: 'scrolllock', 57360: 'numlock', 57361: 'print', 57362: 'break', 57363: 'menu',
  57399: 'kp0', 57400: 'kp1', 57401: 'kp2', 57402: 'kp3', 57403: 'kp4', 57404: 'kp5', 57405: 'kp6', 57406: 'kp7', 57407: 'kp8', 57408: 'kp9',
  57409: 'kpdot', 57410: 'kpdivide', 57411: 'kpmultiply', 57412: 'kpminus', 57413: 'kpplus', 57414: 'kpenter',
  // The keypad without Num Lock: the same keys.
  57417: 'kp4', 57418: 'kp6', 57419: 'kp8', 57420: 'kp2', 57421: 'kp9', 57422: 'kp3', 57423: 'kp7', 57424: 'kp1', 57425: 'kp0', 57426: 'kpdot', 57427: 'kp5',
  57438: 'volumedown', 57439: 'volumeup', 57440: 'mute',
  57441: 'lshift', 57442: 'lctrl', 57443: 'lalt', 57444: 'lsuper', 57446: 'lsuper', 57447: 'rshift', 57448: 'rctrl', 57449: 'ralt', 57450: 'rsuper', 57452: 'rsuper', 57453: 'altgr',
};
/** Surrogates and private use. */
const noCharacters = { first: 0xd800, last: 0xf8ff } as const;

/** After `ESC O`. */
export const keyOfSs3 = (final: string): string | null => ss3[final] ?? null;
/** After `CSI`, with or without modifiers. */
export const keyOfFinal = (final: string): string | null => finals[final] ?? null;
/** Before `~`. */
export const keyOfNumber = (number: number): string | null => numbers[number] ?? null;

/** Before `u`: the code point of the key without Shift, or one of the protocol's own. */
export function keyOfCode(code: number): string | null {
  const name = functional[code];
  if (name !== undefined) return name;
  return code < 0x20 || code > 0x10ffff || (code >= noCharacters.first && code <= noCharacters.last) ? null : String.fromCodePoint(code);
}
