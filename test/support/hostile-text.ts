// Text as a peer might send it: escape bytes, marks that combine or change direction, wide and unassigned characters, half surrogates.
import fc from 'fast-check';

const awkward = [0x00, 0x07, 0x0a, 0x0d, 0x1b, 0x5b, 0x7f, 0x90, 0x9b, 0x9c, 0xad, 0x0301, 0x05d0, 0x200b, 0x202e, 0x2028, 0x2066, 0x3000, 0x6f22, 0xac00, 0x1160, 0xd800, 0xdfff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x1f600, 0x10ffff];

/** A string of up to `lengthMax` code points. (fast-check's own `unit: 'binary'` costs more than a second before its first value.) */
export const hostileText = (lengthMax: number): fc.Arbitrary<string> => fc
  .array(fc.oneof(fc.constantFrom(...awkward), fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength: lengthMax })
  .map((codePoints) => String.fromCodePoint(...codePoints));
