// An arbitrary for the values of any layout: a walk over the same tree that the parser and the serializer are made
// from. The two custom fields have arbitraries of their own here, because only they know how their siblings bind them.

import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Case, Extent, Layout, Node, Scalar, StructNode } from '#app/protocol/wire/layout.js';
import { glyphRowBytes } from '#app/protocol/messages/glyphs.js';

const ITEMS_MAX = 4;
const BYTES_MAX = 24;

export function arbitraryOf<T>(layout: Layout<T>): Arbitrary<T> {
  // The tree was built together with T, so a value made along it is a T.
  return arbitraryOfNode(layout.node) as Arbitrary<T>;
}

type Fields = Record<string, unknown>;

function arbitraryOfNode(node: Node): Arbitrary<unknown> {
  switch (node.kind) {
    case 'scalar':
      return arbitraryScalar(node.scalar);
    case 'struct':
      return arbitraryStruct(node);
    case 'array':
      return fc.array(arbitraryOfNode(node.item), lengths(node.extent, node.itemsMax, ITEMS_MAX));
    case 'bytes':
      return fc.uint8Array(lengths(node.extent, node.bytesMax, BYTES_MAX));
    case 'pointer': {
      const target = arbitraryOfNode(node.target);
      return node.nullable ? fc.option(target, { nil: null }) : target;
    }
    case 'choice':
    case 'tagged':
      return fc.oneof(...node.cases.map(arbitraryCase));
    case 'bitChoice':
      return fc.oneof(arbitraryCase(node.clear), arbitraryCase(node.set));
    case 'when':
      return fc.option(arbitraryOfNode(node.target), { nil: null });
    case 'mapped':
      return arbitraryOfNode(node.inner).map(node.read);
    case 'custom':
      return fc.constant(null); // arbitraryStruct makes it from its siblings
  }
}

function lengths(extent: Extent, declaredMax: number, testMax: number): { minLength: number; maxLength: number } {
  if (extent.kind === 'fixed') return { minLength: extent.length, maxLength: extent.length };
  return { minLength: 0, maxLength: Math.min(declaredMax, testMax) };
}

function arbitraryScalar(scalar: Scalar): Arbitrary<number | bigint> {
  switch (scalar) {
    case 'u8':
      return fc.integer({ min: 0, max: 0xff });
    case 'i8':
      return fc.integer({ min: -0x80, max: 0x7f });
    case 'u16':
      return fc.integer({ min: 0, max: 0xffff });
    case 'i16':
      return fc.integer({ min: -0x8000, max: 0x7fff });
    case 'u32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'i32':
      return fc.integer();
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'i64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'fix28_4':
      return fc.integer().map((value) => value / 16);
    case 'fix16_16':
      return fc.integer().map((value) => value / 65536);
  }
}

function arbitraryCase(one: Case): Arbitrary<unknown> {
  return arbitraryStruct(one.node).map((fields) => ({ kind: one.kind, ...fields }));
}

function arbitraryStruct(node: StructNode): Arbitrary<Fields> {
  const visible = node.fields.filter((field) => !field.hidden);
  const customs = visible.flatMap((field) => (field.node.kind === 'custom' ? [{ name: field.name, field: field.node.field.name }] : []));
  const record = fc.record(Object.fromEntries(visible.map((field) => [field.name, arbitraryOfNode(field.node)])), { noNullPrototype: true });
  const consistent = record.map((fields) => agree(node, fields as Fields));
  return customs.reduce((all, one) => all.chain((fields) => fillCustom(one.field, one.name, fields)), consistent);
}

/** Makes the fields of one struct agree: shared counts, presence bits and shown discriminants follow the governed values. */
function agree(node: StructNode, fields: Fields): Fields {
  const agreed = { ...fields };
  const sharers = new Map<string, string[]>();
  for (const field of node.fields) {
    const counter = counterOf(field.node);
    if (counter !== null) sharers.set(counter, [...(sharers.get(counter) ?? []), field.name]);
  }
  for (const names of sharers.values()) {
    const arrays = names.map((name) => agreed[name]).filter((value) => Array.isArray(value));
    const length = Math.min(...arrays.map((value) => value.length));
    for (const name of names) if (Array.isArray(agreed[name])) agreed[name] = agreed[name].slice(0, length);
  }
  for (const { node: one, name } of node.fields) {
    const bits = bitsOf(one, agreed[name]);
    if (bits !== null) {
      const flags = agreed[bits.flags] as number; // a flags field is a scalar
      agreed[bits.flags] = (bits.set ? flags | bits.bit : flags & ~bits.bit) >>> 0;
    }
    if (one.kind === 'choice' && one.tag in agreed) {
      const { kind } = agreed[name] as { kind: string }; // a choice's value has a kind
      agreed[one.tag] = one.cases.find((candidate) => candidate.kind === kind)?.tag;
    }
  }
  return agreed;
}

function counterOf(node: Node): string | null {
  if (node.kind === 'array') return node.extent.kind === 'field' ? node.extent.name : null;
  return node.kind === 'when' || node.kind === 'pointer' ? counterOf(node.target) : null;
}

function bitsOf(node: Node, value: unknown): { flags: string; bit: number; set: boolean } | null {
  switch (node.kind) {
    case 'when':
      return { flags: node.flags, bit: node.bit, set: (value !== null) === node.presentWhenSet };
    case 'bitChoice':
      return { flags: node.flags, bit: node.bit, set: (value as { kind: string }).kind === node.set.kind };
    case 'mapped':
      return bitsOf(node.inner, node.write(value));
    default:
      return null;
  }
}

function fillCustom(custom: string, name: string, fields: Fields): Arbitrary<Fields> {
  switch (custom) {
    case 'bitmapData':
      return fc
        .record({ stride: fc.nat(8), height: fc.nat(8) })
        .chain((size) =>
          fc.uint8Array({ minLength: size.stride * size.height, maxLength: size.stride * size.height }).map((data) => ({ ...fields, ...size, [name]: data })),
        );
    case 'glyphs':
      return fc
        .constantFrom(1, 2, 4, 9, 10, 12)
        .chain((flags) => fc.array(arbitraryGlyph(flags), { maxLength: ITEMS_MAX }).map((glyphs) => ({ ...fields, flags, [name]: glyphs })));
    default:
      throw new TypeError(`no arbitrary for the custom field ${custom}`);
  }
}

function arbitraryGlyph(flags: number): Arbitrary<unknown> {
  const point = fc.record({ x: fc.integer(), y: fc.integer() }, { noNullPrototype: true });
  return fc.record({ width: fc.nat(12), height: fc.nat(6) }).chain(({ width, height }) => {
    const size = glyphRowBytes(flags, width) * height;
    return fc.record(
      {
        renderPos: point,
        glyphOrigin: point,
        width: fc.constant(width),
        height: fc.constant(height),
        rows: fc.uint8Array({ minLength: size, maxLength: size }),
      },
      { noNullPrototype: true },
    );
  });
}
