import { expect, test } from 'vitest';
import { textBytesMax, textOf } from '#app/protocol/channels/text.js';
import { hex } from '../../../golden/hand-laid.mjs';

test.each([
  ['ASCII', '766d', 'vm'],
  ['two, three and four bytes', 'c3a9 e282ac f09f9880', 'é€😀'],
  ['the first NUL ends it', '766d 00 6e6f', 'vm'],
  ['a lone continuation byte', '41 80 42', 'A\uFFFDB'],
  ['an overlong NUL is no NUL', 'c080 41', '\uFFFD\uFFFDA'],
  ['an overlong slash', 'e080af', '\uFFFD\uFFFD\uFFFD'],
  ['a surrogate', 'eda080', '\uFFFD\uFFFD\uFFFD'],
  ['past the last code point', 'f4908080', '\uFFFD\uFFFD\uFFFD\uFFFD'],
  ['a character cut off at the end', '41 e282', 'A\uFFFD\uFFFD'],
  ['bytes that UTF-8 never uses', 'ff fe', '\uFFFD\uFFFD'],
  ['nothing', '', ''],
])('%s', (_name, bytes, text) => {
  expect(textOf(hex(bytes))).toBe(text);
});

test('64 KiB are read, the rest is cut', () => {
  expect(textOf(new Uint8Array(textBytesMax + 10).fill(0x61))).toHaveLength(textBytesMax);
});
