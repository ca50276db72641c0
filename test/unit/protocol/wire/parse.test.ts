import { describe, expect, it } from 'vitest';
import * as L from '#app/protocol/wire/layout.js';
import { makeParser } from '#app/protocol/wire/parse.js';
import type { Layout } from '#app/protocol/wire/layout.js';
import { hex } from '../../../golden/hand-laid.mjs';

function parse<T>(layout: Layout<T>, ...pieces: readonly string[]): { value: T; trailingBytes: number } {
  return makeParser(layout, 'body')(hex(...pieces));
}

describe('scalars', () => {
  it('are little-endian, signed ones in two\'s complement', () => {
    const all = L.struct({ a: L.u8, b: L.i8, c: L.u16, d: L.i16, e: L.u32, f: L.i32, g: L.u64, h: L.i64 });
    const { value } = parse(all, 'ff ff', '01 02 fe ff', '01 02 03 84 fe ff ff ff', '01 00 00 00 00 00 00 80', 'ff ff ff ff ff ff ff ff');
    expect(value).toEqual({ a: 255, b: -1, c: 0x0201, d: -2, e: 0x84030201, f: -2, g: 0x8000000000000001n, h: -1n });
  });

  it('fixed-point numbers are numbers of sixteenths and of 65536ths', () => {
    expect(parse(L.struct({ a: L.fix28_4, b: L.fix16_16 }), 'f8 ff ff ff', '00 80 01 00').value).toEqual({ a: -0.5, b: 1.5 });
  });
});

describe('counts', () => {
  const counted = L.struct({ count: L.u32, items: L.array('count', L.u16, 3), after: L.u8 });

  it('vanish from the value', () => {
    expect(parse(counted, '02 00 00 00', '05 00', '06 00', '07').value).toEqual({ items: [5, 6], after: 7 });
  });

  it('above the declared maximum are refused before an item is read', () => {
    expect(() => parse(counted, '04 00 00 00', '05 00')).toThrowError(
      expect.objectContaining({ code: 'countLimit', field: 'body.items', value: 4, limit: 3 }),
    );
  });

  it('that the body cannot hold are refused before an item is read', () => {
    expect(() => parse(counted, '03 00 00 00', '05 00')).toThrowError(
      expect.objectContaining({ code: 'truncated', field: 'body.items', value: 6, limit: 2 }),
    );
  });

  it('of 64 bits are compared with the maximum, not wrapped', () => {
    const wide = L.struct({ size: L.u64, data: L.bytes('size', 16) });
    expect(parse(wide, '01 00 00 00 00 00 00 00', 'aa').value).toEqual({ data: hex('aa') });
    expect(() => parse(wide, '01 00 00 00 01 00 00 00', 'aa')).toThrowError(expect.objectContaining({ code: 'countLimit', value: 2 ** 32 + 1 }));
  });

  it('missing at the end of a body: whole items to the end, and no half one', () => {
    const rest = L.struct({ words: L.restArray(L.u32, 8) });
    expect(parse(rest, '01 00 00 00', '02 00 00 00').value).toEqual({ words: [1, 2] });
    expect(() => parse(rest, '01 00 00 00', '02')).toThrowError(expect.objectContaining({ code: 'unaligned', value: 5, limit: 4 }));
  });
});

describe('byte fields', () => {
  it('are views of the body, not copies', () => {
    const body = hex('00 02 aa bb');
    const { value } = makeParser(L.struct({ pad: L.u8, count: L.u8, data: L.bytes('count', 8) }), 'body')(body);
    body[3] = 0xcc;
    expect([...value.data]).toEqual([0xaa, 0xcc]);
  });

  it('are found when the body is itself a view in the middle of a chunk', () => {
    const chunk = hex('ff ff ff', '01 aa', 'ff');
    const { value, trailingBytes } = makeParser(L.struct({ count: L.u8, data: L.bytes('count', 8) }), 'body')(chunk.subarray(3, 5));
    expect({ ...value, trailingBytes }).toEqual({ data: hex('aa'), trailingBytes: 0 });
  });

  it('do not reach past the body into the chunk behind it', () => {
    const chunk = hex('03 aa', 'ff ff ff');
    const parseBody = makeParser(L.struct({ count: L.u8, data: L.bytes('count', 8) }), 'body');
    expect(() => parseBody(chunk.subarray(0, 2))).toThrowError(expect.objectContaining({ code: 'truncated', value: 3, limit: 1 }));
  });
});

describe('pointers', () => {
  const pointed = L.struct({ first: L.pointer(L.u16), second: L.nullablePointer(L.u8) });

  it('count from the start of the body, may leave a hole, and may meet in one object', () => {
    expect(parse(pointed, '0a 00 00 00', '0a 00 00 00', 'ee ee', '05 06').value).toEqual({ first: 0x0605, second: 5 });
  });

  it('of zero are null where that is allowed, and malformed where it is not', () => {
    expect(parse(pointed, '08 00 00 00', '00 00 00 00', '01 00').value).toEqual({ first: 1, second: null });
    expect(() => parse(pointed, '00 00 00 00', '00 00 00 00')).toThrowError(expect.objectContaining({ code: 'pointerNull', field: 'body.first' }));
  });

  it('outside the body are refused', () => {
    expect(() => parse(pointed, '0a 00 00 00', '00 00 00 00')).toThrowError(
      expect.objectContaining({ code: 'pointerRange', field: 'body.first', value: 10, limit: 8 }),
    );
    expect(() => parse(pointed, 'ff ff ff ff', '00 00 00 00')).toThrowError(expect.objectContaining({ code: 'pointerRange', value: 0xffffffff }));
  });

  it('whose object runs past the body are refused', () => {
    expect(() => parse(pointed, '08 00 00 00', '00 00 00 00', '01')).toThrowError(expect.objectContaining({ code: 'truncated', value: 2, limit: 1 }));
  });

  it('count what they reach as known: only bytes after the last object are trailing', () => {
    expect(parse(pointed, '08 00 00 00', '00 00 00 00', '01 00', 'ee ee ee').trailingBytes).toBe(3);
  });

  it('pass the count of the enclosing structure on', () => {
    const named = L.struct({ size: L.u8, name: L.pointer(L.bytes('size', 8)), after: L.u8 });
    expect(parse(named, '02', '06 00 00 00', '07', '61 62').value).toEqual({ name: hex('61 62'), after: 7 });
  });
});

describe('choices', () => {
  const cases = { none: L.at(0), solid: L.at(1, { color: L.u16 }) } as const;

  it('are told apart by a kind; the number vanishes', () => {
    const fill = L.struct({ brush: L.tagged(L.u8, cases), rop: L.u8 });
    expect(parse(fill, '01 22 33 44').value).toEqual({ brush: { kind: 'solid', color: 0x3322 }, rop: 0x44 });
    expect(parse(fill, '00 44').value).toEqual({ brush: { kind: 'none' }, rop: 0x44 });
  });

  it('with a number that nobody knows are malformed in the middle of a body', () => {
    expect(() => parse(L.struct({ brush: L.tagged(L.u8, cases) }), '07')).toThrowError(expect.objectContaining({ code: 'unknownCase', value: 7 }));
  });

  it('with a number that nobody knows keep their bytes at the end of a body', () => {
    const image = L.struct({ type: L.u8, width: L.u8, body: L.openChoice('type', cases) });
    expect(parse(image, '63 05 aa bb').value).toEqual({ width: 5, body: { kind: 'unknown', tag: 0x63, bytes: hex('aa bb') } });
  });

  it('keep the number in the value where it is shown', () => {
    const image = L.struct({ type: L.shown(L.u8), body: L.openChoice('type', cases) });
    expect(parse(image, '01 22 33').value).toEqual({ type: 1, body: { kind: 'solid', color: 0x3322 } });
  });
});

describe('fields by a flag', () => {
  const flagged = L.struct({
    flags: L.u8,
    mask: L.whenBit('flags', 4, L.u8),
    shape: L.unlessBit('flags', 1, L.u8),
    palette: L.bitChoice('flags', 2, ['inline', { entry: L.u8 }], ['cached', { id: L.u16 }]),
  });

  it('are there as the bits say, and the flags stay', () => {
    expect(parse(flagged, '04 aa bb cc').value).toEqual({ flags: 4, mask: 0xaa, shape: 0xbb, palette: { kind: 'inline', entry: 0xcc } });
    expect(parse(flagged, '03 bb cc').value).toEqual({ flags: 3, mask: null, shape: null, palette: { kind: 'cached', id: 0xccbb } });
  });
});

describe('bodies that are too short or too long', () => {
  const ping = L.struct({ id: L.u32, timestamp: L.u64 });

  it('name the field that is missing', () => {
    expect(() => parse(ping, '01 00 00 00', '02 00')).toThrowError(
      expect.objectContaining({ code: 'truncated', field: 'body.timestamp', value: 8, limit: 2 }),
    );
  });

  it('are read when longer: peers append fields, and how much is reported', () => {
    expect(parse(ping, '01 00 00 00', '02 00 00 00 00 00 00 00', 'ee ee')).toEqual({ value: { id: 1, timestamp: 2n }, trailingBytes: 2 });
  });
});

describe('a layout that cannot work', () => {
  it('is refused when it is declared: a governor that is not there', () => {
    expect(() => L.struct({ data: L.bytes('count', 8) })).toThrowError(/count/);
  });

  it('is refused when it is made into a parser: a flag field that is not there', () => {
    expect(() => makeParser(L.struct({ data: L.whenBit('flags', 1, L.u8) }), 'body')).not.toThrow();
    expect(() => L.shown(L.struct({}) as never)).toThrowError(/scalar/);
  });
});
