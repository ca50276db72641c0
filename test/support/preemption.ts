// Two threads played in one, exhaustively: each atomic operation of the code under test is a place where the other thread may
// run, and every way of doing that is tried. What the code does between two atomic operations is invisible to the
// other thread anyway, so this is where threads differ from turns.

/** Makes the same decisions again up to the last one that has an alternative, then takes the next: depth first through all runs. */
export class Choices {
  #path: { taken: number; of: number }[] = [];
  #position = 0;
  runs = 0;

  /** A number below `count`. */
  next(count: number): number {
    const known = this.#path[this.#position];
    if (known === undefined) this.#path.push({ taken: 0, of: count });
    return this.#path[this.#position++]?.taken ?? 0;
  }

  /** Prepares the next run; false when every run has been made. */
  advance(): boolean {
    this.runs++;
    this.#position = 0;
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      if (++last.taken < last.of) return true;
      this.#path.pop();
    }
    return false;
  }
}

const OPERATIONS = ['load', 'store', 'add', 'exchange'] as const;

/** Runs `body` with `point` called before each atomic operation. Restores everything afterwards. */
export function withPreemption(point: () => void, body: () => void): void {
  const originals = OPERATIONS.map((name) => [name, Atomics[name]] as const);
  for (const [name, original] of originals) {
    // Reflect, because the overloads of the four operations have no common type that could be spelled here.
    Reflect.set(Atomics, name, (...args: unknown[]): unknown => {
      point();
      return Reflect.apply(original, Atomics, args);
    });
  }
  try {
    body();
  } finally {
    for (const [name, original] of originals) Reflect.set(Atomics, name, original);
  }
}
