// Observed: reads the observable state that a channel's actor published as JSON. A channel that has published nothing yet, or that had to leave out what found no
// room in its cell, has zeros, nulls and empty lists: a report is made in any case.

export type Observed = Readonly<Record<string, unknown>>;

const nothing: Observed = {};

const isObserved = (value: unknown): value is Observed => typeof value === 'object' && value !== null && !Array.isArray(value);

export function objectIn(from: Observed, name: string): Observed {
  const value = from[name];
  return isObserved(value) ? value : nothing;
}

export function listIn(from: Observed, name: string): readonly Observed[] {
  const value = from[name];
  return Array.isArray(value) ? value.filter(isObserved) : [];
}

export function numbersIn(from: Observed, name: string): readonly number[] {
  const value = from[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'number') : [];
}

export function numberOrNull(from: Observed, name: string): number | null {
  const value = from[name];
  return typeof value === 'number' ? value : null;
}

export const numberIn = (from: Observed, name: string): number => numberOrNull(from, name) ?? 0;

export function flagOrNull(from: Observed, name: string): boolean | null {
  const value = from[name];
  return typeof value === 'boolean' ? value : null;
}

export function textIn(from: Observed, name: string): string {
  const value = from[name];
  return typeof value === 'string' ? value : '';
}

/** A number of 64 bits, which JSON carries as digits in a string. */
export function id64Of(value: unknown): bigint {
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}

export function id64sIn(from: Observed, name: string): readonly bigint[] {
  const value = from[name];
  return Array.isArray(value) ? value.map(id64Of) : [];
}

/** Numbers by name. */
export function countsIn(from: Observed, name: string): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(objectIn(from, name)).filter((pair): pair is [string, number] => typeof pair[1] === 'number'));
}
