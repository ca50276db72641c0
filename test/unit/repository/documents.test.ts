// The documents point at files, at commands and at each other: what they name must be there.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const markdownIn = (folder: string): string[] => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
const documents = [...markdownIn('.'), ...markdownIn('docs'), ...markdownIn('docs/decisions'), 'test/bench/README.md', 'test/real/README.md', 'test/golden/images/README.md'];
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);

test('every link between documents leads to a file', () => {
  const broken = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '')
      .filter((target) => !/^\w+:/.test(target) && !existsSync(join(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`));
  expect(broken).toEqual([]);
});

test('every npm script that a document names exists', () => {
  const unknown = documents.flatMap((path) =>
    [...read(path).matchAll(/npm (?:run (\w[\w:-]*)|(test)\b)/g)].map(([, run, plain]) => run ?? plain ?? '')
      .filter((name) => !scripts.includes(name) && name !== 'prove:NAME')
      .map((name) => `${path}: ${name}`));
  expect(unknown).toEqual([]);
});

test('every source file that a document names exists', () => {
  const missing = documents.flatMap((path) =>
    [...read(path).matchAll(/`((?:src|test|scripts|docs)\/[\w./-]+\.(?:ts|mjs|md|sh|json|c))`/g)].map(([, file]) => file ?? '')
      .filter((file) => !existsSync(join(ROOT, file)) && file !== 'docs/measurements.md')
      .map((file) => `${path}: ${file}`));
  expect(missing).toEqual([]);
});

test('decisions have numbers of their own, and each says what it costs', () => {
  const names = readdirSync(join(ROOT, 'docs/decisions'));
  expect(new Set(names.map((name) => name.slice(0, 4))).size).toBe(names.length);
  expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  expect(names.filter((name) => !read(`docs/decisions/${name}`).includes('## What it costs'))).toEqual([]);
});
