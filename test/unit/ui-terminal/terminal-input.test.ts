import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nothingUnread, readInput, type TerminalInput, type UnreadInput } from '#app/ui-terminal/terminal-input.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Keys as people write them: `ctrl+c`, `A`, `up!` for a release. */
const worded = (inputs: readonly TerminalInput[]): readonly string[] => inputs.map((input) => {
  if (input.kind === 'mouse') return `${input.action} ${input.button ?? 'none'} at ${input.column},${input.row}`;
  if (input.kind !== 'key') return JSON.stringify(input);
  const modifiers = (['ctrl', 'alt', 'shift', 'meta'] as const).filter((name) => input.modifiers[name]).map((name) => `${name}+`).join('');
  return `${modifiers}${input.key}${input.base === null ? '' : `(${input.base})`}${{ press: '', repeat: '~', release: '!' }[input.action]}`;
});
const read = (text: string, isOver = true): readonly string[] => worded(readInput(nothingUnread, bytes(text), isOver).inputs);

describe('terminals of every kind', () => {
  test.each([
    ['letters', 'aZ é', ['a', 'Z', ' ', 'é']],
    ['control characters', '\x01\x03\t\r\x7f\x08\x1d\x00\x1f', ['ctrl+a', 'ctrl+c', 'tab', 'enter', 'backspace', 'backspace', 'ctrl+]', 'ctrl+space', 'ctrl+/']],
    ['arrows and edges, in both of their forms', '\x1b[A\x1bOB\x1b[H\x1bOF', ['up', 'down', 'home', 'end']],
    ['function keys', '\x1bOP\x1b[12~\x1b[15~\x1b[24~\x1b[[E', ['f1', 'f2', 'f5', 'f12', 'f5']],
    ['modifiers in parameters', '\x1b[1;5A\x1b[3;2~\x1b[1;4Q\x1b[Z', ['ctrl+up', 'shift+delete', 'alt+shift+f2', 'shift+tab']],
    ['Alt', '\x1bx\x1bQ\x1b\x01', ['alt+x', 'alt+Q', 'ctrl+alt+a']],
    ['ESC alone, twice, and before a sequence', '\x1b\x1b\x1b[A', ['esc', 'esc', 'up']],
    ['modifyOtherKeys', '\x1b[27;5;46~', ['ctrl+.']],
  ])('%s', (_name, text, keys) => {
    expect(read(text)).toEqual(keys);
  });

  test('the kitty protocol: presses, repeats, releases, modifiers as keys, the key on a US keyboard', () => {
    expect(read('\x1b[97u\x1b[97;1:2u\x1b[97;1:3u')).toEqual(['a', 'a~', 'a!']);
    expect(read('\x1b[57441;2u\x1b[97:65;2u\x1b[57441;1:3u')).toEqual(['shift+lshift', 'shift+a', 'lshift!']);
    expect(read('\x1b[246::59;1u\x1b[1;1:3A\x1b[27u\x1b[57399u')).toEqual(['ö(;)', 'up!', 'esc', 'kp0']);
    expect(read('\x1b[?15u')).toEqual(['{"kind":"keyboardFlags","flags":15}']);
  });

  test('SGR mouse: buttons, wheel, movement with and without a button, modifiers left out', () => {
    expect(read('\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<35;1;1M\x1b[<32;3;4M\x1b[<64;1;1M\x1b[<18;2;2M\x1b[<128;1;1M')).toEqual(
      ['press 0 at 9,4', 'release 0 at 9,4', 'move none at 0,0', 'move 0 at 2,3', 'press 64 at 0,0', 'press 2 at 1,1', 'press 128 at 0,0']);
    expect(read('\x1b[<0;0;0M\x1b[<0;5M\x1b[<;;M')).toEqual([]);
  });

  test('focus and pastes; a paste’s own sequences are its text', () => {
    expect(read('\x1b[I\x1b[O')).toEqual(['{"kind":"focus","gained":true}', '{"kind":"focus","gained":false}']);
    expect(read('\x1b[200~dä\x1b[A\n\x1b[201~q')).toEqual(['{"kind":"paste","text":"dä\\u001b[A\\n"}', 'q']);
  });

  test('letters inside sequences that mean nothing here are no keys', () => {
    expect(read('\x1b[?62;c\x1b[99;99q\x1bOq\x1b[12;34R')).toEqual([]);
  });
});

describe('pieces', () => {
  test('an ESC waits for what follows and is the key when nothing does', () => {
    const first = readInput(nothingUnread, bytes('\x1b'));
    expect(first.inputs).toEqual([]);
    expect(worded(readInput(first.unread, bytes('[A')).inputs)).toEqual(['up']);
    expect(worded(readInput(first.unread, bytes(''), true).inputs)).toEqual(['esc']);
  });

  test('however the bytes are cut, they mean the same', () => {
    const piece = fc.constantFrom('a', 'é', '\x1b[A', '\x1b[<35;10;20M', '\x1b[97;5:3u', '\x1bx', '\x1b[200~text\x1b[201~', '\x03', '\x1b[I');
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 12 }), (pieces, cuts) => {
      const all = bytes(pieces.join(''));
      const whole = readInput(nothingUnread, all, true).inputs;
      const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length])].toSorted((a, b) => a - b);
      let unread: UnreadInput = nothingUnread;
      const inputs = at.flatMap((start, index) => {
        const step = readInput(unread, all.slice(start, at[index + 1] ?? all.length));
        unread = step.unread;
        return step.inputs;
      });
      expect([...inputs, ...readInput(unread, new Uint8Array(0), true).inputs]).toEqual(whole);
    }));
  });

  test('any bytes are read to their end, and what is kept is bounded', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), (chunks) => {
      let unread: UnreadInput = nothingUnread;
      for (const chunk of chunks) {
        unread = readInput(unread, chunk).unread;
        expect(unread.bytes.length).toBeLessThanOrEqual(70);
      }
      expect(readInput(unread, new Uint8Array(0), true).unread.bytes).toEqual([]);
    }));
    const long = readInput(nothingUnread, bytes(`\x1b[200~${'x'.repeat(100_000)}`)).unread;
    expect(long.paste?.length).toBe(65_536);
  });
});
