// The vocabulary for declaring a wire structure once. A layout is data: a tree of nodes plus a phantom type, from
// which the parser, the serializer, the property tests' arbitraries, the hex dumps and the coverage table are
// derived. It reads and writes no bytes itself; parse.ts and serialize.ts do.
//
// Counts and discriminants belong to the field that they govern: the governor's name is part of that field's type
// (`G`), and `struct` removes the governor from the value. A wrong count therefore cannot be written down.

import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

declare const valueType: unique symbol;
declare const governorType: unique symbol;

/** A wire structure whose parsed value is a `T` and whose extent or shape is governed by the sibling field `G`. */
export interface Layout<T, G extends string = never> {
  readonly node: Node;
  readonly [valueType]?: T;
  readonly [governorType]?: G;
}

/** The value type of a layout. */
export type Of<L> = L extends Layout<infer T, string> ? T : never;

export type Scalar = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'fix28_4' | 'fix16_16';

/** Where an array or a run of bytes ends. */
export type Extent =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'fixed'; readonly length: number }
  | { readonly kind: 'rest' };

export interface Field {
  readonly name: string;
  readonly node: Node;
  /** The field governs a sibling and is not part of the value. */
  readonly hidden: boolean;
}

export interface Case {
  readonly kind: string;
  readonly tag: number;
  readonly node: StructNode;
}

export interface StructNode {
  readonly kind: 'struct';
  readonly fields: readonly Field[];
}

/** What `custom` takes: a parser and a serializer of a field which no other word of this vocabulary can declare. */
export interface CustomField<T> {
  /** Stable name: descriptions print it and the tests find the arbitrary under it. */
  readonly name: string;
  /** Sibling fields whose numbers `parse` is given, in this order. They stay in the value. */
  readonly reads: readonly string[];
  /** Sibling field that holds `count(value)` and leaves the value; null when there is none. */
  readonly counter: string | null;
  /** `governors` holds the counter first (when there is one), then `reads`. */
  readonly parse: (reader: Reader, governors: readonly number[], field: string) => T;
  readonly serialize: (writer: Writer, value: T) => void;
  readonly count: (value: T) => number;
}

export type Node =
  | { readonly kind: 'scalar'; readonly scalar: Scalar; readonly shown: boolean }
  | StructNode
  | { readonly kind: 'array'; readonly item: Node; readonly extent: Extent; readonly itemsMax: number }
  | { readonly kind: 'bytes'; readonly extent: Extent; readonly bytesMax: number }
  | { readonly kind: 'pointer'; readonly target: Node; readonly nullable: boolean }
  | { readonly kind: 'choice'; readonly tag: string; readonly cases: readonly Case[] }
  | { readonly kind: 'tagged'; readonly tag: Scalar; readonly cases: readonly Case[] }
  | { readonly kind: 'bitChoice'; readonly flags: string; readonly bit: number; readonly clear: Case; readonly set: Case }
  | { readonly kind: 'when'; readonly flags: string; readonly bit: number; readonly presentWhenSet: boolean; readonly target: Node }
  | { readonly kind: 'mapped'; readonly inner: Node; readonly read: (value: unknown) => unknown; readonly write: (value: unknown) => unknown }
  | { readonly kind: 'custom'; readonly field: CustomField<unknown> };

// `& {}` makes the compiler show the object type itself in hovers and errors.
type Flat<T> = { readonly [K in keyof T]: T[K] } & {};
type Shape = Readonly<Record<string, Layout<unknown, string>>>;
type GovernorOf<L extends Layout<unknown, string>> = NonNullable<L[typeof governorType]>;
type Shown = { readonly shown: true };
type Governors<F extends Shape> = { [K in keyof F]: GovernorOf<F[K]> }[keyof F];
type HiddenKeys<F extends Shape> = { [K in keyof F]: K extends Governors<F> ? (F[K] extends Shown ? never : K) : never }[keyof F];
export type StructValue<F extends Shape> = { readonly [K in Exclude<keyof F, HiddenKeys<F>>]: Of<F[K]> } & {};

function layout<T, G extends string = never>(node: Node): Layout<T, G> {
  return { node };
}

function scalar<T>(name: Scalar): Layout<T> {
  return layout({ kind: 'scalar', scalar: name, shown: false });
}

export const u8 = scalar<number>('u8');
export const i8 = scalar<number>('i8');
export const u16 = scalar<number>('u16');
export const i16 = scalar<number>('i16');
export const u32 = scalar<number>('u32');
export const i32 = scalar<number>('i32');
export const u64 = scalar<bigint>('u64');
export const i64 = scalar<bigint>('i64');
/** A signed 32-bit number of sixteenths; the value is the number itself (exact: a double has room). */
export const fix28_4 = scalar<number>('fix28_4');
/** A signed 32-bit number of 65536ths; the value is the number itself. */
export const fix16_16 = scalar<number>('fix16_16');

/**
 * A discriminant that stays in the value, for readers who want the number. The serializer does not look at it: it
 * writes the number of the chosen case.
 */
export function shown(inner: Layout<number>): Layout<number> & Shown {
  if (inner.node.kind !== 'scalar') throw new TypeError('only a scalar governs');
  return { node: { ...inner.node, shown: true }, shown: true };
}

/** Fields one after the other, unaligned. */
export function struct<const F extends Shape>(shape: F): Layout<StructValue<F>> {
  return layout(structNode(shape));
}

/** `item` repeated as often as the sibling field `count` says, at most `itemsMax` times. */
export function array<T, const N extends string>(count: N, item: Layout<T>, itemsMax: number): Layout<readonly T[], N> {
  return layout({ kind: 'array', item: item.node, extent: { kind: 'field', name: count }, itemsMax });
}

/** `item` repeated until the body ends, at most `itemsMax` times. */
export function restArray<T>(item: Layout<T>, itemsMax: number): Layout<readonly T[]> {
  return layout({ kind: 'array', item: item.node, extent: { kind: 'rest' }, itemsMax });
}

/** As many bytes as the sibling field `count` says, at most `bytesMax`. The value is a view of the body, not a copy. */
export function bytes<const N extends string>(count: N, bytesMax: number): Layout<Uint8Array, N> {
  return layout({ kind: 'bytes', extent: { kind: 'field', name: count }, bytesMax });
}

/** Exactly `length` bytes. The value is a view of the body. */
export function fixedBytes(length: number): Layout<Uint8Array> {
  return layout({ kind: 'bytes', extent: { kind: 'fixed', length }, bytesMax: length });
}

/** All bytes up to the end of the body, at most `bytesMax`. The value is a view of the body. */
export function restBytes(bytesMax: number): Layout<Uint8Array> {
  return layout({ kind: 'bytes', extent: { kind: 'rest' }, bytesMax });
}

/** A u32 offset from the start of the body; 0, "no object", is malformed. */
export function pointer<T, G extends string = never>(target: Layout<T, G>): Layout<T, G> {
  return layout({ kind: 'pointer', target: target.node, nullable: false });
}

/** A u32 offset from the start of the body; 0 is null. */
export function nullablePointer<T, G extends string = never>(target: Layout<T, G>): Layout<T | null, G> {
  return layout({ kind: 'pointer', target: target.node, nullable: true });
}

/** One case of a choice: its number on the wire and the fields that then follow. */
export interface CaseOf<T> {
  readonly tag: number;
  readonly layout: Layout<T>;
}

export function at(tag: number): CaseOf<object>;
export function at<const F extends Shape>(tag: number, shape: F): CaseOf<StructValue<F>>;
export function at(tag: number, shape: Shape = {}): CaseOf<object> {
  return { tag, layout: layout(structNode(shape)) };
}

type Cases = Readonly<Record<string, CaseOf<object>>>;
type ChoiceValue<C extends Cases> = {
  [K in keyof C & string]: Flat<{ readonly kind: K } & Of<C[K]['layout']>>;
}[keyof C & string] & {};

/** The value of an open choice whose number no case has: `bytes` run to the end of the body. */
export interface UnknownCase {
  readonly kind: 'unknown';
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** Fields chosen by the sibling `tag`; another number keeps the rest of the body as bytes. Only for what comes last. */
export function openChoice<const N extends string, const C extends Cases>(tag: N, cases: C): Layout<ChoiceValue<C> | UnknownCase, N> {
  return layout({ kind: 'choice', tag, cases: caseNodes(cases) });
}

/**
 * A choice whose discriminant stands directly before it, in a field that nothing else needs. A number without a case is
 * malformed, because nobody knows where the next field starts.
 */
export function tagged<const C extends Cases>(tag: Layout<number>, cases: C): Layout<ChoiceValue<C>> {
  if (tag.node.kind !== 'scalar') throw new TypeError('only a scalar can be a discriminant');
  return layout({ kind: 'tagged', tag: tag.node.scalar, cases: caseNodes(cases) });
}

/** One of two cases by a bit of the sibling `flags`, which stays in the value; the serializer sets the bit. */
export function bitChoice<const A extends string, const B extends string, const F extends Shape, const S extends Shape>(
  flags: string,
  bit: number,
  clear: readonly [A, F],
  set: readonly [B, S],
): Layout<Flat<{ readonly kind: A } & StructValue<F>> | Flat<{ readonly kind: B } & StructValue<S>>> {
  return layout({
    kind: 'bitChoice',
    flags,
    bit,
    clear: { kind: clear[0], tag: 0, node: structNode(clear[1]) },
    set: { kind: set[0], tag: bit, node: structNode(set[1]) },
  });
}

/** Present exactly when `bit` of the sibling `flags` is set, otherwise null. The serializer sets or clears the bit. */
export function whenBit<T, G extends string = never>(flags: string, bit: number, target: Layout<T, G>): Layout<T | null, G> {
  return layout({ kind: 'when', flags, bit, presentWhenSet: true, target: target.node });
}

/** Present exactly when `bit` of the sibling `flags` is clear, otherwise null. */
export function unlessBit<T, G extends string = never>(flags: string, bit: number, target: Layout<T, G>): Layout<T | null, G> {
  return layout({ kind: 'when', flags, bit, presentWhenSet: false, target: target.node });
}

/** The same bytes under another value: `read` and `write` are inverse to each other and never throw. */
export function mapped<A, B, G extends string = never>(inner: Layout<A, G>, read: (value: A) => B, write: (value: B) => A): Layout<B, G> {
  // The casts undo the erasure of the value type in the tree: `inner` parses to an A, and only a B reaches `write`.
  return layout({ kind: 'mapped', inner: inner.node, read: (value) => read(value as A), write: (value) => write(value as B) });
}

/** The escape hatch. If it is used more than a handful of times, this vocabulary is missing a word. */
export function custom<T, const G extends string = never>(field: CustomField<T> & { readonly counter: [G] extends [never] ? null : G }): Layout<T, G> {
  // The cast erases T as everywhere in the tree; `serialize` and `count` are given only what `parse` made or T allows.
  return layout({ kind: 'custom', field: field as unknown as CustomField<unknown> });
}

function caseNodes(cases: Cases): readonly Case[] {
  return Object.entries(cases).map(([kind, one]) => {
    if (one.layout.node.kind !== 'struct') throw new TypeError(`case ${kind} is not a struct`);
    return { kind, tag: one.tag, node: one.layout.node };
  });
}

function structNode(shape: Shape): StructNode {
  const entries = Object.entries(shape);
  const governors = new Set(entries.flatMap(([, field]) => governorsOf(field.node)));
  const names = new Set(entries.map(([name]) => name));
  for (const governor of governors) {
    if (!names.has(governor)) throw new TypeError(`a field is governed by ${governor}, which its struct does not have`);
  }
  return {
    kind: 'struct',
    fields: entries.map(([name, { node }]) => ({
      name,
      node,
      hidden: governors.has(name) && !(node.kind === 'scalar' && node.shown),
    })),
  };
}

/** Names of the sibling fields that `node` takes out of the value. Bits of a visible flags field are not among them. */
function governorsOf(node: Node): readonly string[] {
  switch (node.kind) {
    case 'array':
    case 'bytes':
      return node.extent.kind === 'field' ? [node.extent.name] : [];
    case 'choice':
      return [node.tag];
    case 'pointer':
    case 'when':
      return governorsOf(node.target);
    case 'mapped':
      return governorsOf(node.inner);
    case 'custom':
      return node.field.counter === null ? [] : [node.field.counter];
    case 'scalar':
    case 'struct':
    case 'tagged':
    case 'bitChoice':
      return [];
  }
}
