// The soak of restarts, in short and in a process of its own: a display that dies again and again leaves nothing behind. `npm run soak:restarts` does it 500 times.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SOAK = new URL('../soak/restarts.mjs', import.meta.url).pathname;

test('a display that died 30 times leaves threads, handles, descriptors, ports and memory as they were', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--expose-gc', SOAK, '--restarts', '30', '--warm-up', '5']).catch((error: { readonly stdout: string; readonly stderr: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  expect(stdout.trim().split('\n').at(-1)).toBe('30 restarts of display/0 after 5 to warm up: nothing grew');
}, 120_000);
