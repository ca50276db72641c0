// The share of the fuzzing that every test run has: 20,000 mutated messages over every channel, handshake and stream, 1,000 images
// for each decoder, and the corpus. More by command: npm run fuzz -- --messages 1000000 --images 100000
import { describe, expect, test } from 'vitest';
import { attempt, describeFailure, fuzz, targets } from './fuzz.ts';
import { readCorpus } from './corpus.ts';

const messages = 20_000;
const imagesEach = 1_000;
const seed = 1;
const messageTargets = targets.filter(({ kind }) => kind === 'message').length;

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, target) => {
  test('mutated bytes give a value, a gap or a refusal: no crash, no hang, no allocation above what is declared', () => {
    const count = target.kind === 'message' ? Math.ceil(messages / messageTargets) : imagesEach;
    const failure = fuzz(target, seed, 0, count);
    expect(failure === null ? null : describeFailure(failure)).toBeNull();
  }, 60_000);

  test('each input of the corpus shows what it is kept for', () => {
    const entries = readCorpus(name);
    expect(entries.length).toBeGreaterThan(0);
    const outcomes = entries.map(({ shows, hex }) => ({ shows, outcome: attempt(target, Uint8Array.from(Buffer.from(hex, 'hex'))) }));
    expect(outcomes.filter(({ shows, outcome }) => outcome.fault !== null || !outcome.tokens.includes(shows))).toEqual([]);
  });
});
