import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatVersion, readVersion } from '#app/cli/version.js';

let folder = '';
const root = (): URL => pathToFileURL(`${folder}/`);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'package.json'), '{"version":"1.2.3"}');
});

afterEach(async () => rm(folder, { recursive: true }));

/** The tests run on a machine that has only Node and npm, too. */
const hasGit = spawnSync('git', ['--version']).status === 0;

const git = (...args: string[]): string => {
  const result = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout.trim();
};

describe('the version', () => {
  test('of a packed copy is what was kept when it was built', async () => {
    await writeFile(join(folder, 'dist', 'build-commit.json'), '{"commit":"0123456789ab-dirty"}');
    expect(formatVersion(readVersion(root()))).toBe('ryll-actors 1.2.3 (0123456789ab-dirty)');
    expect(readVersion(root())).toEqual({ version: '1.2.3', commit: '0123456789ab', dirty: true });
  });

  test('of a copy without either is the number alone', async () => {
    expect(formatVersion(readVersion(root()))).toBe('ryll-actors 1.2.3');
    await writeFile(join(folder, 'dist', 'build-commit.json'), 'not json');
    expect(readVersion(root())).toEqual({ version: '1.2.3', commit: null, dirty: false });
  });

  test.runIf(hasGit)('of a checkout is asked of git, whatever was kept at some build', async () => {
    await writeFile(join(folder, 'dist', 'build-commit.json'), '{"commit":"000000000000"}');
    git('init', '-q');
    git('add', 'package.json');
    git('commit', '-qm', 'first');
    git('tag', '-a', 'v9', '-m', 'a tag must not take the place of the commit');
    const commit = git('rev-parse', '--short=12', 'HEAD');
    expect(readVersion(root())).toEqual({ version: '1.2.3', commit, dirty: false });
    await writeFile(join(folder, 'package.json'), '{"version":"1.2.4"}');
    expect(formatVersion(readVersion(root()))).toBe(`ryll-actors 1.2.4 (${commit}-dirty)`);
  });

  test('of this very copy has the number of its package', () => {
    expect(readVersion().version).toMatch(/^\d+\.\d+\.\d+/);
  });
});
