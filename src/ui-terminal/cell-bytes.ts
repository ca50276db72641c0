// The difference of two grids as the bytes that turn a terminal which shows the first into one which shows the second. Nothing but
// this file's own sequences and characters that `isSendable` lets through ever comes out, whatever the grids hold. It writes straight
// into one buffer that is used again for each frame: no string is made for a cell.

import { isSendable, replacementCharacter } from './display-text.ts';
import { cellAttribute, defaultColor, wideTail } from './cells.ts';
import type { Color, Grid } from './cells.ts';

/** What the terminal can show: 24-bit colours, the 256-colour palette, or no colour at all (`NO_COLOR`). */
export type ColorDepth = 'truecolor' | 'palette256' | 'none';

/** Turns frames into bytes for one terminal; has a buffer of its own. */
export interface CellEncoder {
  /**
   * @param shown what the terminal shows now, or null when that is not known (the first frame, another size): then it is cleared first.
   * @returns a view of the encoder's buffer that is valid until the next call; empty when nothing has changed.
   */
  encode(shown: Grid | null, wanted: Grid): Uint8Array;
}

/** Largest number of bytes that one cell can need: position 11, attributes 12, two colours of 19, two spaces and a step back 7, character 4. */
const cellBytesMax = 80;

const escape = 0x1b;
const digitZero = 0x30;
const semicolon = 0x3b;
/** "No colour is known to be set": no grid holds it. */
const unknownColor = 0xffffffff;

/** A new encoder; the first buffer grows with the first frame. */
export function createCellEncoder(depth: ColorDepth): CellEncoder {
  let bytes = new Uint8Array(16 * 1024);
  let length = 0;

  const ascii = (text: string): void => { for (let i = 0; i < text.length; i++) bytes[length++] = text.charCodeAt(i); };
  const decimal = (value: number): void => {
    if (value >= 10) decimal(Math.floor(value / 10));
    bytes[length++] = digitZero + (value % 10);
  };
  const introduce = (): void => { bytes[length++] = escape; bytes[length++] = 0x5b; };

  const character = (codePoint: number): void => {
    const code = isSendable(codePoint) ? codePoint : replacementCharacter;
    if (code < 0x80) { bytes[length++] = code; return; }
    if (code < 0x800) bytes[length++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[length++] = 0xe0 | (code >> 12);
      else { bytes[length++] = 0xf0 | (code >> 18); bytes[length++] = 0x80 | ((code >> 12) & 63); }
      bytes[length++] = 0x80 | ((code >> 6) & 63);
    }
    bytes[length++] = 0x80 | (code & 63);
  };

  const moveTo = (column: number, row: number): void => {
    introduce(); decimal(row + 1); bytes[length++] = semicolon; decimal(column + 1); bytes[length++] = 0x48;
  };
  const moveRight = (cells: number): void => { introduce(); if (cells > 1) decimal(cells); bytes[length++] = 0x43; };

  const attributes = (bits: number): void => {
    introduce(); bytes[length++] = digitZero;
    if ((bits & cellAttribute.bold) !== 0) ascii(';1');
    if ((bits & cellAttribute.dim) !== 0) ascii(';2');
    if ((bits & cellAttribute.underline) !== 0) ascii(';4');
    if ((bits & cellAttribute.reverse) !== 0) ascii(';7');
    bytes[length++] = 0x6d;
  };
  /** @param base 30 for the foreground, 40 for the background */
  const color = (value: Color, base: 30 | 40): void => {
    introduce();
    if (value === defaultColor) decimal(base + 9);
    else if (depth === 'palette256') { decimal(base + 8); ascii(';5;'); decimal(paletteIndex(value)); }
    else {
      decimal(base + 8); ascii(';2;');
      decimal((value >> 16) & 255); bytes[length++] = semicolon; decimal((value >> 8) & 255); bytes[length++] = semicolon; decimal(value & 255);
    }
    bytes[length++] = 0x6d;
  };

  return {
    encode(shown, wanted) {
      const known = shown !== null && shown.columns === wanted.columns && shown.rows === wanted.rows ? shown : null;
      length = 0;
      reserve(64);
      ascii('\x1b[?2026h');
      if (known === null) ascii('\x1b[0m\x1b[2J');
      const empty = length;
      // After a reset at the end of each frame the terminal starts with its own colours and no attributes.
      let currentAttributes = 0;
      let foreground: Color = defaultColor;
      let background: Color = defaultColor;
      let cursorColumn = -1;
      let cursorRow = -1;
      for (let row = 0, index = 0; row < wanted.rows; row++) {
        for (let column = 0; column < wanted.columns; column++, index++) {
          const code = wanted.characters[index] ?? 0;
          // The tail of a wide character has the style of its first half and is drawn with it.
          if (code === wideTail || isSame(known, wanted, index, depth)) continue;
          reserve(cellBytesMax);
          if (cursorRow !== row || cursorColumn < 0) moveTo(column, row);
          else if (cursorColumn < column) moveRight(column - cursorColumn);
          const wantedAttributes = wanted.attributes[index] ?? 0;
          if (wantedAttributes !== currentAttributes) {
            attributes(wantedAttributes);
            currentAttributes = wantedAttributes;
            foreground = background = defaultColor;
          }
          if (depth !== 'none') {
            const nextForeground = wanted.foregrounds[index] ?? defaultColor;
            const nextBackground = wanted.backgrounds[index] ?? defaultColor;
            if (nextForeground !== foreground) { color(nextForeground, 30); foreground = nextForeground; }
            if (nextBackground !== background) { color(nextBackground, 40); background = nextBackground; }
          }
          if (column + 1 < wanted.columns && wanted.characters[index + 1] === wideTail) {
            // Two spaces first, then the character, then an explicit position: right also in a terminal that takes it for one cell wide.
            ascii('  '); moveTo(column, row);
            character(code);
            cursorColumn = -1;
          } else {
            character(code);
            cursorColumn = column + 1 < wanted.columns ? column + 1 : -1;
          }
          cursorRow = row;
        }
      }
      if (length === empty && known !== null) return bytes.subarray(0, 0);
      reserve(32);
      ascii('\x1b[0m\x1b[?2026l');
      return bytes.subarray(0, length);
    },
  };

  function reserve(more: number): void {
    if (length + more <= bytes.length) return;
    const larger = new Uint8Array(bytes.length * 2);
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  }
}

/** Whether a cell looks the same in both grids at this colour depth. An unknown terminal was cleared, so it shows plain spaces. */
function isSame(shown: Grid | null, wanted: Grid, index: number, depth: ColorDepth): boolean {
  if ((shown === null ? 0x20 : shown.characters[index]) !== wanted.characters[index]) return false;
  if ((shown === null ? 0 : shown.attributes[index]) !== wanted.attributes[index]) return false;
  if (depth === 'none') return true;
  return isSameColor(shown === null ? defaultColor : shown.foregrounds[index] ?? unknownColor, wanted.foregrounds[index] ?? unknownColor, depth)
    && isSameColor(shown === null ? defaultColor : shown.backgrounds[index] ?? unknownColor, wanted.backgrounds[index] ?? unknownColor, depth);
}

function isSameColor(first: Color, second: Color, depth: ColorDepth): boolean {
  if (first === second) return true;
  // A moving picture changes colours by amounts that the palette does not show: no bytes for those.
  return depth === 'palette256' && first !== defaultColor && second !== defaultColor && paletteIndex(first) === paletteIndex(second);
}

/** The nearest of the palette's 6 x 6 x 6 cube and its 24 greys; the first 16 entries are the user's own and are left alone. */
export function paletteIndex(value: Color): number {
  const red = (value >> 16) & 255, green = (value >> 8) & 255, blue = value & 255;
  const cubeRed = cubeStep(red), cubeGreen = cubeStep(green), cubeBlue = cubeStep(blue);
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const greyLevel = 8 + grey * 10;
  const cubeError = squared(red - cubeLevel(cubeRed)) + squared(green - cubeLevel(cubeGreen)) + squared(blue - cubeLevel(cubeBlue));
  const greyError = squared(red - greyLevel) + squared(green - greyLevel) + squared(blue - greyLevel);
  return greyError < cubeError ? 232 + grey : 16 + 36 * cubeRed + 6 * cubeGreen + cubeBlue;
}

// The cube's levels are 0, 95, 135, 175, 215, 255.
const cubeStep = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
const cubeLevel = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
const squared = (value: number): number => value * value;
