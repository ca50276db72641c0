// Derives a serializer from a layout. It is total on the layout's value type: counts, discriminants and presence bits
// come from the governed values. Numbers out of a field's range wrap as typed arrays do; a value that contradicts
// itself (two arrays under one count, of different lengths) is our own mistake and throws a RangeError.

import type { Case, Layout, Node, Scalar, StructNode } from './layout.ts';
import type { Writer } from './writer.ts';

type WriteNode = (writer: Writer, value: unknown) => void;
type Fields = Readonly<Record<string, unknown>>;

/** Makes the serializer of `layout`. The caller has begun the body and finishes it. */
export function makeSerializer<T>(layout: Layout<T, never>): (writer: Writer, value: T) => void {
  return compile(layout.node);
}

function compile(node: Node): WriteNode {
  switch (node.kind) {
    case 'scalar':
      return scalarWriter(node.scalar);
    case 'struct':
      return compileStruct(node);
    case 'array': {
      const item = compile(node.item);
      const { itemsMax } = node;
      return (writer, value) => {
        const items = value as readonly unknown[]; // an array node's value, by its builder's type
        if (items.length > itemsMax) throw new RangeError(`${items.length} items where ${itemsMax} are allowed`);
        for (const one of items) item(writer, one);
      };
    }
    case 'bytes': {
      const { extent, bytesMax } = node;
      return (writer, value) => {
        const bytes = value as Uint8Array; // a bytes node's value, by its builder's type
        if (bytes.byteLength > bytesMax) throw new RangeError(`${bytes.byteLength} bytes where ${bytesMax} are allowed`);
        if (extent.kind === 'fixed' && bytes.byteLength !== extent.length) {
          throw new RangeError(`${bytes.byteLength} bytes where exactly ${extent.length} belong`);
        }
        writer.bytes(bytes);
      };
    }
    case 'pointer': {
      const target = compile(node.target);
      return (writer, value) => {
        if (value === null) writer.u32(0);
        else writer.pointTo((later) => target(later, value));
      };
    }
    case 'choice': {
      const writers = new Map(node.cases.map((one) => [one.kind, compileStruct(one.node)]));
      return (writer, value) => {
        const chosen = value as { readonly kind: string; readonly bytes?: Uint8Array }; // a choice's value, by its builder's type
        const write = writers.get(chosen.kind);
        if (write !== undefined) write(writer, value);
        else if (chosen.bytes !== undefined) writer.bytes(chosen.bytes);
      };
    }
    case 'tagged': {
      const writeTag = scalarWriter(node.tag);
      const cases = new Map(node.cases.map((one) => [one.kind, { tag: one.tag, write: compileStruct(one.node) }]));
      return (writer, value) => {
        const { kind } = value as { readonly kind: string }; // a choice's value, by its builder's type
        const chosen = cases.get(kind);
        if (chosen === undefined) throw new TypeError(`no case ${kind}`);
        writeTag(writer, chosen.tag);
        chosen.write(writer, value);
      };
    }
    case 'bitChoice': {
      const clear = compileStruct(node.clear.node);
      const set = compileStruct(node.set.node);
      const setKind = node.set.kind;
      return (writer, value) => ((value as { readonly kind: string }).kind === setKind ? set : clear)(writer, value);
    }
    case 'when': {
      const target = compile(node.target);
      return (writer, value) => {
        if (value !== null) target(writer, value);
      };
    }
    case 'mapped': {
      const inner = compile(node.inner);
      const { write } = node;
      return (writer, value) => inner(writer, write(value));
    }
    case 'custom':
      return node.field.serialize;
  }
}

function scalarWriter(scalar: Scalar): WriteNode {
  // The casts say what scalar nodes hold: numbers, and bigints for 64 bits.
  switch (scalar) {
    case 'u8':
      return (writer, value) => writer.u8(value as number);
    case 'i8':
      return (writer, value) => writer.i8(value as number);
    case 'u16':
      return (writer, value) => writer.u16(value as number);
    case 'i16':
      return (writer, value) => writer.i16(value as number);
    case 'u32':
      return (writer, value) => writer.u32(value as number);
    case 'i32':
      return (writer, value) => writer.i32(value as number);
    case 'u64':
      return (writer, value) => writer.u64(value as bigint);
    case 'i64':
      return (writer, value) => writer.i64(value as bigint);
    case 'fix28_4':
      return (writer, value) => writer.i32(Math.round((value as number) * 16));
    case 'fix16_16':
      return (writer, value) => writer.i32(Math.round((value as number) * 65536));
  }
}

interface Step {
  readonly name: string;
  readonly write: WriteNode;
  /** Works the number out from the siblings that it governs; null when the value itself is written. */
  readonly govern: ((fields: Fields) => number | bigint) | null;
}

function compileStruct(node: StructNode): WriteNode {
  const steps = node.fields.map((one): Step => {
    const govern = governorOf(one.name, node);
    const wide = one.node.kind === 'scalar' && one.node.scalar === 'u64';
    return { name: one.name, write: compile(one.node), govern: wide && govern !== null ? (fields) => BigInt(govern(fields)) : govern };
  });
  return (writer, value) => {
    const fields = value as Fields; // a struct's value, by its builder's type
    for (const step of steps) step.write(writer, step.govern === null ? fields[step.name] : step.govern(fields));
  };
}

/** How the number in field `name` follows from its siblings. */
function governorOf(name: string, struct: StructNode): ((fields: Fields) => number) | null {
  const counts: ((fields: Fields) => number | null)[] = [];
  const bits: ((fields: Fields, flags: number) => number)[] = [];
  for (const sibling of struct.fields) {
    const count = countUnder(name, sibling.node);
    if (count !== null) counts.push((fields) => count(fields[sibling.name]));
    const bit = bitUnder(name, sibling.node);
    if (bit !== null) bits.push((fields, flags) => bit(fields[sibling.name], flags));
  }
  if (counts.length > 0) {
    return (fields) => {
      let number: number | null = null;
      for (const count of counts) {
        const one = count(fields);
        if (one === null) continue;
        if (number !== null && number !== one) throw new RangeError(`${name} cannot be both ${number} and ${one}`);
        number = one;
      }
      return number ?? 0;
    };
  }
  if (bits.length > 0) {
    // The cast: a field whose bits govern is a number, only scalars do.
    return (fields) => bits.reduce((flags, bit) => bit(fields, flags), fields[name] as number) >>> 0;
  }
  return null;
}

/** The count or discriminant that `value` implies for the governor `name`; null from the function: it implies none. */
function countUnder(name: string, node: Node): ((value: unknown) => number | null) | null {
  switch (node.kind) {
    case 'array':
    case 'bytes':
      if (node.extent.kind !== 'field' || node.extent.name !== name) return null;
      return (value) => (value as { readonly length: number }).length; // an array or a Uint8Array
    case 'choice':
      return node.tag === name ? tagOf(node.cases) : null;
    case 'pointer':
    case 'when': {
      const inner = countUnder(name, node.target);
      return inner === null ? null : (value) => (value === null ? null : inner(value));
    }
    case 'mapped': {
      const inner = countUnder(name, node.inner);
      return inner === null ? null : (value) => inner(node.write(value));
    }
    case 'custom':
      return node.field.counter === name ? node.field.count : null;
    case 'scalar':
    case 'struct':
    case 'tagged':
    case 'bitChoice':
      return null;
  }
}

function tagOf(cases: readonly Case[]): (value: unknown) => number {
  const tags = new Map(cases.map((one) => [one.kind, one.tag]));
  return (value) => {
    const chosen = value as { readonly kind: string; readonly tag?: number }; // a choice's value; only `unknown` has a tag
    return tags.get(chosen.kind) ?? chosen.tag ?? 0;
  };
}

/** Sets or clears the bit of the flags field `name` which says what `value` is. */
function bitUnder(name: string, node: Node): ((value: unknown, flags: number) => number) | null {
  switch (node.kind) {
    case 'bitChoice': {
      if (node.flags !== name) return null;
      const { bit, set } = node;
      return (value, flags) => withBit(flags, bit, (value as { readonly kind: string }).kind === set.kind);
    }
    case 'when': {
      const inner = bitUnder(name, node.target);
      const { bit, presentWhenSet } = node;
      if (node.flags !== name) return inner === null ? null : (value, flags) => (value === null ? flags : inner(value, flags));
      return (value, flags) => {
        const own = withBit(flags, bit, (value !== null) === presentWhenSet);
        return inner === null || value === null ? own : inner(value, own);
      };
    }
    case 'mapped': {
      const inner = bitUnder(name, node.inner);
      return inner === null ? null : (value, flags) => inner(node.write(value), flags);
    }
    case 'scalar':
    case 'struct':
    case 'array':
    case 'bytes':
    case 'pointer':
    case 'choice':
    case 'tagged':
    case 'custom':
      return null;
  }
}

function withBit(flags: number, bit: number, set: boolean): number {
  return set ? flags | bit : flags & ~bit;
}
