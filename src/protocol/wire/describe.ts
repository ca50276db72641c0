// Layouts for human eyes: a one-line summary of a layout, an annotated hex dump of a body, a one-line rendering of a
// value. For gaps, bug reports and the generated coverage table; never on the data path.

import type { Case, Extent, Layout, Node } from './layout.ts';
import { makeParser } from './parse.ts';
import { WireError } from './wire-error.ts';

/** Names of the structures that many layouts share; a summary prints the name instead of the fields. */
export type StructureNames = ReadonlyMap<Node, string>;

/** One line: `u32 id, u64 timestamp, bytes padding (rest)`. The layout itself is always spelled out. */
export function summarizeLayout(layout: Layout<unknown>, names: StructureNames = new Map()): string {
  const others = new Map(names);
  others.delete(layout.node);
  return summarizeNode(layout.node, others) || 'empty';
}

function summarizeNode(node: Node, names: StructureNames): string {
  const name = names.get(node);
  if (name !== undefined) return name;
  switch (node.kind) {
    case 'scalar':
      return node.scalar.replace('_', '.');
    case 'struct':
      return node.fields.map((one) => labelled(one.name, one.node, names)).join(', ');
    case 'array':
      return `(${summarizeNode(node.item, names)})${extentOf(node.extent)}`;
    case 'bytes':
      return `bytes${extentOf(node.extent)}`;
    case 'pointer':
      return `${node.nullable ? 'ptr?' : 'ptr'} to ${summarizeInner(node.target, names)}`;
    case 'choice':
      return `by ${node.tag}: ${summarizeCases(node.cases, names)} / else rest`;
    case 'tagged':
      return `${node.tag} then ${summarizeCases(node.cases, names)}`;
    case 'bitChoice':
      return `by ${node.flags}&${node.bit}: ${summarizeCases([node.clear, node.set], names)}`;
    case 'when':
      return `${node.presentWhenSet ? 'if' : 'unless'} ${node.flags}&${node.bit}: ${summarizeInner(node.target, names)}`;
    case 'mapped':
      return summarizeNode(node.inner, names);
    case 'custom':
      return `${node.field.name}(${[node.field.counter ?? [], node.field.reads].flat().join(', ')})`;
  }
}

function labelled(name: string, node: Node, names: StructureNames): string {
  if (node.kind === 'scalar') return `${summarizeNode(node, names)} ${name}`;
  return `${name}: ${summarizeInner(node, names)}`;
}

function summarizeInner(node: Node, names: StructureNames): string {
  return node.kind === 'struct' && !names.has(node) ? `{${summarizeNode(node, names)}}` : summarizeNode(node, names);
}

function summarizeCases(cases: readonly Case[], names: StructureNames): string {
  return cases
    .map((one) => `${one.tag} ${one.kind}${one.node.fields.length === 0 ? '' : ` ${summarizeInner(one.node, names)}`}`)
    .join(' / ');
}

function extentOf(extent: Extent): string {
  switch (extent.kind) {
    case 'field':
      return `[${extent.name}]`;
    case 'fixed':
      return `[${extent.length}]`;
    case 'rest':
      return '[rest]';
  }
}

/** Where one field lies in a body and what it holds. */
interface Span {
  readonly offset: number;
  readonly length: number;
  readonly field: string;
  readonly value: unknown;
}

const DUMP_BYTES_PER_FIELD_MAX = 16;

/**
 * One line per field in the order of its offset: offset, bytes, path, value; bytes that no field covers are marked.
 * A body that does not fit its layout is dumped up to the fault, which comes last.
 */
export function annotateBody(layout: Layout<unknown>, name: string, body: Uint8Array): string[] {
  const spans: Span[] = [];
  const parse = makeParser(layout, name, (field, _node, leaf) => (reader, governors) => {
    const offset = reader.offset;
    const value = leaf(reader, governors);
    spans.push({ offset, length: reader.offset - offset, field, value });
    return value;
  });
  let fault: string | null = null;
  try {
    parse(body);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    fault = error.message;
  }
  const lines: string[] = [];
  let covered = 0;
  for (const span of spans.toSorted((a, b) => a.offset - b.offset)) {
    if (span.offset > covered) lines.push(dumpLine(body, covered, span.offset - covered, '(no field)'));
    lines.push(dumpLine(body, span.offset, span.length, `${span.field} = ${renderValue(span.value)}`));
    covered = Math.max(covered, span.offset + span.length);
  }
  if (covered < body.byteLength) lines.push(dumpLine(body, covered, body.byteLength - covered, '(no field)'));
  if (fault !== null) lines.push(fault);
  return lines;
}

function dumpLine(body: Uint8Array, offset: number, length: number, text: string): string {
  return `${offset.toString(16).padStart(6, '0')}  ${hexOf(body.subarray(offset, offset + length))}  ${text}`;
}

function hexOf(bytes: Uint8Array): string {
  const shownBytes = Array.from(bytes.subarray(0, DUMP_BYTES_PER_FIELD_MAX), (byte) => byte.toString(16).padStart(2, '0'));
  return shownBytes.join(' ') + (bytes.byteLength > DUMP_BYTES_PER_FIELD_MAX ? ` … (${bytes.byteLength} bytes)` : '');
}

/** One line for a log: byte fields by their length and first bytes, 64-bit numbers in decimal. */
export function renderValue(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `<${hexOf(value)}>`;
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (typeof value === 'object') {
    return `{ ${Object.entries(value).map(([key, part]) => `${key}: ${renderValue(part)}`).join(', ')} }`;
  }
  // A value is made of numbers, bigints and kinds; what is none of them is nobody's field.
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? String(value) : typeof value;
}
