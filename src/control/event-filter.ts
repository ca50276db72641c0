// Event filters: which events of a kind a client wants, by the fields that the event has on the wire. A filter names fields and the value,
// or the values, that each may have; what it does not name is free.

import { Refused } from './params.ts';
import type { Params } from './request.ts';

type Scalar = string | number | boolean | null;

/** Field -> what it may be. Empty = every event. */
export type EventFilter = ReadonlyMap<string, readonly Scalar[]>;

const fieldsMax = 16;
const valuesMax = 64;

export function passes(filter: EventFilter, data: Params): boolean {
  return [...filter].every(([field, values]) => values.some((value) => value === data[field]));
}

/** The filter under `name`; one that is absent lets everything pass. */
export function readFilter(params: Params, name: string): EventFilter {
  const given: unknown = params[name] ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw bad(name);
  const fields = Object.entries(given);
  if (fields.length > fieldsMax) throw bad(name);
  return new Map(fields.map(([field, value]: [string, unknown]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length > valuesMax || !values.every(isScalar)) throw bad(name);
    return [field, values];
  }));
}

function bad(name: string): Refused {
  return new Refused('bad_params', `${name} must be an object of at most ${fieldsMax} fields, each with a value or an array of at most ${valuesMax}`);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
