// Shape: what a field of a report's document holds, as data: its JSON Schema and its name in the field tables. Documents, schemas and tables are all made of
// these, so that none of them can say something else than the others.

/** What a document is made of. A 64-bit number that a server chose is a bigint; `document-text.ts` writes it as the number that it is. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonSchema = { readonly [name: string]: boolean | number | string | JsonSchema | readonly (string | JsonSchema)[] };

/** `T` = what a value of this shape is in the program; it is only there for the compiler. */
export interface Shape<T extends Json> {
  /** As field tables call it: `u64`, `f64 or null`. */
  readonly name: string;
  readonly schema: JsonSchema;
  readonly holds?: T;
}

type Held<S> = S extends Shape<infer T> ? T : never;

const unsigned = (bits: number): Shape<number> => ({ name: `u${bits}`, schema: { type: 'integer', minimum: 0, maximum: 2 ** bits - 1 } });

export const u8 = unsigned(8);
export const u16 = unsigned(16);
export const u32 = unsigned(32);
export const i32: Shape<number> = { name: 'i32', schema: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 } };
/** Without a maximum: 2^64 - 1 is no number of JavaScript's. */
export const u64: Shape<number> = { name: 'u64', schema: { type: 'integer', minimum: 0 } };
/** An id of 64 bits, all of which matter. */
export const id64: Shape<bigint> = { name: 'u64', schema: { type: 'integer', minimum: 0 } };
export const f64: Shape<number> = { name: 'f64', schema: { type: 'number' } };
export const flag: Shape<boolean> = { name: 'bool', schema: { type: 'boolean' } };
export const text: Shape<string> = { name: 'string', schema: { type: 'string' } };

export function orNull<T extends Json>(of: Shape<T>): Shape<T | null> {
  return { name: `${of.name} or null`, schema: { anyOf: [{ type: 'null' }, of.schema] } };
}

export function list<T extends Json>(of: Shape<T>, itemsMax?: number): Shape<readonly T[]> {
  return { name: `list of ${of.name}${itemsMax === undefined ? '' : `, at most ${itemsMax}`}`, schema: { type: 'array', items: of.schema, ...(itemsMax === undefined ? {} : { maxItems: itemsMax }) } };
}

/** Exactly so many. */
export function tuple<T extends Json>(of: Shape<T>, items: number): Shape<readonly T[]> {
  return { name: `${items} x ${of.name}`, schema: { type: 'array', items: of.schema, minItems: items, maxItems: items } };
}

export function map<T extends Json>(of: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return { name: `map to ${of.name}`, schema: { type: 'object', additionalProperties: of.schema } };
}

export function oneOf<T extends string>(...words: readonly T[]): Shape<T> {
  return { name: words.map((word) => `\`${word}\``).join(', '), schema: { type: 'string', enum: words } };
}

/** All of these fields; readers accept more. */
export function record<F extends { readonly [name: string]: Shape<Json> }>(name: string, fields: F): Shape<{ readonly [N in keyof F]: Held<F[N]> }> {
  const properties = Object.fromEntries(Object.entries(fields).map(([key, shape]) => [key, shape.schema]));
  return { name, schema: { type: 'object', required: Object.keys(fields), properties } };
}
