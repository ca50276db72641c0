// Benchmarks rot unseen when nobody runs them: each is run here as briefly as it can be. What it measures is not looked at.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../bench/', import.meta.url);
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.bench.mjs'));

test.each(scripts)('%s runs and prints ratios', (script) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [new URL(script, FOLDER).pathname, '--quick'], { encoding: 'utf8', timeout: 55_000 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toMatch(/ratio/);
}, 60_000);

test('the README says what every benchmark compares', () => {
  const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
  expect(scripts.filter((script) => !readme.includes(script))).toEqual([]);
});
