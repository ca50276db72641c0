// Changes that make good bytes bad: numbers at the edges of their types, bytes gone, doubled, moved, or taken from another input.
import type { Seeded } from '../simulation/seeded.ts';

const edges = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 101, 127, 128, 255, 256, 1_023, 1_024, 4_095, 4_096, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
const changesMax = 6;
const rangeBytesMax = 64;
/** No mutation makes an input longer than this. */
const inputBytesMax = 16 * 1024;

function range(bytes: Uint8Array, random: Seeded): { readonly from: number; readonly to: number } {
  const from = random.between(0, Math.max(0, bytes.length - 1));
  return { from, to: Math.min(bytes.length, from + random.between(1, rangeBytesMax)) };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const noise = (count: number, random: Seeded): Uint8Array => Uint8Array.from({ length: count }, () => random.between(0, 255));

type Change = (bytes: Uint8Array, random: Seeded, others: readonly Uint8Array[]) => Uint8Array;

/** Overwrites a number of `size` bytes where one may stand. */
const number = (size: 1 | 2 | 4): Change => (bytes, random) => {
  if (bytes.length < size) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = random.between(0, bytes.length - size);
  const value = random.chance(0.7) ? random.pick(edges) : random.between(0, 0xffff_ffff);
  if (size === 1) view.setUint8(at, value & 0xff);
  else if (size === 2) view.setUint16(at, value & 0xffff, true);
  else view.setUint32(at, value >>> 0, true);
  return bytes;
};

const changes: readonly Change[] = [
  number(1),
  number(1),
  number(2),
  number(4),
  number(4),
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.between(0, bytes.length - 1)]! ^= 1 << random.between(0, 7);
    return bytes;
  },
  (bytes, random) => bytes.slice(0, random.between(0, bytes.length)),
  (bytes, random) => joined(bytes, noise(random.between(1, rangeBytesMax), random)),
  (bytes, random) => {
    const { from, to } = range(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const { from, to } = range(bytes, random);
    return joined(bytes.subarray(0, to), bytes.subarray(from));
  },
  (bytes, random) => {
    const { from, to } = range(bytes, random);
    if (bytes.length > 0) bytes.copyWithin(random.between(0, bytes.length - 1), from, to);
    return bytes;
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    const { from, to } = range(other, random);
    return joined(bytes.subarray(0, random.between(0, bytes.length)), other.subarray(from, to), bytes.subarray(random.between(0, bytes.length)));
  },
];

/** A changed copy. `others` are inputs of the same kind, at least one. */
export function mutate(original: Uint8Array, random: Seeded, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let left = random.between(1, changesMax); left > 0; left--) bytes = random.pick(changes)(bytes, random, others);
  return bytes.slice(0, inputBytesMax);
}
