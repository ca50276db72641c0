/**
 * What never changes in QUIC: the Golomb-Rice codes of limited length, the buckets that contexts fall into, and the
 * tables of run lengths and of pseudo-random numbers. One set of code tables for 8-bit channels and one for 5-bit ones.
 */

/** No code word is longer than this many bits. */
export const quicCodeBitsMax = 26;
/** Rows of all tables have this length, so that an index is a shift, whether a channel has 8 codes or 5. */
export const quicCodesMax = 8;

/** Code numbers l, values and contexts index these; all are at least as long as any index that can be made. */
export interface QuicCodes {
  /** Bits per channel: 8 or 5. There are as many codes, numbered from 0. */
  readonly bitsPerChannel: number;
  /** 2^bitsPerChannel - 1. */
  readonly mask: number;
  /** By l: the longest run of zero bits in front, after which the value follows whole. */
  readonly zerosMax: Uint8Array;
  /** By l: how many values have the ordinary form. */
  readonly plainValues: Uint8Array;
  /** By l: bits of a value that follows whole. */
  readonly escapeBits: Uint8Array;
  /** By value * quicCodesMax + l: bits of the code word. */
  readonly codeBits: Uint8Array;
  /** By context value: bucket number. Sizes 1, 2, 4, ...; the last takes all the rest. */
  readonly bucketOf: Uint8Array;
  /** By bucket: its first context; behind the last bucket stands the number of contexts. */
  readonly bucketStart: Uint16Array;
}

function makeCodes(bitsPerChannel: number): QuicCodes {
  const values = 2 ** bitsPerChannel;
  const zerosMax = new Uint8Array(quicCodesMax);
  const plainValues = new Uint8Array(quicCodesMax);
  const escapeBits = new Uint8Array(quicCodesMax);
  const codeBits = new Uint8Array(values * quicCodesMax);
  for (let l = 0; l < bitsPerChannel; l++) {
    const zeros = Math.min(quicCodeBitsMax - bitsPerChannel, 2 ** (bitsPerChannel - l) - 1);
    const plain = zeros << l;
    const escape = Math.ceil(Math.log2(values - plain));
    zerosMax[l] = zeros;
    plainValues[l] = plain;
    escapeBits[l] = escape;
    for (let value = 0; value < values; value++) {
      codeBits[value * quicCodesMax + l] = value < plain ? (value >>> l) + l + 1 : zeros + escape;
    }
  }
  return { bitsPerChannel, mask: values - 1, zerosMax, plainValues, escapeBits, codeBits, ...makeBuckets(values) };
}

function makeBuckets(values: number): Pick<QuicCodes, 'bucketOf' | 'bucketStart'> {
  const bucketOf = new Uint8Array(values);
  const bucketStart = new Uint16Array(quicCodesMax + 1);
  for (let first = 0, size = 1, bucket = 0; first < values; bucket++) {
    const swallowsRest = values - (first + size) < size;
    const end = swallowsRest ? values : first + size;
    bucketOf.fill(bucket, first, end);
    first = end;
    size *= 2;
    bucketStart[bucket + 1] = end;
  }
  return { bucketOf, bucketStart };
}

export const quicCodes8 = makeCodes(8);
export const quicCodes5 = makeCodes(5);

/** By run state: the exponent of the next piece of a run, and the bits of its last piece. */
export const quicRunExponents = Uint8Array.of(
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
);

/**
 * The pseudo-random numbers that say how many pixels to skip between two looks at the model. The format defines 32-bit
 * numbers, but never more than the low 6 bits are used.
 */
export const quicRandom = Uint8Array.of(
  // prettier-ignore
  2, 23, 19, 21, 7, 18, 40, 14, 12, 32, 47, 44, 36, 6, 18, 11,
  4, 19, 42, 29, 16, 63, 57, 51, 16, 3, 5, 14, 15, 30, 20, 9,
  36, 45, 3, 57, 61, 0, 8, 5, 41, 14, 43, 27, 43, 59, 31, 35,
  39, 60, 42, 38, 13, 54, 62, 1, 26, 3, 11, 61, 52, 34, 7, 48,
  4, 59, 22, 12, 22, 8, 50, 4, 10, 6, 44, 8, 11, 46, 31, 51,
  53, 17, 1, 43, 46, 60, 36, 54, 10, 27, 39, 44, 22, 41, 23, 2,
  44, 0, 40, 53, 40, 48, 16, 43, 32, 28, 33, 12, 20, 2, 56, 62,
  55, 58, 18, 20, 13, 55, 38, 29, 57, 19, 49, 33, 47, 63, 59, 0,
  35, 61, 19, 25, 46, 38, 60, 4, 35, 1, 26, 40, 28, 10, 5, 14,
  25, 18, 48, 49, 20, 59, 62, 34, 46, 7, 33, 52, 34, 58, 9, 29,
  8, 55, 62, 60, 37, 36, 37, 50, 6, 3, 10, 28, 48, 24, 26, 61,
  57, 30, 11, 54, 2, 6, 50, 47, 7, 17, 35, 53, 32, 12, 23, 17,
  5, 21, 49, 55, 51, 45, 52, 27, 39, 25, 39, 63, 22, 24, 42, 52,
  56, 38, 41, 41, 56, 32, 13, 24, 26, 51, 27, 56, 58, 37, 24, 42,
  15, 28, 17, 30, 31, 15, 16, 23, 25, 54, 33, 34, 1, 29, 31, 50,
  53, 21, 49, 15, 47, 9, 0, 58, 37, 45, 30, 13, 9, 45, 63, 21,
);

/** By mask index: the count at which the counters of a bucket are halved. */
export const quicTriggers = Uint16Array.of(110, 550, 900, 800, 550, 400, 350);
/** The mask index grows to this, once in `quicMaskPixels` pixels. */
export const quicMaskIndexMax = 6;
export const quicMaskPixels = 2048;
