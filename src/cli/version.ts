/**
 * Which build this is: package version, commit, and whether it had uncommitted changes. In a checkout git is asked, so that the answer is true after any rebuild; a
 * packed or installed copy has no repository and reads what scripts/prepare.mjs wrote into dist.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Version {
  readonly version: string;
  /** Short hash; null when this copy was neither built in a checkout nor lies in one. */
  readonly commit: string | null;
  /** Tracked files differed from the commit. */
  readonly dirty: boolean;
}

const PACKAGE_ROOT = new URL('../../', import.meta.url);

/** Runs git in a checkout (tens of milliseconds), so it is for `--version` and reports, not for a path that anyone waits on. */
export function readVersion(root: URL = PACKAGE_ROOT): Version {
  const version = stringField(readJson(new URL('package.json', root)), 'version') ?? 'unknown';
  const described = existsSync(new URL('.git', root)) ? describeCheckout(root) : stringField(readJson(new URL('dist/build-commit.json', root)), 'commit');
  if (described === null) return { version, commit: null, dirty: false };
  const dirty = described.endsWith('-dirty');
  return { version, commit: dirty ? described.slice(0, -'-dirty'.length) : described, dirty };
}

/** One line: `ryll-actors 0.1.0 (1a2b3c4d5e6f-dirty)`. */
export function formatVersion({ version, commit, dirty }: Version): string {
  return `ryll-actors ${version}${commit === null ? '' : ` (${commit}${dirty ? '-dirty' : ''})`}`;
}

function describeCheckout(root: URL): string | null {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], { cwd: root, encoding: 'utf8', timeout: 5000 });
  const described = git.status === 0 ? git.stdout.trim() : '';
  return described === '' ? null : described;
}

function readJson(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function stringField(value: unknown, name: string): string | null {
  const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  return typeof field === 'string' && field !== '' ? field : null;
}
