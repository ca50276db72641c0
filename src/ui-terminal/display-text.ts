// Text that is safe to put into terminal cells: one place decides which code points may be shown, how wide they are, and what
// stands in for the rest. It knows no terminal and no style. Everything that a server, a file or a user named passes through here
// before it reaches a grid, because a peer's string is a claim and may hold escape bytes.

/** What stands in the place of a code point that must not reach the terminal. */
export const replacementCharacter = 0x3f;

/** Ends a text that was cut. */
const ellipsis = 0x2026;

/** How many cells a code point takes: 0 means that it is left out. */
export type CellWidth = 0 | 1 | 2;

/** One code point as it is shown. */
export interface DisplayCharacter { readonly codePoint: number; readonly width: CellWidth }

/**
 * Ranges that terminals show two cells wide (Unicode's EastAsianWidth W and F, and the pictographs). Whether a pictograph
 * takes one or two cells differs between terminals: the encoder does not rely on it (see `cell-bytes.ts`).
 */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x2e80, 0x303e], [0x3041, 0x33ff], [0x3400, 0x4dbf], [0x4e00, 0xa4cf], [0xa960, 0xa97c], [0xac00, 0xd7a3],
  [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff01, 0xff60], [0xffe0, 0xffe6], [0x1f300, 0x1faff], [0x20000, 0x3fffd],
];

const shownAsIs = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]$/u;
const leftOut = /^[\p{M}\p{Cf}]$/u;
const pictograph = /^\p{Emoji_Presentation}$/u;

/**
 * How one code point is shown. Control characters (C0, DEL, C1), lone surrogates, private and unassigned code points become
 * a question mark; line breaks and tabs a space; marks that combine and format characters (which include the ones that change
 * the direction of writing and so can make a text look like another one) are left out.
 */
export function displayCharacter(codePoint: number): DisplayCharacter {
  if (codePoint >= 0x20 && codePoint < 0x7f) return { codePoint, width: 1 };
  if (codePoint === 0x09 || codePoint === 0x0a || codePoint === 0x0d) return { codePoint: 0x20, width: 1 };
  if (codePoint < 0xa0 || codePoint > 0x10ffff) return { codePoint: replacementCharacter, width: 1 };
  const text = String.fromCodePoint(codePoint);
  // Vowels and final consonants of Hangul written in parts: most terminals draw them onto the cell before.
  if (leftOut.test(text) || (codePoint >= 0x1160 && codePoint <= 0x11ff)) return { codePoint, width: 0 };
  if (!shownAsIs.test(text)) return { codePoint: replacementCharacter, width: 1 };
  if (isWide(codePoint) || pictograph.test(text)) return { codePoint, width: 2 };
  return { codePoint, width: 1 };
}

/** The characters of a text in the order in which they are shown, with the ones that take no cell left out. */
export function* displayCharacters(text: string): Generator<DisplayCharacter> {
  // Composing first keeps letters with accents that were sent in two parts.
  for (const symbol of text.normalize('NFC')) {
    const character = displayCharacter(symbol.codePointAt(0) ?? replacementCharacter);
    if (character.width !== 0) yield character;
  }
}

/** How many cells a text takes. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of displayCharacters(text)) columns += character.width;
  return columns;
}

/** The text with nothing in it that a terminal would obey, cut with an ellipsis to at most `columnsMax` cells. */
export function safeText(text: string, columnsMax: number): string {
  let shown = '';
  let columns = 0;
  let end = 0; // length of `shown` that still leaves a cell for the ellipsis
  for (const character of displayCharacters(text)) {
    if (columns + character.width > columnsMax) return shown.slice(0, end) + (columnsMax > 0 ? String.fromCodePoint(ellipsis) : '');
    shown += String.fromCodePoint(character.codePoint);
    columns += character.width;
    if (columns < columnsMax) end = shown.length;
  }
  return shown;
}

/** Whether a code point may be sent to a terminal as it is: the encoder's own last check, whatever a grid holds. */
export function isSendable(codePoint: number): boolean {
  return (codePoint >= 0x20 && codePoint < 0x7f) || (codePoint >= 0xa0 && codePoint < 0xd800) || (codePoint > 0xdfff && codePoint <= 0x10ffff);
}

/** Whether terminals show the code point two cells wide. */
function isWide(codePoint: number): boolean {
  if (codePoint < 0x1100) return false;
  return wideRanges.some(([first, last]) => codePoint >= first && codePoint <= last);
}
