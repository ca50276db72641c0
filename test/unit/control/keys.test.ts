import { describe, expect, test } from 'vitest';
import { keyNames, keystrokeOf, makeCode, parseChord } from '#app/control/keys.js';

describe('characters', () => {
  test('every printable character of ASCII can be typed, and no two are typed alike', () => {
    const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at));
    const strokes = printable.map((character) => keystrokeOf(character));
    expect(strokes.filter((stroke) => stroke === null)).toEqual([]);
    expect(new Set(strokes.map((stroke) => JSON.stringify(stroke))).size).toBe(95);
  });

  test.each([['a', 0x1e, false], ['Z', 0x2c, true], ['1', 0x02, false], ['!', 0x02, true], ['0', 0x0b, false], ['-', 0x0c, false], ['_', 0x0c, true], ['[', 0x1a, false], ['}', 0x1b, true], [';', 0x27, false], ['"', 0x28, true],
    ['`', 0x29, false], ['~', 0x29, true], ['\\', 0x2b, false], ['|', 0x2b, true], ['/', 0x35, false], ['?', 0x35, true], [' ', 0x39, false], ['\n', 0x1c, false], ['\t', 0x0f, false]])('%j is the key %i, with Shift: %s', (character, scancode, shift) => {
    expect(keystrokeOf(character)).toEqual({ scancode, shift });
  });

  test.each(['é', '€', '\u0000', '', 'ab'])('%j cannot be typed', (character) => {
    expect(keystrokeOf(character)).toBe(null);
  });
});

describe('names', () => {
  test.each([
    ['ctrl-alt-del', [0x1d, 0x38, 0xe053]], ['Ctrl+Alt+F2', [0x1d, 0x38, 0x3c]], ['F12', [0x58]], ['a', [0x1e]], ['A', [0x2a, 0x1e]], ['ctrl-A', [0x1d, 0x1e]], ['-', [0x0c]], ['+', [0x2a, 0x0d]], ['ctrl-minus', [0x1d, 0x0c]],
    ['!', [0x2a, 0x02]], ['alt-!', [0x38, 0x2a, 0x02]], ['shift-!', [0x2a, 0x02]], ['PGUP', [0xe049]], ['kp5', [0x4c]],
  ])('%s is %j', (text, scancodes) => {
    expect(parseChord(text)).toEqual({ ok: true, scancodes });
  });

  test.each([['', ''], ['ctrl-', ''], ['ctrl--', ''], ['hyper-x', 'hyper'], ['toString', 'toString'], ['__proto__', '__proto__'], ['a-b-c-d-e-f-g-h-i', 'more than 8 keys']])('of %j the unknown part is %j', (text, unknown) => {
    expect(parseChord(text)).toEqual({ ok: false, unknown });
  });

  test('each is a code that a keyboard sends', () => {
    for (const name of keyNames) {
      const parsed = parseChord(name);
      expect(parsed.ok && parsed.scancodes.map(makeCode)).toEqual(parsed.ok && parsed.scancodes);
    }
  });
});

test.each([[0x1e, 0x1e], [0x9e, 0x1e], [0xe04b, 0xe04b], [0xe0cb, 0xe04b], [0, null], [0x80, null], [0xe000, null], [0x121e, null], [0xff1e, null]])('the make code of %i is %j', (scancode, code) => {
  expect(makeCode(scancode)).toBe(code);
});
