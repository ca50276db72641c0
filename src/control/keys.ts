// Keys: names of keys and characters of a US keyboard as AT set-1 scancodes, in the logical form that commands use (0xE04B = left arrow).
// One table, for `send_key`, for paste and for the command line; it presses nothing.

/** A key, and whether Shift makes of it what was asked for. */
export interface Keystroke {
  readonly scancode: number;
  readonly shift: boolean;
}

export const shiftScancode = 0x2a;

/** Rows of the keyboard: the first key's code, the characters without Shift and with it. */
const rows: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [0x02, '1234567890-=', '!@#$%^&*()_+'],
  [0x10, 'qwertyuiop[]', 'QWERTYUIOP{}'],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
  [0x39, ' ', ''],
];

const typed = (first: number, texts: string, shift: boolean): [string, Keystroke][] => Array.from(texts, (character, index) => [character, { scancode: first + index, shift }]);

const characters: ReadonlyMap<string, Keystroke> = new Map([
  ...rows.flatMap(([first, plain, shifted]) => [...typed(first, plain, false), ...typed(first, shifted, true)]),
  ...typed(0x0f, '\t', false),
  ...typed(0x1c, '\n', false),
]);

/** Every name that is no character, in lower case. The first name of a key is the one that help shows. */
const named = {
  esc: 0x01, escape: 0x01, backspace: 0x0e, bksp: 0x0e, tab: 0x0f, enter: 0x1c, return: 0x1c, space: 0x39,
  ctrl: 0x1d, control: 0x1d, lctrl: 0x1d, rctrl: 0xe01d, shift: 0x2a, lshift: 0x2a, rshift: 0x36,
  alt: 0x38, lalt: 0x38, ralt: 0xe038, altgr: 0xe038, super: 0xe05b, lsuper: 0xe05b, meta: 0xe05b, win: 0xe05b, rsuper: 0xe05c, menu: 0xe05d,
  caps: 0x3a, capslock: 0x3a, numlock: 0x45, scrolllock: 0x46,
  f1: 0x3b, f2: 0x3c, f3: 0x3d, f4: 0x3e, f5: 0x3f, f6: 0x40, f7: 0x41, f8: 0x42, f9: 0x43, f10: 0x44, f11: 0x57, f12: 0x58,
  home: 0xe047, up: 0xe048, pageup: 0xe049, pgup: 0xe049, left: 0xe04b, right: 0xe04d, end: 0xe04f, down: 0xe050, pagedown: 0xe051, pgdn: 0xe051,
  insert: 0xe052, ins: 0xe052, delete: 0xe053, del: 0xe053, print: 0xe037, sysrq: 0x54, break: 0xe046,
  kp0: 0x52, kp1: 0x4f, kp2: 0x50, kp3: 0x51, kp4: 0x4b, kp5: 0x4c, kp6: 0x4d, kp7: 0x47, kp8: 0x48, kp9: 0x49,
  kpdot: 0x53, kpminus: 0x4a, kpplus: 0x4e, kpmultiply: 0x37, kpdivide: 0xe035, kpenter: 0xe01c,
  minus: 0x0c, plus: 0x0d, less: 0x56,
  mute: 0xe020, volumedown: 0xe02e, volumeup: 0xe030, power: 0xe05e, sleep: 0xe05f, wake: 0xe063,
} as const satisfies Record<string, number>;

export const keyNames: readonly string[] = Object.keys(named);

/** How a character is typed on a US keyboard; null when it cannot be. */
export function keystrokeOf(character: string): Keystroke | null {
  return characters.get(character) ?? null;
}

export type ParsedChord = { readonly ok: true; readonly scancodes: readonly number[] } | { readonly ok: false; readonly unknown: string };

/** Keys of a chord at a time. */
const chordKeysMax = 8;

/**
 * A key or a chord, as in `F1`, `ctrl-alt-del`, `A`, `alt+x`: the scancodes in the order of pressing. Names may be in any case; a single
 * character is what it shows, so `A` and `!` hold Shift, while in a chord a letter is its key.
 */
export function parseChord(text: string): ParsedChord {
  if (Array.from(text).length === 1) {
    const stroke = keystrokeOf(text);
    return stroke === null ? { ok: false, unknown: text } : { ok: true, scancodes: stroke.shift ? [shiftScancode, stroke.scancode] : [stroke.scancode] };
  }
  const parts = text.split(/[-+]/);
  const scancodes: number[] = [];
  for (const part of parts) {
    const name = part.toLowerCase();
    const stroke = keystrokeOf(name);
    if (Object.hasOwn(named, name)) scancodes.push((named as Readonly<Record<string, number>>)[name] ?? 0);
    else if (stroke === null) return { ok: false, unknown: part };
    else scancodes.push(...(stroke.shift && !scancodes.includes(shiftScancode) ? [shiftScancode] : []), stroke.scancode);
  }
  return scancodes.length > chordKeysMax ? { ok: false, unknown: `more than ${chordKeysMax} keys` } : { ok: true, scancodes };
}

/** `0xE04B` or `0x4B`, with or without the break bit -> the make code; null for what no keyboard sends. */
export function makeCode(scancode: number): number | null {
  const [prefix, code] = [scancode >>> 8, scancode & 0x7f];
  return code !== 0 && (prefix === 0 || prefix === 0xe0 || prefix === 0xe1) ? (prefix << 8) | code : null;
}
