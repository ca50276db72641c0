import { describe, expect, it } from 'vitest';
import * as L from '#app/protocol/wire/layout.js';
import type { Layout } from '#app/protocol/wire/layout.js';
import { makeSerializer } from '#app/protocol/wire/serialize.js';
import { Writer } from '#app/protocol/wire/writer.js';
import { hex } from '../../../golden/hand-laid.mjs';

function serialize<T>(layout: Layout<T>, value: T): Uint8Array {
  const writer = new Writer();
  writer.beginBody();
  makeSerializer(layout)(writer, value);
  writer.finishBody();
  return writer.take();
}

describe('what a value does not say', () => {
  it('counts, discriminants and presence bits, is worked out', () => {
    const layout = L.struct({
      count: L.u16,
      flags: L.u8,
      items: L.array('count', L.u8, 8),
      mask: L.whenBit('flags', 4, L.u8),
      brush: L.tagged(L.u8, { none: L.at(0), solid: L.at(1, { color: L.u8 }) }),
    });
    const bytes = serialize(layout, { flags: 0x81, items: [7, 8, 9], mask: 5, brush: { kind: 'solid', color: 6 } });
    expect(bytes).toEqual(hex('03 00', '85', '07 08 09', '05', '01 06'));
    expect(serialize(layout, { flags: 0x85, items: [], mask: null, brush: { kind: 'none' } })).toEqual(hex('00 00', '81', '00'));
  });

  it('a shown discriminant follows the case, whatever the value says', () => {
    const layout = L.struct({ type: L.shown(L.u8), body: L.openChoice('type', { cached: L.at(103), surface: L.at(104, { id: L.u8 }) }) });
    expect(serialize(layout, { type: 99, body: { kind: 'surface', id: 1 } })).toEqual(hex('68 01'));
    expect(serialize(layout, { type: 99, body: { kind: 'unknown', tag: 200, bytes: hex('aa') } })).toEqual(hex('c8 aa'));
  });

  it('a 64-bit count is one too', () => {
    const layout = L.struct({ size: L.u64, data: L.bytes('size', 8) });
    expect(serialize(layout, { data: hex('aa bb') })).toEqual(hex('02 00 00 00 00 00 00 00', 'aa bb'));
  });
});

describe('objects behind pointers', () => {
  it('come after the fixed part in the order of their pointers, those behind them last; null is 0', () => {
    const inner = L.struct({ byte: L.u8, deep: L.nullablePointer(L.u8) });
    const layout = L.struct({ first: L.pointer(inner), second: L.pointer(inner), third: L.nullablePointer(L.u8) });
    const bytes = serialize(layout, { first: { byte: 1, deep: 10 }, second: { byte: 2, deep: 20 }, third: null });
    expect(bytes).toEqual(hex('0c 00 00 00', '11 00 00 00', '00 00 00 00', '01', '16 00 00 00', '02', '17 00 00 00', '0a', '14'));
  });
});

describe('a value that contradicts itself or its layout is our mistake', () => {
  it('two arrays under one count differ in length', () => {
    const layout = L.struct({ count: L.u8, a: L.array('count', L.u8, 8), b: L.array('count', L.u8, 8) });
    expect(serialize(layout, { a: [1], b: [2] })).toEqual(hex('01 01 02'));
    expect(() => serialize(layout, { a: [1], b: [] })).toThrowError(RangeError);
  });

  it('more than the declared maximum, or not the fixed length', () => {
    const layout = L.struct({ count: L.u8, data: L.bytes('count', 2), items: L.restArray(L.u8, 1) });
    expect(() => serialize(layout, { data: hex('01 02 03'), items: [] })).toThrowError(/3 bytes/);
    expect(() => serialize(layout, { data: hex(), items: [1, 2] })).toThrowError(/2 items/);
    expect(() => serialize(L.struct({ uuid: L.fixedBytes(16) }), { uuid: hex('01') })).toThrowError(/exactly 16/);
  });
});

it('a message larger than the first buffer loses nothing where the buffer grows, in any field', () => {
  for (let pad = 240; pad < 260; pad += 1) {
    const layout = L.struct({ pad: L.fixedBytes(pad), a: L.u64, b: L.u32, c: L.u16, d: L.u8, rest: L.restBytes(1000) });
    const bytes = serialize(layout, { pad: new Uint8Array(pad), a: 0x0807060504030201n, b: 0x0c0b0a09, c: 0x0e0d, d: 0x0f, rest: hex('10 11') });
    expect(bytes.subarray(pad)).toEqual(hex('01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11'));
  }
});
