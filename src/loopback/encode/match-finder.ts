/**
 * Finds earlier places where the same units stood, for the LZ and GLZ encoders. A table from the hash of three units to
 * the last place they were seen; it finds good matches, not the best ones.
 */

/** Units that a place in the table stands for. */
const hashedUnits = 3;
const tableBits = 14;

export class MatchFinder {
  readonly units: Uint32Array;
  readonly #places = new Int32Array(1 << tableBits).fill(-1);

  /** @param units what will be searched, as it is indexed by `remember` */
  constructor(units: Uint32Array) {
    this.units = units;
  }

  /** Makes the units at `place` findable. */
  remember(place: number): void {
    if (place + hashedUnits <= this.units.length) this.#places[hash(this.units, place)] = place;
  }

  /**
   * How many units of `wanted` from `at` on are the same as some remembered ones, and where those are; length 0 if none.
   * Matches may run into the units being looked for, as runs do.
   */
  find(wanted: Uint32Array, at: number): { place: number; length: number } {
    const place = at + hashedUnits <= wanted.length ? this.#places[hash(wanted, at)]! : -1;
    if (place < 0) return { place: 0, length: 0 };
    const lengthMax = Math.min(wanted.length - at, this.units.length - place);
    let length = 0;
    while (length < lengthMax && this.units[place + length] === wanted[at + length]) length++;
    return { place, length };
  }
}

function hash(units: Uint32Array, at: number): number {
  let mixed = 0;
  for (let i = 0; i < hashedUnits; i++) mixed = Math.imul(mixed ^ units[at + i]!, 0x9e3779b1);
  return mixed >>> (32 - tableBits);
}
