// The corpus: small inputs, each with what it shows (a token of its outcome). Found by fuzzing, minimised, or laid by hand; an input
// that once broke something stays for ever.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface CorpusEntry {
  /** A token that the input's outcome has. */
  readonly shows: string;
  readonly hex: string;
  /** Why it is kept, where that is not plain from what it shows. */
  readonly why?: string;
}

const pathOf = (target: string): URL => new URL(`corpus/${target}.json`, import.meta.url);

export function readCorpus(target: string): readonly CorpusEntry[] {
  // Written by `writeCorpus`, or by hand in the same shape.
  return existsSync(pathOf(target)) ? (JSON.parse(readFileSync(pathOf(target), 'utf8')) as CorpusEntry[]) : [];
}

/** One entry a line, so that a change of one is a change of one line. */
export function writeCorpus(target: string, entries: readonly CorpusEntry[]): void {
  const lines = entries.toSorted((a, b) => (a.shows < b.shows ? -1 : 1)).map((entry) => ` ${JSON.stringify(entry)}`);
  writeFileSync(pathOf(target), `[\n${lines.join(',\n')}\n]\n`);
}
