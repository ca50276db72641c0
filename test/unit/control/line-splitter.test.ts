import { describe, expect, test } from 'vitest';
import { createLineSplitter, lineBytesMax, pushBytes, takeLine } from '#app/control/line-splitter.js';
import type { LineSplitter } from '#app/control/line-splitter.js';

const text = (splitter: LineSplitter): string | null => {
  const taken = takeLine(splitter);
  return taken === null ? null : taken.kind === 'line' ? Buffer.from(taken.bytes).toString() : 'too long';
};
const push = (splitter: LineSplitter, bytes: string): void => pushBytes(splitter, Buffer.from(bytes));

describe('lines', () => {
  test('come out whole, one at a time, however they came in', () => {
    const splitter = createLineSplitter();
    push(splitter, 'one\ntw');
    expect([text(splitter), text(splitter)]).toEqual(['one', null]);
    push(splitter, 'o\n\nthr');
    expect([text(splitter), text(splitter), text(splitter)]).toEqual(['two', '', null]);
    push(splitter, 'ee\n');
    expect([text(splitter), text(splitter)]).toEqual(['three', null]);
  });

  test('of just the longest length are lines, one byte more is too long, and the next line is whole', () => {
    const splitter = createLineSplitter(4);
    push(splitter, 'abcd\nabcde\nok\n');
    expect([text(splitter), text(splitter), text(splitter), text(splitter)]).toEqual(['abcd', 'too long', 'ok', null]);
  });

  test('that are too long are told of at once, once, and skipped to their end', () => {
    const splitter = createLineSplitter(4);
    push(splitter, 'abcde');
    expect([text(splitter), text(splitter)]).toEqual(['too long', null]);
    push(splitter, 'still the same');
    expect(text(splitter)).toBe(null);
    push(splitter, ' line\nnext\n');
    expect([text(splitter), text(splitter)]).toEqual(['next', null]);
  });
});

test('a line without end never holds more than the longest line and what came with it', () => {
  const splitter = createLineSplitter(1_000);
  for (let count = 0; count < 1_000; count++) {
    push(splitter, 'x'.repeat(500));
    takeLine(splitter);
  }
  expect(splitter.buffer.length).toBeLessThanOrEqual(4_096);
});

test('a line that comes byte by byte costs no more than its length', () => {
  const splitter = createLineSplitter();
  const before = splitter.buffer;
  let grown = 0;
  for (let count = 0, last = before; count < 100_000; count++) {
    pushBytes(splitter, new Uint8Array([0x61]));
    if (takeLine(splitter) !== null) throw new Error('there is no line yet');
    if (splitter.buffer !== last) grown += 1;
    last = splitter.buffer;
  }
  expect(grown).toBeLessThan(10);
  push(splitter, '\n');
  expect(text(splitter)).toHaveLength(100_000);
});

test('the longest request is one mebibyte', () => {
  expect(lineBytesMax).toBe(1_048_576);
});
