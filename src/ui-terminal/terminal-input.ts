// Terminal input: the bytes that a terminal in raw mode sends, as keys, mouse, focus and pastes: the kitty keyboard protocol, SGR mouse and the
// sequences of every terminal before them. It decides nothing about them and waits for nothing: whoever reads knows when an ESC stood alone.

import { keyOfCode, keyOfFinal, keyOfNumber, keyOfSs3 } from './terminal-key-codes.ts';

export interface KeyModifiers { readonly shift: boolean; readonly alt: boolean; readonly ctrl: boolean; readonly meta: boolean }

/** `key` is one character as its key gives it, or a name of `control/keys.ts`. */
export interface TerminalKey {
  readonly kind: 'key';
  readonly key: string;
  /** The same key on a US keyboard, where the terminal tells. */
  readonly base: string | null;
  readonly modifiers: KeyModifiers;
  readonly action: 'press' | 'repeat' | 'release';
}

/** Cells from 0. `button` as SGR numbers them without modifiers and motion (0 left, 1 middle, 2 right, 64 wheel up, 65 down, 128 side, 129 extra); null = none is held. */
export interface TerminalMouse { readonly kind: 'mouse'; readonly action: 'press' | 'release' | 'move'; readonly button: number | null; readonly column: number; readonly row: number }

export type TerminalInput =
  | TerminalKey
  | TerminalMouse
  | { readonly kind: 'focus'; readonly gained: boolean }
  | { readonly kind: 'paste'; readonly text: string }
  /** The terminal speaks the kitty keyboard protocol with these of its flags. */
  | { readonly kind: 'keyboardFlags'; readonly flags: number };

/** What is not complete yet: the beginning of a sequence, and the text of a paste. */
export interface UnreadInput { readonly bytes: readonly number[]; readonly paste: readonly number[] | null }

export const nothingUnread: UnreadInput = { bytes: [], paste: null };

export interface ReadInput { readonly inputs: readonly TerminalInput[]; readonly unread: UnreadInput }

const noModifiers: KeyModifiers = { shift: false, alt: false, ctrl: false, meta: false };

const esc = 0x1b;
/** A sequence that goes on longer is none, and is let go. */
const sequenceBytesMax = 64;
/** A paste is kept up to here: more than can be typed, so that it is refused rather than cut. */
const pasteBytesMax = 64 * 1024;
const pasteEnd: readonly number[] = Array.from('\x1b[201~', (character) => character.charCodeAt(0));

/** @param isOver nothing follows for now: an ESC that stands alone is the key */
export function readInput(before: UnreadInput, bytes: Uint8Array, isOver = false): ReadInput {
  const inputs: TerminalInput[] = [];
  const all = [...before.bytes, ...bytes];
  let paste = before.paste === null ? null : [...before.paste];
  let at = 0;
  while (at < all.length) {
    if (paste !== null) {
      const end = indexOfBytes(all, pasteEnd, at);
      // The end of the paste may be cut in two.
      const upTo = end === -1 ? (isOver ? all.length : Math.max(at, all.length - pasteEnd.length + 1)) : end;
      for (const byte of all.slice(at, upTo)) if (paste.length < pasteBytesMax) paste.push(byte);
      at = upTo;
      if (end === -1) break;
      inputs.push({ kind: 'paste', text: decodeUtf8(paste) });
      paste = null;
      at = end + pasteEnd.length;
      continue;
    }
    const piece = readPiece(all, at, isOver);
    if (piece === null) break;
    at += piece.length;
    if (piece.input === 'pasteBegins') paste = [];
    else if (piece.input !== null) inputs.push(piece.input);
  }
  return { inputs, unread: { bytes: all.slice(at), paste } };
}

/** Null = more bytes are needed. */
type Piece = { readonly length: number; readonly input: TerminalInput | 'pasteBegins' | null } | null;

function readPiece(bytes: readonly number[], at: number, isOver: boolean): Piece {
  const byte = bytes[at] ?? 0;
  if (byte !== esc) return readCharacter(bytes, at, isOver);
  const next = bytes[at + 1];
  if (next === undefined) return isOver ? { length: 1, input: press('esc') } : null;
  if (next === esc) return { length: 1, input: press('esc') };
  const introduced = next === 0x5b ? readCsi(bytes, at) : next === 0x4f ? readSs3(bytes, at) : undefined;
  if (introduced === null && isOver) return { length: 2, input: press(next === 0x5b ? '[' : 'O', { ...noModifiers, alt: true }) };
  if (introduced !== undefined) return introduced;
  const piece = readCharacter(bytes, at + 1, isOver);
  if (piece === null || piece.input === null || piece.input === 'pasteBegins' || piece.input.kind !== 'key') return piece === null ? null : { ...piece, length: piece.length + 1 };
  return { length: piece.length + 1, input: { ...piece.input, modifiers: { ...piece.input.modifiers, alt: true } } };
}

const press = (key: string, modifiers: KeyModifiers = noModifiers): TerminalKey => ({ kind: 'key', key, base: null, modifiers, action: 'press' });
const ctrl: KeyModifiers = { ...noModifiers, ctrl: true };

/** What terminals send for Ctrl with a key that is no letter, by its byte. */
const controls: Readonly<Record<number, string>> = { 0x1c: '\\', 0x1d: ']', 0x1e: '6', 0x1f: '/' };

function readCharacter(bytes: readonly number[], at: number, isOver: boolean): Piece {
  const byte = bytes[at] ?? 0;
  const one = (input: TerminalInput): Piece => ({ length: 1, input });
  if (byte === 0x00) return one(press('space', ctrl));
  if (byte === 0x08 || byte === 0x7f) return one(press('backspace'));
  if (byte === 0x09) return one(press('tab'));
  if (byte === 0x0d) return one(press('enter'));
  if (byte < 0x1b) return one(press(String.fromCharCode(byte + 0x60), ctrl));
  if (byte < 0x20) return one(press(controls[byte] ?? 'esc', ctrl));
  if (byte < 0x80) return one(press(String.fromCharCode(byte)));
  const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
  if (at + length > bytes.length && !isOver) return null;
  return { length: Math.min(length, bytes.length - at), input: press(decodeUtf8(bytes.slice(at, at + length))) };
}

function readSs3(bytes: readonly number[], at: number): Piece {
  const final = bytes[at + 2];
  if (final === undefined) return null;
  const key = keyOfSs3(String.fromCharCode(final));
  return { length: 3, input: key === null ? null : press(key) };
}

function readCsi(bytes: readonly number[], at: number): Piece {
  let end = at + 2;
  // The Linux console's F1 to F5 are `ESC [ [ A` to `E`.
  if (bytes[end] === 0x5b) {
    const final = bytes[end + 1];
    if (final === undefined) return null;
    return { length: 4, input: final >= 0x41 && final <= 0x45 ? press(`f${final - 0x40}`) : null };
  }
  while (end < bytes.length && (bytes[end] ?? 0) >= 0x20 && (bytes[end] ?? 0) < 0x40) end += 1;
  if (end - at > sequenceBytesMax) return { length: end - at, input: null };
  const final = bytes[end];
  if (final === undefined) return null;
  // A control byte or another ESC ends a sequence that was cut off; it counts for itself.
  if (final < 0x40) return { length: end - at, input: null };
  return { length: end - at + 1, input: csiInput(String.fromCharCode(...bytes.slice(at + 2, end)), String.fromCharCode(final)) };
}

function csiInput(text: string, final: string): TerminalInput | 'pasteBegins' | null {
  if (final === 'u' && text.startsWith('?')) return { kind: 'keyboardFlags', flags: numberOf(text.slice(1)) ?? 0 };
  if ((final === 'M' || final === 'm') && text.startsWith('<')) return mouseInput(text.slice(1), final === 'M');
  if (/[^0-9;:]/.test(text)) return null;
  if (text === '' && (final === 'I' || final === 'O')) return { kind: 'focus', gained: final === 'I' };
  const [first = '', second = '', third = ''] = text.split(';');
  if (final === '~' && first === '200') return 'pasteBegins';
  if (final === 'Z') return press('tab', { ...noModifiers, shift: true });
  const [bits, event] = second.split(':').map(numberOf);
  const modifiers = modifiersOf(bits ?? 1);
  const action = event === 3 ? 'release' : event === 2 ? 'repeat' : 'press';
  const keyed = (key: string | null, base: string | null = null): TerminalKey | null => (key === null ? null : { kind: 'key', key, base, modifiers, action });
  if (final === 'u') {
    const [code, , base] = first.split(':').map(numberOf);
    return keyed(keyOfCode(code ?? 0), base === null || base === undefined ? null : keyOfCode(base));
  }
  // xterm's modifyOtherKeys.
  if (final === '~' && first === '27') return keyed(keyOfCode(numberOf(third) ?? 0));
  if (final === '~') return keyed(keyOfNumber(numberOf(first.split(':')[0] ?? '') ?? 0));
  // `CSI row;column R` is a cursor's position, not F3.
  if (final === 'R' && first !== '' && first !== '1') return null;
  return keyed(keyOfFinal(final));
}

/** The wire's number is the bits plus one: 1 shift, 2 alt, 4 ctrl, 8 super. */
function modifiersOf(wire: number): KeyModifiers {
  const bits = Math.max(0, wire - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0, meta: (bits & 8) !== 0 };
}

function mouseInput(text: string, pressed: boolean): TerminalMouse | null {
  const [code, column, row] = text.split(';').map(numberOf);
  if (code === undefined || code === null || column === undefined || column === null || row === undefined || row === null || column < 1 || row < 1) return null;
  // 4, 8 and 16 are modifiers, 32 motion; 3 with motion is no button.
  const button = code & ~0x3c;
  const moved = (code & 32) !== 0;
  return { kind: 'mouse', action: moved ? 'move' : pressed ? 'press' : 'release', button: button === 3 ? null : button, column: column - 1, row: row - 1 };
}

const numberOf = (text: string): number | null => (/^\d{1,7}$/.test(text) ? Number(text) : null);

function indexOfBytes(bytes: readonly number[], wanted: readonly number[], from: number): number {
  for (let at = from; at + wanted.length <= bytes.length; at++) if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  return -1;
}

/** What is not UTF-8 becomes U+FFFD, one for each byte. */
function decodeUtf8(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    const tail = bytes.slice(at + 1, at + length);
    if (length === 0 || tail.length !== length - 1 || tail.some((each) => (each & 0xc0) !== 0x80)) {
      text += '�';
      at += 1;
      continue;
    }
    const code = tail.reduce((sum, each) => (sum << 6) | (each & 0x3f), length === 1 ? byte : byte & (0xff >> (length + 1)));
    text += code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '�' : String.fromCodePoint(code);
    at += length;
  }
  return text;
}
