// `npm run fuzz`: as many inputs as are asked for, target after target. With --collect the smallest input for each outcome that was
// met goes into the corpus, minimised.
import { expect, test } from 'vitest';
import { readCorpus, writeCorpus, type CorpusEntry } from './corpus.ts';
import { attempt, describeFailure, fuzz, minimise, targets } from './fuzz.ts';
import type { FuzzTarget } from './target.ts';

interface Asked {
  readonly messages: number;
  readonly images: number;
  readonly seed: number;
  readonly target: string | null;
  readonly collect: boolean;
}

// Written by scripts/fuzz.mjs.
const asked = JSON.parse(process.env['RYLL_FUZZ'] ?? '{"messages":20000,"images":1000,"seed":1,"target":null,"collect":false}') as Asked;
const chosen = targets.filter(({ name }) => asked.target === null || name === asked.target);
const messageTargets = chosen.filter(({ kind }) => kind === 'message').length;
const inputsAtATime = 1_000;
/** A corpus is read by people, too. */
const entryBytesMax = 1_024;
const entriesMax = 120;

/** Keeps the smallest input for each token. */
class Collector {
  readonly #target: FuzzTarget;
  readonly #smallest = new Map<string, Uint8Array>();

  constructor(target: FuzzTarget) {
    this.#target = target;
  }

  see(tokens: readonly string[], input: Uint8Array): void {
    if (input.length > 4 * entryBytesMax) return;
    for (const token of tokens) if (input.length < (this.#smallest.get(token)?.length ?? Infinity)) this.#smallest.set(token, input);
  }

  write(): void {
    // What was laid by hand, and what once failed, says why, and stays as it is.
    const kept = readCorpus(this.#target.name).filter(({ why }) => why !== undefined);
    const known = new Set(kept.map(({ shows }) => shows));
    const found: CorpusEntry[] = [];
    for (const [token, input] of this.#smallest) {
      if (known.has(token)) continue;
      const least = minimise(input, (candidate) => attempt(this.#target, candidate).tokens.includes(token));
      if (least.length <= entryBytesMax) found.push({ shows: token, hex: Buffer.from(least).toString('hex') });
    }
    writeCorpus(this.#target.name, [...kept, ...found.toSorted((a, b) => a.hex.length - b.hex.length).slice(0, entriesMax)]);
  }
}

test(`fuzzing under seed ${asked.seed}`, () => {
  expect(chosen.length).toBeGreaterThan(0);
  const failures: string[] = [];
  for (const target of chosen) {
    const count = target.kind === 'message' ? Math.ceil(asked.messages / messageTargets) : asked.images;
    const collector = new Collector(target);
    let failure = null;
    for (let from = 0; from < count && failure === null; from += inputsAtATime) {
      // scripts/fuzz.mjs watches this line: without the next one for long, an input hangs.
      process.stdout.write(`fuzzing ${target.name} from ${from}\n`);
      failure = fuzz(target, asked.seed, from, Math.min(inputsAtATime, count - from), (tokens, input) => collector.see(tokens, input));
    }
    if (failure !== null) failures.push(describeFailure(failure));
    else if (asked.collect) collector.write();
    process.stdout.write(failure === null ? `passed ${target.name}: ${count} inputs\n` : `${describeFailure(failure)}\n`);
  }
  expect(failures).toEqual([]);
});
