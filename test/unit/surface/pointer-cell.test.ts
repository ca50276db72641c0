import { expect, test } from 'vitest';
import { decodePointer, encodePointer } from '#app/surface/pointer-cell.js';
import { hex } from '../../golden/hand-laid.mjs';

const shape = { width: 2, height: 1, hotSpotX: 1, hotSpotY: 0, pixels: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]) };

test('position, visibility and shape come back as they were', () => {
  const pointer = { x: -5, y: 70_000, visible: true, shape };
  expect(decodePointer(encodePointer(pointer))).toEqual(pointer);
  expect(decodePointer(encodePointer({ ...pointer, visible: false, shape: null }))).toEqual({ ...pointer, visible: false, shape: null });
});

test('bytes at any offset of their memory are read', () => {
  const bytes = encodePointer({ x: 1, y: 2, visible: true, shape });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(decodePointer(shifted.subarray(3))).toMatchObject({ x: 1, y: 2, shape: { width: 2 } });
});

test.each([
  ['nothing', ''],
  ['half a header', '0000000000000000'],
  ['pixels that do not fit the size', `${'00000000'.repeat(3)}0200000001000000${'00000000'.repeat(2)}aabb`],
  ['a size below zero', `${'00000000'.repeat(3)}ffffffffffffffff${'00000000'.repeat(2)}aabbccdd`],
])('%s is no pointer', (_name, bytes) => {
  expect(decodePointer(hex(bytes))).toBeNull();
});
