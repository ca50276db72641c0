// Params: what a request brings along, read with the checks that every method needs. A value that is not as it must be is refused with a
// sentence that names the field; nothing is converted and nothing is guessed.

import { refusal, type ControlError, type ControlErrorCode, type Params } from './request.ts';

/** Thrown while a request is read, and caught where it is answered. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get answer(): { readonly ok: false; readonly error: ControlError } {
    return refusal(this.code, this.message);
  }
}

const bad = (message: string): Refused => new Refused('bad_params', message);

/** A rectangle of a picture in pixels; right and bottom are past it. */
export interface PictureRegion {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** No surface is larger in either direction. */
const coordinateMax = 65_535;

/** A field that is absent or null is `fallback`; one that is needed throws without it. */
export function readInteger(params: Params, name: string, range: { readonly min: number; readonly max: number; readonly fallback?: number }): number {
  const value = params[name] ?? range.fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < range.min || value > range.max) throw bad(`${name} must be an integer from ${range.min} to ${range.max}`);
  return value;
}

export function readOptionalInteger(params: Params, name: string, range: { readonly min: number; readonly max: number }): number | null {
  return (params[name] ?? null) === null ? null : readInteger(params, name, range);
}

export function readShare(params: Params, name: string): number {
  const value = params[name] ?? 0;
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw bad(`${name} must be a number from 0 to 1`);
  return value;
}

export function readText(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw bad(`${name} must be a string`);
  return value;
}

export function readOptionalText(params: Params, name: string): string | null {
  return (params[name] ?? null) === null ? null : readText(params, name);
}

export function readOptionalBoolean(params: Params, name: string): boolean | null {
  const value = params[name] ?? null;
  if (value !== null && typeof value !== 'boolean') throw bad(`${name} must be true or false`);
  return value;
}

export function readChoice<T extends string>(params: Params, name: string, choices: readonly T[], fallback?: T): T {
  const value = params[name] ?? fallback;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw bad(`${name} must be one of ${choices.join(', ')}`);
  return found;
}

/** An object whose fields the caller reads; none when it is absent. */
export function readFields(params: Params, name: string): Params {
  const value = params[name] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw bad(`${name} must be an object`);
  return value as Params;
}

/** Two corners of a region, in whatever order; null when there are none. */
export function readCorners(params: Params): PictureRegion | null {
  if ((params['region'] ?? null) === null) return null;
  const fields = readFields(params, 'region');
  const at = (name: string): number => readInteger(fields, name, { min: 0, max: coordinateMax });
  return { left: at('left'), top: at('top'), right: at('right'), bottom: at('bottom') };
}

/** Null when there is none: the whole picture. One without area is refused. */
export function readRegion(params: Params): PictureRegion | null {
  const region = readCorners(params);
  if (region === null) return null;
  if (region.left >= region.right || region.top >= region.bottom) throw bad('region has no area: right must be past left, and bottom past top');
  return region;
}

/** The names of `events`, each once. */
export function readNames(params: Params, name: string): readonly string[] {
  const value: unknown = params[name];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw bad(`${name} must be an array of strings`);
  return [...new Set(value)];
}
