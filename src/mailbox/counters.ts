// Named counters in shared memory: per-message statistics that a sampler reads when it likes, instead of events. One writer
// each, 64 bits, so no reader meets a torn or wrapped number. Rates and history are the sampler's.

/** A set of counters as it travels to its writer and its readers. */
export interface CounterMemory {
  readonly names: readonly string[];
  readonly buffer: SharedArrayBuffer;
}

const COUNTERS_MAX = 1_024;

export interface Counter {
  /** As its writer knows it. */
  readonly value: number;
  add(count: number): void;
  /** For gauges, such as a queue's length. */
  set(value: number): void;
}

export function createCounters(names: readonly string[]): CounterMemory {
  if (names.length > COUNTERS_MAX) throw new RangeError(`${names.length} counters, at most ${COUNTERS_MAX}`);
  if (new Set(names).size !== names.length) throw new RangeError('a counter is named twice');
  return { names, buffer: new SharedArrayBuffer(Math.max(1, names.length) * 8) };
}

/** The writer's side of one counter. Throws for a name that the set does not have. A restarted writer counts on. */
export function counterOf(memory: CounterMemory, name: string): Counter {
  const index = indexOf(memory, name);
  const words = new BigUint64Array(memory.buffer);
  // The one writer keeps its own copy: a store is all that a count costs.
  let value = Number(Atomics.load(words, index));
  const publish = (): void => void Atomics.store(words, index, BigInt(value));
  return {
    get value() {
      return value;
    },
    add: (count) => {
      value += count;
      publish();
    },
    set: (next) => {
      value = next;
      publish();
    },
  };
}

/** All counters of a set as plain numbers, exact up to 2^53. */
export function readCounters(memory: CounterMemory): Record<string, number> {
  const words = new BigUint64Array(memory.buffer);
  const counters: Record<string, number> = {};
  for (const [index, name] of memory.names.entries()) counters[name] = Number(Atomics.load(words, index));
  return counters;
}

/** Some of them, in the order in which they are named, for whoever looks often and needs few. Throws for a name that the set does not have. */
export function counterReader(memory: CounterMemory, names: readonly string[]): () => number[] {
  const words = new BigUint64Array(memory.buffer);
  const indices = names.map((name) => indexOf(memory, name));
  return () => indices.map((index) => Number(Atomics.load(words, index)));
}

function indexOf(memory: CounterMemory, name: string): number {
  const index = memory.names.indexOf(name);
  if (index < 0) throw new RangeError(`no counter is named '${name}'`);
  return index;
}
