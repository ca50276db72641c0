// What is fuzzed: something that takes bytes from a peer and says what became of them. Whatever the bytes are, it returns.

import type { Seeded } from '../simulation/seeded.ts';

export interface FuzzTarget {
  readonly name: string;
  /** `decoder` = one input is one compressed image; `message` = one input is a few messages. */
  readonly kind: 'message' | 'decoder';
  /** What handling one input may allocate by size, all together. */
  readonly bytesMax: number;
  make(random: Seeded): Uint8Array;
  /** The tokens that say what became of the input: gaps, refusals, events. Throws only for our own mistakes. */
  run(input: Uint8Array): readonly string[];
}

export const mib = 1024 * 1024;
