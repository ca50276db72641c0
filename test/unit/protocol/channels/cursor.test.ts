import { expect, test } from 'vitest';
import { cursorBehavior } from '#app/protocol/channels/cursor.js';
import { driveChannel } from '../../../support/driven-channel.ts';

const NONE = '0100';
/** No flags; unique 7, ALPHA, 1 x 1, hot spot 0, 0; one white pixel. */
const SHAPE = ['0000', '0700000000000000', '00', '0100', '0100', '0000', '0000', 'ffffffff'];

test('SET: position, visibility and shape; every message goes on to the pointer in order', () => {
  const cursor = driveChannel(cursorBehavior);
  const { effects } = cursor.message(103, '0a00', 'ffff', '01', ...SHAPE);
  expect(effects).toEqual([{ kind: 'point', message: expect.objectContaining({ kind: 'set' }) }]);
  expect(cursor.describe()).toEqual({ x: 10, y: -1, visible: true });
});

test('INIT has trail length and frequency between position and visibility', () => {
  const cursor = driveChannel(cursorBehavior);
  cursor.message(101, '0100', '0200', '0000', '0000', '01', ...SHAPE);
  expect(cursor.describe()).toEqual({ x: 1, y: 2, visible: true });
});

test('visible 0 hides the pointer, and so does NONE', () => {
  const cursor = driveChannel(cursorBehavior);
  cursor.message(103, '0000', '0000', '00', ...SHAPE);
  expect(cursor.describe()).toMatchObject({ visible: false });
  cursor.message(103, '0000', '0000', '01', NONE);
  expect(cursor.describe()).toMatchObject({ visible: false });
});

test('HIDE hides it, MOVE shows it again, unless there is no shape', () => {
  const cursor = driveChannel(cursorBehavior);
  cursor.message(103, '0000', '0000', '01', ...SHAPE);
  cursor.message(105);
  expect(cursor.describe()).toMatchObject({ visible: false });
  cursor.message(104, '0500', '0600');
  expect(cursor.describe()).toEqual({ x: 5, y: 6, visible: true });
  cursor.message(103, '0000', '0000', '01', NONE);
  cursor.message(104, '0700', '0800');
  expect(cursor.describe()).toEqual({ x: 7, y: 8, visible: false });
});

test('RESET starts anew', () => {
  const cursor = driveChannel(cursorBehavior);
  cursor.message(103, '0500', '0500', '01', ...SHAPE);
  expect(cursor.message(102).effects).toHaveLength(1);
  expect(cursor.describe()).toEqual({ x: 0, y: 0, visible: false });
});

test('invalidations reach the pointer cache, TRAIL nobody', () => {
  const cursor = driveChannel(cursorBehavior);
  expect(cursor.message(107, '0700000000000000').effects).toHaveLength(1);
  expect(cursor.message(108).effects).toHaveLength(1);
  expect(cursor.message(106, '0100', '0200').effects).toEqual([]);
});

test('nothing is ever sent', () => {
  const cursor = driveChannel(cursorBehavior);
  expect([cursor.linked(), cursor.message(102), cursor.command({ kind: 'pressKey', scancode: 1 })].flatMap(({ sent }) => sent)).toEqual([]);
});
