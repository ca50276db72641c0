/**
 * Why compressed bytes did not become pixels. It is data (a stable code and the numbers that disagreed), not a sentence
 * for people, and it never means that framing is lost: the display channel turns it into a gap and lives on.
 */

/**
 * The closed list of ways in which an image can be wrong. Codes are stable; they end up in gap keys.
 *
 * - `truncated`: the compressed bytes end before the image does
 * - `overrun`: the stream produces more pixels than the image has
 * - `badHeader`: magic, version or pixel type is not one this codec has
 * - `sizeMismatch`: the stream's own width or height is not the target's
 * - `oversize`: a size above a named maximum, or more than the given bytes can possibly hold
 * - `badStride`: a stride shorter than a row
 * - `badDistance`: a match that points before the first pixel (or past the end of the image it names)
 * - `badFormat`: a bitmap format number outside 1..10
 * - `badBlock`: an LZ4 block that contradicts itself
 * - `paletteMissing`: an indexed image without a palette, or one that names a palette nobody cached
 * - `glzImageMissing`: a match into a GLZ image that is not in the window; `value` is that image's id. It may still be on
 *   its way on another display channel, and nothing was changed: the same image may be decoded again later
 * - `glzDuplicate`: a GLZ image id that is already in the window
 * - `overBudget`: the channel's bytes do not suffice for what decoding needs (`byte-budget.ts`); `limit` is what is left
 * - `inflateFailed`: zlib refused its input or gave another number of bytes than announced
 * - `jpegFailed`: the JPEG library refused its input
 */
export type DecodeErrorCode =
  | 'truncated'
  | 'overrun'
  | 'badHeader'
  | 'sizeMismatch'
  | 'oversize'
  | 'badStride'
  | 'badDistance'
  | 'badFormat'
  | 'badBlock'
  | 'paletteMissing'
  | 'glzImageMissing'
  | 'glzDuplicate'
  | 'overBudget'
  | 'inflateFailed'
  | 'jpegFailed';

/** The one thing that a decoder throws on the peer's bad data. Anything else that escapes a decoder is our mistake. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: DecodeErrorCode;
  /** What was being read, in the words of the format: `width`, `lz.type`. */
  readonly field: string;
  /** The offending number. */
  readonly value: number;
  /** What it was compared with, when there is such a thing. */
  readonly limit: number | null;

  constructor(code: DecodeErrorCode, field: string, value: number, limit: number | null = null) {
    super(`${code}: ${field} = ${value}${limit === null ? '' : ` (limit ${limit})`}`);
    this.code = code;
    this.field = field;
    this.value = value;
    this.limit = limit;
  }
}
