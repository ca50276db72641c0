/**
 * Raster operations: what becomes of a pixel when an input (brush or source) meets a destination. A descriptor from the
 * wire is brought to one of five normal forms, so that each drawing loop is written once and inversions cost nothing.
 * It touches no pixels; `fill.ts` and `blit.ts` do.
 */
import { RopFlag } from '../protocol/constants.ts';

/**
 * A normal form, with A the input and D the destination. All masks are 0 or -1 (all bits), so `^` with one inverts or not.
 *
 * - `put`: A ^ inputMask
 * - `xor`: A ^ D ^ inputMask
 * - `or`: ((A ^ inputMask) | (D ^ destinationMask)) ^ resultMask, which is AND as well (De Morgan)
 * - `constant`: inputMask itself, whatever A and D are
 * - `invert`: ~D
 */
export interface Rop {
  readonly kind: 'put' | 'xor' | 'or' | 'constant' | 'invert';
  readonly inputMask: number;
  readonly destinationMask: number;
  readonly resultMask: number;
}

function normalForm(kind: Rop['kind'], inputMask = 0, destinationMask = 0, resultMask = 0): Rop {
  return { kind, inputMask, destinationMask, resultMask };
}

export const ropPut: Rop = normalForm('put');
export const ropBlackness: Rop = normalForm('constant', 0);
export const ropWhiteness: Rop = normalForm('constant', -1);
export const ropInvert: Rop = normalForm('invert');

/** A descriptor on a brush: FILL, and the brush of STROKE and TEXT. */
export function ropForBrush(descriptor: number): Rop {
  return resolve(descriptor, RopFlag.inversBrush, RopFlag.inversDest);
}

/** A descriptor on a source picture: COPY, BLEND. */
export function ropForSource(descriptor: number): Rop {
  return resolve(descriptor, RopFlag.inversSrc, RopFlag.inversDest);
}

/** OPAQUE: the brush meets the picture that was just put, so the bit that inverts the destination is INVERS_SRC. */
export function ropForOpaque(descriptor: number): Rop {
  return resolve(descriptor, RopFlag.inversBrush, RopFlag.inversSrc);
}

/** One pixel through a rop: the definition that the loops in `fill.ts` and `blit.ts` unroll. */
export function applyRop(rop: Rop, input: number, destination: number): number {
  switch (rop.kind) {
    case 'put':
      return (input ^ rop.inputMask) >>> 0;
    case 'xor':
      return (input ^ destination ^ rop.inputMask) >>> 0;
    case 'or':
      return (((input ^ rop.inputMask) | (destination ^ rop.destinationMask)) ^ rop.resultMask) >>> 0;
    case 'constant':
      return rop.inputMask >>> 0;
    case 'invert':
      return ~destination >>> 0;
  }
}

/** True when the result does not depend on the input, so that no source need be looked at. */
export function ignoresInput(rop: Rop): boolean {
  return rop.kind === 'constant' || rop.kind === 'invert';
}

function resolve(descriptor: number, invertInputBit: number, invertDestinationBit: number): Rop {
  const input = (descriptor & invertInputBit) === 0 ? 0 : -1;
  const destination = (descriptor & invertDestinationBit) === 0 ? 0 : -1;
  const result = (descriptor & RopFlag.inversRes) === 0 ? 0 : -1;
  // The first operation in this order counts when a descriptor names several, as in the reference client.
  if ((descriptor & RopFlag.opPut) !== 0) return (input ^ result) === 0 ? ropPut : normalForm('put', -1);
  if ((descriptor & RopFlag.opOr) !== 0) return normalForm('or', input, destination, result);
  if ((descriptor & RopFlag.opAnd) !== 0) return normalForm('or', ~input, ~destination, ~result);
  if ((descriptor & RopFlag.opXor) !== 0) return normalForm('xor', input ^ destination ^ result);
  if ((descriptor & RopFlag.opBlackness) !== 0) return ropBlackness;
  if ((descriptor & RopFlag.opWhiteness) !== 0) return ropWhiteness;
  if ((descriptor & RopFlag.opInvers) !== 0) return ropInvert;
  return ropPut;
}
