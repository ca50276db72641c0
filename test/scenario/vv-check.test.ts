// `vv check` as a program: what scripts see of it, its exit codes, and that it leaves the file alone.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const usable = '[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\npassword=hunter2\ndelete-this-file=1\nfullscreen=1\n';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'));
});

afterEach(async () => rm(folder, { recursive: true }));

function check(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'vv', 'check', ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a usable file ends with 0, is described without its password, and stays although it asks to be deleted', async () => {
  const path = join(folder, 'a.vv');
  await writeFile(path, usable);
  const { status, stdout, stderr } = check([path]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`${path}: usable\n  connects to  vm.example, port 5900\n`);
  expect(stdout).toMatch(/Understood and ignored:\n {2}line 7 +fullscreen = 1\n +a terminal/);
  expect(stdout).not.toContain('hunter2');
  expect(await readdir(folder)).toEqual(['a.vv']);
});

test('a file that cannot be used ends with 3, its errors on the output, also as JSON and from standard input', () => {
  const { status, stdout, stderr } = check(['-', '--json'], '[virt-viewer]\ntype=vnc\nport=x\n');
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ file: 'standard input', usable: false, connectsTo: null, errors: [{ line: 2 }, { line: 3 }] });
});

test('a file that is not there ends with 3 and one sentence', () => {
  const { status, stdout, stderr } = check([join(folder, 'absent.vv')]);
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^ryll-actors: The connection file .* cannot be read: there is no such file\. \[source\.unreadable\]\n$/);
});
