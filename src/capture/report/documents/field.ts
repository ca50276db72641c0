// Field: one field of a document: its shape, what it means, and how it is read from a sample. A document is a list of fields applied to a sample; its
// schema and its table in docs/report-fields.md are the same list read another way.

import type { Json, JsonSchema, Shape } from './shape.ts';

/** `S` = what the document is made of. */
export interface Field<S> {
  readonly shape: Shape<Json>;
  /** For the field table: units, and where this client has not what the field is about. */
  readonly meaning: string;
  readonly read: (source: S) => Json;
}

export type Fields<S> = Readonly<Record<string, Field<S>>>;

/** Makes the fields of one kind of document; a value of another shape does not compile. */
export const fieldsOf = <S>() => <T extends Json>(shape: Shape<T>, meaning: string, read: (source: S) => T): Field<S> => ({ shape, meaning, read });

export type Document = { readonly [name: string]: Json };

export function documentOf<S>(fields: Fields<S>, source: S): Document {
  return Object.fromEntries(Object.entries(fields).map(([name, { read }]) => [name, read(source)]));
}

export function schemaOf(title: string, fields: Fields<never>): JsonSchema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, { shape }]) => [name, shape.schema]));
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, type: 'object', required: Object.keys(fields), properties };
}

/** Rows of a Markdown table: field, type, meaning. */
export function tableOf(fields: Fields<never>): string {
  const rows = Object.entries(fields).map(([name, { shape, meaning }]) => `| \`${name}\` | ${shape.name} | ${meaning} |`);
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n');
}
