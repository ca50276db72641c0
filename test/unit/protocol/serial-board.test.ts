import { describe, expect, test } from 'vitest';
import { createSerialBoard, publishSerials, serialReached, setWaiting } from '#app/protocol/serial-board.js';

describe('the board', () => {
  test('a serial is reached when it or a later one was handled, on its own channel only', () => {
    const board = createSerialBoard();
    publishSerials(board, 2, 1).handled(5);
    expect([4n, 5n, 6n].map((serial) => serialReached(board, 2, 1, serial))).toEqual([true, true, false]);
    expect([[2, 0], [3, 1], [4, 1]].map(([type, id]) => serialReached(board, type!, id!, 1n))).toEqual([false, false, false]);
  });

  test('says that a bell is wanted while somebody waits', () => {
    const board = createSerialBoard();
    const display = publishSerials(board, 2, 0);
    expect(display.handled(1)).toBe(false);
    setWaiting(board, 4, 0, true);
    expect(display.handled(2)).toBe(true);
    setWaiting(board, 4, 0, false);
    expect(display.handled(3)).toBe(false);
  });

  test('a channel that died waiting waits no more: found dead, or linked again', () => {
    const board = createSerialBoard();
    const display = publishSerials(board, 2, 0);
    setWaiting(board, 2, 1, true);
    setWaiting(board, 4, 0, true);
    setWaiting(board, 4, 0, true);
    setWaiting(board, 4, 0, false);
    expect(display.handled(1)).toBe(true);
    publishSerials(board, 2, 1);
    expect(display.handled(2)).toBe(false);
  });

  test('a channel that is linked again starts at 0: the numbers of its earlier link say nothing about this one', () => {
    const board = createSerialBoard();
    publishSerials(board, 2, 0).handled(500);
    publishSerials(board, 2, 0);
    expect(serialReached(board, 2, 0, 1n)).toBe(false);
  });

  test('counts on across 2^32', () => {
    const board = createSerialBoard();
    const display = publishSerials(board, 2, 0);
    display.handled(2 ** 32 - 1);
    expect(serialReached(board, 2, 0, 2n ** 32n)).toBe(false);
    display.handled(2 ** 32);
    expect(serialReached(board, 2, 0, 2n ** 32n)).toBe(true);
  });

  test.each([[16, 0], [255, 255], [-1, 0], [2, 256]])('channel %i/%i is none: never reached, and publishing for it hurts nobody', (type, id) => {
    const board = createSerialBoard();
    publishSerials(board, type, id).handled(9);
    setWaiting(board, type, id, true);
    expect(serialReached(board, type, id, 0n)).toBe(false);
    expect(new Int32Array(board).every((word) => word === 0)).toBe(true);
  });
});
