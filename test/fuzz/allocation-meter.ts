// Counts what the code under test allocates by size while it handles one input, and refuses what is above the declared limit before
// it happens: the difference between a failed test and a process that is gone. It sees buffers, typed arrays and arrays of a
// length; what grows item by item is bounded by the input's own length.

/** Thrown into the code under test: nothing there may catch it. */
export class AllocationRefused extends Error {
  override readonly name = 'AllocationRefused';
}

const sized = ['ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array', 'Uint8ClampedArray', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'BigUint64Array', 'BigInt64Array', 'Array'] as const;

const globals = globalThis as unknown as Record<string, unknown>;

type Constructor = new (...given: unknown[]) => object;

export class AllocationMeter {
  bytes = 0;
  #limitBytes = Infinity;
  readonly #wrapped: { readonly name: string; readonly original: Constructor; readonly counting: Constructor }[];

  constructor() {
    this.#wrapped = sized.map((name) => {
      // The global of this name is the host's constructor.
      const original = globals[name] as Constructor & { readonly BYTES_PER_ELEMENT?: number };
      const bytesEach = name === 'Array' ? 8 : (original.BYTES_PER_ELEMENT ?? 1);
      const count = (given: readonly unknown[]): void => {
        if (given.length > 0 && typeof given[0] === 'number') this.#take(given[0] * bytesEach, name);
      };
      const from = (source: unknown, ...rest: unknown[]): unknown => {
        if (typeof source === 'object' && source !== null && !Array.isArray(source) && !ArrayBuffer.isView(source)) {
          const length: unknown = Reflect.get(source, 'length');
          if (typeof length === 'number') this.#take(length * bytesEach, `${name}.from`);
        }
        const made: unknown = Reflect.apply(Reflect.get(original, 'from') as (...given: unknown[]) => unknown, original, [source, ...rest]);
        return made;
      };
      const counting: Constructor = new Proxy(original, {
        construct: (target, given, newTarget): object => {
          count(given);
          return Reflect.construct(target, given, newTarget === counting ? target : newTarget) as object;
        },
        apply: (target, self, given) => {
          count(given);
          return Reflect.apply(target as unknown as (...of: unknown[]) => unknown, self, given);
        },
        get: (target, key) => (key === 'from' && 'from' in target ? from : (Reflect.get(target, key, target) as unknown)),
      });
      return { name, original, counting };
    });
  }

  /** Runs with every allocation counted; throws `AllocationRefused` from inside when they come to more than the limit. */
  run<T>(limitBytes: number, body: () => T): T {
    this.bytes = 0;
    this.#limitBytes = limitBytes;
    for (const { name, counting } of this.#wrapped) globals[name] = counting;
    try {
      return body();
    } finally {
      for (const { name, original } of this.#wrapped) globals[name] = original;
    }
  }

  #take(bytes: number, what: string): void {
    this.bytes += bytes;
    if (this.bytes > this.#limitBytes) throw new AllocationRefused(`${what} brings it to ${this.bytes} bytes of at most ${this.#limitBytes}`);
  }
}
