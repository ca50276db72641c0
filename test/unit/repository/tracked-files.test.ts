// What must not stand in any tracked file, and what must be there: a checkout has to work, and read well, on a machine that is
// not the one it was written on.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const SELF = 'test/unit/repository/tracked-files.test.ts';
const NOT_TRACKED = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Tracked files, or all that are not ignored where there is no git (an unpacked archive). */
const trackedFiles = (): string[] => {
  const git = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  if (git.status === 0) return git.stdout.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)));
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder)).filter((name) => !NOT_TRACKED.has(name)).flatMap((name) => {
      const path = join(folder, name);
      return statSync(join(ROOT, path)).isDirectory() ? below(path) : [path];
    });
  return below('');
};

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files in which it is right. */
  readonly except: readonly string[];
}

const BANS: readonly Ban[] = [
  { what: 'the host name of a package registry', pattern: /\b(registry\.(npmjs|yarnpkg)\.(org|com)|unpkg\.com|jsr\.io|(deb|security|ftp)\.debian\.org|proxy\.golang\.org|pypi\.org)\b/i, except: [] },
  // In the lab's guest and in a container, /root is the home folder of root.
  { what: 'a path of one machine', pattern: /(?<![\w$}.])\/(work|root|home\/\w+|tmp\/(wt|ryll))\//, except: ['test/real/lab/make-captures.sh', 'test/real/lab/build-guest.sh'] },
  { what: 'a word about the tools that wrote it', pattern: /\b(claude|anthropic|openai|chatgpt|gpt-\d|copilot|llms?|language model|ai assistant|coding assistant|subagents?)\b/i, except: [] },
  { what: 'a conflict marker', pattern: /^(<{7}|>{7}) /m, except: [] },
  { what: 'a test that runs alone or not at all', pattern: /\b(test|it|describe)\.(only|todo)\(/, except: [] },
];

const files = trackedFiles();
const texts = files
  .filter((path) => path !== SELF && !/\.(png|bin|pcap|pcapng|wasm|jpg)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

describe('no tracked file has', () => {
  test.each(BANS)('$what', ({ pattern, except }) => {
    const found = texts
      .filter(({ path }) => !except.includes(path))
      .flatMap(({ path, text }) => text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])));
    expect(found).toEqual([]);
  });
});

test('each ban finds what it is about', () => {
  const examples = ['https://registry.npmjs.org/x', "'/work/x/y'", 'as Claude said', '<<<<<<< HEAD', "test.only('x')"];
  expect(examples.map((line, index) => BANS[index]?.pattern.test(line))).toEqual([true, true, true, true, true]);
});

test('licence, changelog and readme are there', () => {
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'CHANGELOG.md', 'README.md']));
  expect(readFileSync(join(ROOT, 'LICENSE'), 'utf8')).toContain('Apache License');
  expect(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')).toContain('## [Unreleased]');
});

test('scripts that are run by path may be run', () => {
  const scripts = texts.filter(({ path, text }) => text.startsWith('#!') && !path.startsWith('src/')).map(({ path }) => path);
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.filter((path) => (statSync(join(ROOT, path)).mode & 0o111) === 0)).toEqual([]);
});

test('package.json offers the commands that the documents name, each of them there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['test', 'test:real', 'demo', 'lint', 'typecheck']));
  const paths = Object.values(scripts).flatMap((script) => script.match(/\b(test|scripts)\/[\w./-]+/g) ?? []);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
