// The runtime's promises name the tests that prove them. This test proves only that those tests exist: a promise whose test was
// renamed or removed is a promise no more.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;

const testSources = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(ROOT, 'test', path), 'utf8').replaceAll("\\'", "'"));

// Titles are the only phrases in backquotes there; a name in code has no two spaces.
const titles = readFileSync(join(ROOT, 'docs/runtime-semantics.md'), 'utf8').split('\n')
  .flatMap((line) => line.split('`').filter((_piece, index) => index % 2 === 1))
  .filter((quoted) => quoted.split(' ').length > 2);

/** A title stands in a test as it is, or as a table's `claim: %s` with the case beside it. */
function exists(title: string): boolean {
  const [claim, ...rest] = title.split(': ');
  return testSources.some((source) => source.includes(`'${title}'`) || (source.includes(`'${claim}: %s'`) && source.includes(`'${rest.join(': ')}'`)));
}

test('every test that docs/runtime-semantics.md names exists', () => {
  expect(titles.length).toBeGreaterThan(40);
  expect(titles.filter((title) => !exists(title))).toEqual([]);
});
