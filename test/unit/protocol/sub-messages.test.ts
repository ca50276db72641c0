import { expect, it } from 'vitest';
import type { Frame } from '#app/protocol/frame-splitter.js';
import { expandFrame } from '#app/protocol/sub-messages.js';
import { hex } from '../../golden/hand-laid.mjs';

const LIST = 8;

function frame(type: number, subList: number, body: Uint8Array): Frame {
  return { type, serial: 9, subList, bytes: body, body };
}

const empty = (type: string): string => `${type} 00 00 00 00 00`;

it('an ordinary frame is itself', () => {
  const one = frame(4, 0, hex('01'));
  expect(expandFrame(one)).toEqual({ frames: [one], error: null });
});

it('sub-messages come in order before their carrier, with its serial', () => {
  const carrier = frame(104, 2, hex('aa bb', '02 00', '0c 00 00 00', '12 00 00 00', empty('66'), '04 00', '01 00 00 00', 'cc'));
  const { frames, error } = expandFrame(carrier);
  expect(error).toBeNull();
  expect(frames.map(({ type, serial, body }) => [type, serial, [...body]])).toEqual([
    [0x66, 9, []],
    [4, 9, [0xcc]],
    [104, 9, [...carrier.body]],
  ]);
  expect(frames[1]?.bytes).toEqual(hex('04 00', '01 00 00 00', 'cc'));
});

it('a LIST is nothing but its list, and one inside it is not opened', () => {
  const { frames, error } = expandFrame(frame(LIST, 0, hex('01 00', '06 00 00 00', empty('08'))));
  expect(error).toBeNull();
  expect(frames.map(({ type, subList }) => [type, subList])).toEqual([[LIST, 0]]);
});

it.each([
  ['offsets that are not all there', hex('ff ff', '06 00 00 00', empty('04')), 'truncated', 0],
  ['an offset outside the body', hex('01 00', 'ff 00 00 00'), 'pointerRange', 0],
  ['a size that runs past the body', hex('01 00', '06 00 00 00', '04 00 ff 00 00 00'), 'invalid', 0],
  ['the same bytes asked for again and again', hex('03 00', '0e 00 00 00', '0e 00 00 00', '0e 00 00 00', '04 00 02 00 00 00', 'aa bb'), 'invalid', 2],
])('%s: the list ends there, the carrier is still handled', (_fault, body, code, before) => {
  const { frames, error } = expandFrame(frame(LIST, 0, body));
  expect(error?.code).toBe(code);
  expect(frames).toHaveLength(before);
  expect(expandFrame({ ...frame(104, 0, body), subList: body.byteLength + 1 }).frames.map(({ type }) => type)).toEqual([104]);
});
