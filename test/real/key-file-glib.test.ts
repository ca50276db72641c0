// Our key file reader against GLib's, which virt-viewer reads connection files with: the same files are refused, and in all others the same groups have the
// same keys with the same values, as strings and as lists. Files as portals write them, mutated, and files made of what the format is made of.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseKeyFile, readList, readString } from '#app/cli/key-file.js';
import { vvFileInput, vvFileSeeds } from '../fuzz/vv-file-target.ts';
import { Seeded } from '../simulation/seeded.ts';

const script = fileURLToPath(new URL('support/glib-key-file.py', import.meta.url));
const mutatedCount = 3_000;
const composedCount = 3_000;
const pieces = ['[g]', '[h]', '[', ']', 'a', 'b', 'key', '=', '=', '=', ';', '#', '\\', '\\s', '\\n', '\\;', '\\\\', '\n', '\n', '\n', '\r\n', ' ', '\t', '\u000b', '\f', '\u00a0', '\u00e4', '[de]', '[sr@latin]', '[d e]', '[]', 'x=1', '"', '%d'];

type Values = Readonly<Record<string, readonly [string | null, readonly string[] | null]>>;
type Answer = { readonly error: string } | { readonly groups: Readonly<Record<string, Values>> };

function glib(files: readonly Uint8Array[]): readonly Answer[] {
  const { stdout, stderr, status } = spawnSync('python3', [script], { input: JSON.stringify(files.map((file) => Buffer.from(file).toString('base64'))), encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(stderr);
  // The script's own words, see there.
  return JSON.parse(stdout) as readonly Answer[];
}

function ours(file: Uint8Array): Answer {
  const result = parseKeyFile(file);
  if (result.kind === 'malformed') return { error: result.message };
  return {
    groups: Object.fromEntries([...result.groups].map(([name, group]) => [name, Object.fromEntries([...group].map(([key, value]) => {
      const text = readString(value);
      const list = readList(value);
      return [key, [text.kind === 'text' ? text.text : null, list.kind === 'items' ? list.items : null] as const];
    }))])),
  };
}

/** GLib keeps `key[de]` among the keys. */
const untranslated = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([key]) => !key.endsWith(']')));

/** What is known to differ, and meant to: C strings end at a NUL; GLib refuses a byte order mark, and finds bytes that are no UTF-8 only when a value is asked for. */
function comparable(file: Uint8Array): boolean {
  const bytes = Buffer.from(file);
  return bytes.equals(Buffer.from(bytes.toString('utf8'))) && !bytes.includes(0) && !bytes.toString('utf8').startsWith('\ufeff');
}

test('GLib and this client read the same out of the same files', () => {
  const random = new Seeded(1);
  const composed = (): Uint8Array => Buffer.from(`[g]\n${Array.from({ length: random.between(0, 24) }, () => random.pick(pieces)).join('')}`);
  const files = [...vvFileSeeds, ...Array.from({ length: mutatedCount }, () => vvFileInput(random)), ...Array.from({ length: composedCount }, composed)].filter(comparable);
  const answers = glib(files);
  const different = files.flatMap((file, index) => {
    const [mine, theirs] = [ours(file), answers[index] ?? { error: 'no answer' }];
    const same = 'error' in mine || 'error' in theirs
      ? 'error' in mine && 'error' in theirs
      : JSON.stringify(Object.entries(mine.groups)) === JSON.stringify(Object.entries(theirs.groups).map(([name, values]) => [name, untranslated(values)]));
    return same ? [] : [{ file: Buffer.from(file).toString('utf8'), mine, theirs }];
  });
  expect(different.slice(0, 5)).toEqual([]);
  // Neither side may win by refusing all of them.
  const read = answers.filter((answer) => 'groups' in answer).length;
  expect(read).toBeGreaterThan(files.length / 4);
  expect(read).toBeLessThan(files.length);
});
