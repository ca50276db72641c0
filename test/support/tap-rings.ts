// Small tap rings for tests: few, small segments, so that wrap-around and lag happen after a handful of entries.
import type { TapRingHandle } from '#app/mailbox/tap-ring.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';

export const TEST_CLOCK = { monotonicMs: () => 5_000, wallMs: () => 1_700_000_005_000 };

export interface SmallRing {
  readonly channel?: string;
  readonly segmentBytes?: number;
  readonly segments?: number;
  readonly ringBytes?: number;
}

/** Segments of 256 bytes, four of them; one entry of up to 1 KiB gets a large segment, of up to 4 KiB one of the largest. */
export function smallRing({ channel = 'display/0', segmentBytes = 256, segments = 4, ringBytes }: SmallRing = {}): TapRingHandle {
  const lagBytes = segmentBytes * segments;
  return createTapRing({ channel, ringBytes: ringBytes ?? lagBytes, segmentBytes, lagBytes, largeBytes: [segmentBytes * 4, segmentBytes * 16] }, TEST_CLOCK);
}

/** `byteLength` bytes that tell which entry they are. */
export function numbered(number: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, byteLength));
  for (let at = 0; at < bytes.length; at++) bytes[at] = (number >>> (8 * (at % 4))) & 0xff;
  return bytes;
}

/** Which entry these bytes are; throws when they are not of one piece. */
export function numberOf(bytes: Uint8Array): number {
  const number = (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
  const expected = numbered(number, bytes.length);
  if (!expected.every((byte, at) => byte === bytes[at])) throw new Error(`torn entry ${number} of ${bytes.length} bytes`);
  return number;
}
