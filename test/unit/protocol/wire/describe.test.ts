import { expect, it } from 'vitest';
import { annotateBody, renderValue, summarizeLayout } from '#app/protocol/wire/describe.js';
import * as L from '#app/protocol/wire/layout.js';
import { catalog } from '#app/protocol/catalog.js';
import { hex } from '../../../golden/hand-laid.mjs';

it('a body is dumped field by field, holes and trailing bytes marked, pointers with their offset', () => {
  const layout = L.struct({ count: L.u8, name: L.pointer(L.bytes('count', 8)), brush: L.tagged(L.u8, { solid: L.at(1, { color: L.u16 }) }) });
  expect(annotateBody(layout, 'message', hex('02', '0a 00 00 00', '01', '22 33', 'ee ee', '61 62', 'ff'))).toEqual([
    '000000  02  message.count = 2',
    '000001  0a 00 00 00  message.name@ = 10',
    '000005  01  message.brush.tag = 1',
    '000006  22 33  message.brush(solid).color = 13090',
    '000008  ee ee  (no field)',
    '00000a  61 62  message.name = <61 62>',
    '00000c  ff  (no field)',
  ]);
});

it('a body that does not fit is dumped up to the fault', () => {
  expect(annotateBody(L.struct({ id: L.u32, timestamp: L.u64 }), 'ping', hex('01 00 00 00', '02'))).toEqual([
    '000000  01 00 00 00  ping.id = 1',
    '000004  02  (no field)',
    'truncated at ping.timestamp: 8 (limit 1)',
  ]);
});

it('a value is one line; long byte fields are cut and counted', () => {
  expect(renderValue({ id: 5n, data: new Uint8Array(20), parts: [1, null], kind: 'x' })).toBe(
    '{ id: 5, data: <00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 … (20 bytes)>, parts: [1, null], kind: x }',
  );
});

it('a layout is one line', () => {
  expect(summarizeLayout(catalog[1].server.channelsList.layout)).toBe('u32 count, channels: (u8 type, u8 id)[count]');
  expect(summarizeLayout(catalog[2].server.mark.layout)).toBe('empty');
});
