// Derives a parser from a layout: closures over the tree, made once per layout. A parser turns one message body into
// a value, or throws a WireError; it allocates nothing that the body's length does not cover, and byte fields are views.

import type { Case, Layout, Node, Scalar, StructNode } from './layout.ts';
import { Reader } from './reader.ts';
import { WireError } from './wire-error.ts';

export interface Parsed<T> {
  readonly value: T;
  /** Bytes of the body that the layout does not know: peers append fields. */
  readonly trailingBytes: number;
}

/** Reads one node; `governors` are the numbers of the enclosing struct's governing fields. */
export type ParseNode = (reader: Reader, governors: number[]) => unknown;

/** Sees every leaf as it is made into a parser, and may wrap it (describe.ts traces this way). */
export type WrapLeaf = (field: string, node: Node, parse: ParseNode) => ParseNode;

/** Makes the parser of `layout`; `name` begins the field paths of its errors. */
export function makeParser<T>(layout: Layout<T, never>, name: string, wrap: WrapLeaf = keep): (body: Uint8Array) => Parsed<T> {
  const parse = compile(layout.node, name, new Map(), wrap);
  return (body) => {
    const reader = new Reader(body);
    // The tree was built together with T (layout.ts), so its parser makes a T.
    const value = parse(reader, NO_GOVERNORS) as T;
    return { value, trailingBytes: reader.trailingBytes };
  };
}

const NO_GOVERNORS: number[] = [];

function keep(_field: string, _node: Node, parse: ParseNode): ParseNode {
  return parse;
}

/** Slot of each governing field in the `governors` array. */
type Slots = ReadonlyMap<string, number>;

function compile(node: Node, field: string, slots: Slots, wrap: WrapLeaf): ParseNode {
  switch (node.kind) {
    case 'scalar':
      return wrap(field, node, scalarParser(node.scalar, field));
    case 'struct':
      return compileStruct(node, field, null, wrap);
    case 'array':
      return compileArray(node, field, slots, wrap);
    case 'bytes':
      return wrap(field, node, compileBytes(node, field, slots));
    case 'pointer': {
      const target = compile(node.target, field, slots, wrap);
      const readOffset = wrap(`${field}@`, node, (reader) => reader.u32(field));
      const { nullable } = node;
      return (reader, governors) => {
        const offset = readOffset(reader, governors) as number; // a u32
        if (offset === 0) {
          if (nullable) return null;
          throw new WireError('pointerNull', field, 0, 0);
        }
        const back = reader.enter(offset, field);
        const value = target(reader, governors);
        reader.leave(back);
        return value;
      };
    }
    case 'choice': {
      const slot = slotOf(slots, node.tag);
      const parsers = new Map(node.cases.map((one) => [one.tag, compileCase(one, field, wrap)]));
      return (reader, governors) => {
        const tag = governors[slot]!; // a struct fills every slot before the governed field is reached
        const parse = parsers.get(tag);
        if (parse !== undefined) return parse(reader, governors);
        return { kind: 'unknown', tag, bytes: reader.view8(reader.remaining, field) };
      };
    }
    case 'tagged': {
      const readTag = wrap(`${field}.tag`, node, scalarParser(node.tag, `${field}.tag`));
      const parsers = new Map(node.cases.map((one) => [one.tag, compileCase(one, field, wrap)]));
      return (reader, governors) => {
        const tag = readTag(reader, governors) as number; // `tagged` takes number scalars only
        const parse = parsers.get(tag);
        if (parse === undefined) throw new WireError('unknownCase', field, tag, 0);
        return parse(reader, governors);
      };
    }
    case 'bitChoice': {
      const slot = slotOf(slots, node.flags);
      const { bit } = node;
      const clear = compileCase(node.clear, field, wrap);
      const set = compileCase(node.set, field, wrap);
      return (reader, governors) => ((governors[slot]! & bit) === 0 ? clear(reader, governors) : set(reader, governors));
    }
    case 'when': {
      const slot = slotOf(slots, node.flags);
      const { bit, presentWhenSet } = node;
      const target = compile(node.target, field, slots, wrap);
      return (reader, governors) => (((governors[slot]! & bit) !== 0) === presentWhenSet ? target(reader, governors) : null);
    }
    case 'mapped': {
      const inner = compile(node.inner, field, slots, wrap);
      const { read } = node;
      return (reader, governors) => read(inner(reader, governors));
    }
    case 'custom': {
      const { counter, reads, parse } = node.field;
      const from = (counter === null ? reads : [counter, ...reads]).map((name) => slotOf(slots, name));
      return wrap(field, node, (reader, governors) => parse(reader, from.map((slot) => governors[slot]!), field));
    }
  }
}

function scalarParser(scalar: Scalar, field: string): ParseNode {
  switch (scalar) {
    case 'u8':
      return (reader) => reader.u8(field);
    case 'i8':
      return (reader) => reader.i8(field);
    case 'u16':
      return (reader) => reader.u16(field);
    case 'i16':
      return (reader) => reader.i16(field);
    case 'u32':
      return (reader) => reader.u32(field);
    case 'i32':
      return (reader) => reader.i32(field);
    case 'u64':
      return (reader) => reader.u64(field);
    case 'i64':
      return (reader) => reader.i64(field);
    case 'fix28_4':
      return (reader) => reader.i32(field) / 16;
    case 'fix16_16':
      return (reader) => reader.i32(field) / 65536;
  }
}

function compileCase(one: Case, field: string, wrap: WrapLeaf): ParseNode {
  return compileStruct(one.node, `${field}(${one.kind})`, one.kind, wrap);
}

interface Step {
  readonly name: string;
  readonly field: string;
  /** How a plain scalar is read without a call through the closure; `other` for everything else. */
  readonly scalar: Scalar | 'other';
  readonly parse: ParseNode;
  readonly hidden: boolean;
  /** Where the number goes for the siblings that it governs; -1 when it governs none. */
  readonly slot: number;
}

function compileStruct(node: StructNode, field: string, kind: string | null, wrap: WrapLeaf): ParseNode {
  const slots = new Map<string, number>();
  for (const one of node.fields) {
    for (const name of numbersReadBy(one.node)) if (!slots.has(name)) slots.set(name, slots.size);
  }
  const steps = node.fields.map((one): Step => {
    const path = `${field}.${one.name}`;
    return {
      name: one.name,
      field: path,
      scalar: one.node.kind === 'scalar' && wrap === keep ? one.node.scalar : 'other',
      parse: compile(one.node, path, slots, wrap),
      hidden: one.hidden,
      slot: slots.get(one.name) ?? -1,
    };
  });
  const governed = slots.size > 0;
  return (reader) => {
    const governors = governed ? [] : NO_GOVERNORS;
    const value: Record<string, unknown> = kind === null ? {} : { kind };
    for (let index = 0; index < steps.length; index += 1) {
      const step = steps[index]!; // in range by the loop's condition
      const part = readStep(step, reader, governors);
      // Only scalars govern. A 64-bit count above 2^53 is rounded, and refused by any maximum all the same.
      if (step.slot >= 0) governors[step.slot] = Number(part);
      if (!step.hidden) value[step.name] = part;
    }
    return value;
  };
}

/** The commonest scalars are read here: a call through one of many closures costs more than the read. */
function readStep(step: Step, reader: Reader, governors: number[]): unknown {
  switch (step.scalar) {
    case 'u32':
      return reader.u32(step.field);
    case 'i32':
      return reader.i32(step.field);
    case 'u8':
      return reader.u8(step.field);
    case 'u16':
      return reader.u16(step.field);
    default:
      return step.parse(reader, governors);
  }
}

function compileArray(node: Node & { kind: 'array' }, field: string, slots: Slots, wrap: WrapLeaf): ParseNode {
  const item = compile(node.item, `${field}[]`, new Map(), wrap);
  const itemBytesMin = Math.max(1, bytesMin(node.item));
  const { extent, itemsMax } = node;
  const slot = extent.kind === 'field' ? slotOf(slots, extent.name) : -1;
  return (reader, governors) => {
    const count =
      extent.kind === 'field' ? governors[slot]! : extent.kind === 'fixed' ? extent.length : wholeItems(reader.remaining, itemBytesMin, field);
    if (count > itemsMax) throw new WireError('countLimit', field, count, itemsMax);
    // Refused here rather than after a million items that cannot all be there.
    if (count * itemBytesMin > reader.remaining) throw new WireError('truncated', field, count * itemBytesMin, reader.remaining);
    const items: unknown[] = [];
    for (let index = 0; index < count; index += 1) items.push(item(reader, NO_GOVERNORS));
    return items;
  };
}

function wholeItems(remaining: number, itemBytes: number, field: string): number {
  if (remaining % itemBytes !== 0) throw new WireError('unaligned', field, remaining, itemBytes);
  return remaining / itemBytes;
}

function compileBytes(node: Node & { kind: 'bytes' }, field: string, slots: Slots): ParseNode {
  const { extent, bytesMax } = node;
  const slot = extent.kind === 'field' ? slotOf(slots, extent.name) : -1;
  return (reader, governors) => {
    const length = extent.kind === 'field' ? governors[slot]! : extent.kind === 'fixed' ? extent.length : reader.remaining;
    if (length > bytesMax) throw new WireError('countLimit', field, length, bytesMax);
    return reader.view8(length, field);
  };
}

/** Names of all sibling fields whose numbers decide how `node` is read. */
function numbersReadBy(node: Node): readonly string[] {
  switch (node.kind) {
    case 'array':
    case 'bytes':
      return node.extent.kind === 'field' ? [node.extent.name] : [];
    case 'choice':
      return [node.tag];
    case 'bitChoice':
      return [node.flags];
    case 'pointer':
      return numbersReadBy(node.target);
    case 'when':
      return [node.flags, ...numbersReadBy(node.target)];
    case 'mapped':
      return numbersReadBy(node.inner);
    case 'custom':
      return node.field.counter === null ? node.field.reads : [node.field.counter, ...node.field.reads];
    case 'scalar':
    case 'struct':
    case 'tagged':
      return [];
  }
}

const SCALAR_BYTES: Readonly<Record<Scalar, number>> = {
  u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8, fix28_4: 4, fix16_16: 4,
};

/** The fewest bytes that a node takes where it stands. */
function bytesMin(node: Node): number {
  switch (node.kind) {
    case 'scalar':
      return SCALAR_BYTES[node.scalar];
    case 'struct':
      return node.fields.reduce((sum, one) => sum + bytesMin(one.node), 0);
    case 'bytes':
      return node.extent.kind === 'fixed' ? node.extent.length : 0;
    case 'pointer':
      return 4;
    case 'tagged':
      return SCALAR_BYTES[node.tag];
    case 'mapped':
      return bytesMin(node.inner);
    case 'array':
      return node.extent.kind === 'fixed' ? node.extent.length * bytesMin(node.item) : 0;
    case 'choice':
    case 'bitChoice':
    case 'when':
    case 'custom':
      return 0;
  }
}

function slotOf(slots: Slots, name: string): number {
  const slot = slots.get(name);
  if (slot === undefined) throw new TypeError(`no earlier sibling named ${name}`);
  return slot;
}
