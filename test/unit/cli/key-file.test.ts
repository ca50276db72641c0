import { describe, expect, test } from 'vitest';
import { KEY_FILE_BYTES_MAX, KEY_FILE_LINES_MAX, parseKeyFile, readList, readString } from '#app/cli/key-file.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const group = (text: string, name = 'g'): Record<string, string> => {
  const result = parseKeyFile(bytes(text));
  if (result.kind === 'malformed') throw new Error(`line ${result.line}: ${result.message}`);
  return Object.fromEntries([...(result.groups.get(name) ?? [])].map(([key, { raw }]) => [key, raw]));
};

describe('a key file', () => {
  test.each<[string, string, Record<string, string>]>([
    ['values keep what an INI reader would cut off', '[g]\npassword=a;b#c d\n', { password: 'a;b#c d' }],
    ['spaces around the equals sign go, those at the end of a value stay', '[g]\nkey = a b \n', { key: 'a b ' }],
    ['comments, blank lines, carriage returns and a byte order mark are passed over', '\uFEFF# c\r\n\r\n[g]\r\n  # d\r\nkey=a\r\n', { key: 'a' }],
    ['the last value of a key counts, also over a group that comes twice', '[g]\na=1\n[h]\na=2\n[g]\na=3\nb=\n', { a: '3', b: '' }],
    ['__proto__ is only a key', '[g]\n__proto__=x\n', Object.fromEntries([['__proto__', 'x']])],
    ['a translation is no value of its key', '[g]\ntitle=a\ntitle[de]=b\ntitle[sr@latin]=c\n', { title: 'a' }],
    ['only ASCII space is taken for space', '[g]\n\tkey\t=\f \u00a0a\u00a0\n', { key: '\u00a0a\u00a0' }],
    ['; starts no comment', '[g]\n;key=a\n', { ';key': 'a' }],
    ['keys may have spaces and letters of any alphabet', '[g]\na b=1\nk\u00e4=2\n', { 'a b': '1', 'k\u00e4': '2' }],
    ['a value may hold equals signs and no line feed may end it', '[g]\nkey==a=', { key: '=a=' }],
  ])('%s', (_, text, expected) => {
    expect(group(text)).toEqual(expected);
  });

  test.each<[string, Uint8Array, number, RegExp]>([
    ['text that is neither', bytes('[g]\nhost\n'), 2, /key=value/],
    ['a key outside of any group', bytes('# c\nhost=a\n'), 2, /"host" stands before/],
    ['a group without its end', bytes('\n\n[g\n'), 3, /\[name\]/],
    ['an empty group name', bytes('[]'), 1, /\[name\]/],
    ['a comment that starts with ;', bytes('[g]\n; host\n'), 2, /starts with #/],
    ['a key in brackets', bytes('[g]\n[k]=1\n'), 2, /not a key/],
    ['a key with half a language', bytes('[g]\ntitle[de=1\n'), 2, /not a key/],
    ['a language with a space', bytes('[g]\ntitle[d e]=1\n'), 2, /not a key/],
    ['a key that ends in a space before its language', bytes('[g]\ntitle [de]=1\n'), 2, /not a key/],
    ['a group with something behind it', bytes('[g]x\n'), 1, /\[name\]/],
    ['too many lines', bytes('\n'.repeat(KEY_FILE_LINES_MAX)), KEY_FILE_LINES_MAX + 1, /more than/],
    ['a missing key', bytes('[g]\n=x'), 2, /before "="/],
    ['bytes that are not UTF-8', Uint8Array.of(0x5b, 0x67, 0x5d, 0x0a, 0x61, 0x3d, 0xff), 2, /UTF-8/],
    ['a file that is too large', new Uint8Array(KEY_FILE_BYTES_MAX + 1), 0, /larger/],
  ])('%s is refused with its line', (_, input, line, message) => {
    expect(parseKeyFile(input)).toMatchObject({ kind: 'malformed', line, message: expect.stringMatching(message) });
  });

  test.each([
    ['\u001bc\u202e', '…'],
    ['host\u0007x', 'host…'],
    ['password: hun', 'password…'],
    ['x'.repeat(41), `${'x'.repeat(40)}…`],
    ['host', 'host'],
  ])('a message about the key %j shows %j of it: nothing that could act on a terminal, and no more than a key', (key, shown) => {
    expect(parseKeyFile(bytes(`${key}=1`))).toMatchObject({ kind: 'malformed', message: `the key "${shown}" stands before any [group]` });
  });
});

test('a value remembers the line of the one that it replaced, and translations the key that they are of', () => {
  const result = parseKeyFile(bytes('[g]\na=1\na[de]=2\n[g]\na=3\n[h]\na=4\n'));
  expect(result).toMatchObject({ kind: 'groups', translations: [{ group: 'g', key: 'a', locale: 'de', line: 3 }] });
  const values = result.kind === 'groups' ? ['g', 'h'].map((name) => result.groups.get(name)?.get('a')) : [];
  expect(values).toEqual([{ raw: '3', line: 5, replacedLine: 2 }, { raw: '4', line: 7, replacedLine: null }]);
});

test('a mebibyte of what an expression could stumble over is read at once', () => {
  // Each was quadratic once: minutes, not milliseconds.
  for (const text of [`[g]\na${' '.repeat(1_000_000)}b=c`, `[g]\na=${'\\s'.repeat(500_000)}`, `[${'g'.repeat(1_000_000)}`]) expect(['groups', 'malformed']).toContain(parseKeyFile(bytes(text)).kind);
});

describe('a value', () => {
  const value = (raw: string) => ({ raw, line: 7, replacedLine: null });

  test.each([
    ['a\\nb\\tc\\rd\\se\\\\f', 'a\nb\tc\rd e\\f'],
    ['', ''],
    ['a;b', 'a;b'],
  ])('%j is the string %j', (raw, text) => {
    expect(readString(value(raw))).toEqual({ kind: 'text', text });
  });

  test.each([
    ['main;display;', ['main', 'display']],
    ['main;display', ['main', 'display']],
    ['a\\;b;c\\\\;', ['a;b', 'c\\']],
    ['', []],
    [';;a', ['', '', 'a']],
  ])('%j is the list %j', (raw, items) => {
    expect(readList(value(raw))).toEqual({ kind: 'items', items });
  });

  test.each(['\\x', 'a\\', 'a\\;'])('the string %j is refused with its line', (raw) => {
    expect(readString(value(raw))).toMatchObject({ kind: 'malformed', line: 7 });
  });
});
