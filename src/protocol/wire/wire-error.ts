// The one error of the wire layer: what the peer sent does not fit its declaration. Thrown only inside a parse or by
// the frame splitter; message.ts turns it into a `malformed` message, and only lost framing travels on as a throw.

/**
 * Stable codes.
 * - `truncated`: a field needs `value` bytes and the body has `limit` left.
 * - `countLimit`: a count of `value` exceeds the declared maximum `limit`.
 * - `pointerRange`: an offset of `value` lies outside the body of `limit` bytes.
 * - `pointerNull`: a pointer that must not be 0 is 0.
 * - `unknownCase`: no case has the discriminant `value`, and the fields after it cannot be found.
 * - `unaligned`: the `value` bytes up to the end of the body are not a multiple of the item's `limit` bytes.
 * - `invalid`: a number contradicts another one.
 * - `oversize`: a header announces `value` bytes where `limit` are allowed: framing is lost.
 */
export type WireErrorCode =
  | 'truncated'
  | 'countLimit'
  | 'pointerRange'
  | 'pointerNull'
  | 'unknownCase'
  | 'unaligned'
  | 'invalid'
  | 'oversize';

export class WireError extends Error {
  readonly code: WireErrorCode;
  /** Path of the field, `drawCopy.srcImage.body`. */
  readonly field: string;
  readonly value: number;
  readonly limit: number;

  constructor(code: WireErrorCode, field: string, value: number, limit: number) {
    super(`${code} at ${field}: ${value} (limit ${limit})`);
    this.name = 'WireError';
    this.code = code;
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}
