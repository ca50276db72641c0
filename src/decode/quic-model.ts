/**
 * What QUIC has learned so far: for each channel the coded values of the last row and, for each bucket of contexts,
 * which code has been the shortest; for each group of channels where it stands in its pseudo-random schedule. It reads
 * no bits and writes no pixels; `quic-rows.ts` does.
 */
import type { QuicCodes } from './quic-codes.ts';
import { quicCodesMax, quicMaskPixels, quicTriggers } from './quic-codes.ts';

/** One channel: red, green, blue, alpha or grey. Owned by one image's decoding. */
export interface QuicChannel {
  /** Coded values by column. A row overwrites the previous one's; columns inside runs keep older values. */
  readonly coded: Uint8Array;
  /** By context: the code with the smallest counter in the context's bucket. Spelled out for each context of a bucket, so that the row loops look up once. */
  readonly bestCode: Uint8Array;
  /** By bucket * quicCodesMax + code: bits that this code would have needed. */
  readonly counters: Uint32Array;
}

/** The schedule that the channels of a group share. Never reset between rows. */
export interface QuicGroup {
  readonly codes: QuicCodes;
  /** Pixels to code before the next look at the model. */
  wait: number;
  /** Index of the last pseudo-random number used. */
  seed: number;
  /** The next numbers are taken modulo 2^maskIndex. */
  maskIndex: number;
  /** Pixels left until the mask index grows. */
  maskCountdown: number;
  /** Counters are halved when the smallest of a bucket exceeds this. */
  trigger: number;
  runState: number;
}

export function createQuicChannel(codes: QuicCodes, width: number): QuicChannel {
  return {
    coded: new Uint8Array(width),
    bestCode: new Uint8Array(codes.mask + 1).fill(codes.bitsPerChannel - 1),
    counters: new Uint32Array(quicCodesMax * quicCodesMax),
  };
}

export function createQuicGroup(codes: QuicCodes): QuicGroup {
  return { codes, wait: 0, seed: 255, maskIndex: 0, maskCountdown: quicMaskPixels, trigger: quicTriggers[0]!, runState: 0 };
}

/** Learns that `value` came after `context`: the code that would have been shortest for the bucket so far becomes its best. */
export function learnQuicValue(channel: QuicChannel, codes: QuicCodes, trigger: number, context: number, value: number): void {
  const { counters, bestCode } = channel;
  const { codeBits, bitsPerChannel } = codes;
  const bucket = codes.bucketOf[context]!;
  const first = bucket * quicCodesMax;
  let best = bitsPerChannel - 1;
  let fewest = counters[first + best]! + codeBits[value * quicCodesMax + best]!;
  counters[first + best] = fewest;
  for (let code = best - 1; code >= 0; code--) {
    const bits = counters[first + code]! + codeBits[value * quicCodesMax + code]!;
    counters[first + code] = bits;
    if (bits < fewest) {
      best = code;
      fewest = bits;
    }
  }
  if (bestCode[context] !== best) bestCode.fill(best, codes.bucketStart[bucket], codes.bucketStart[bucket + 1]);
  if (fewest > trigger) for (let code = 0; code < bitsPerChannel; code++) counters[first + code]! >>>= 1;
}
