// Output that nobody reads any more, as with `| head -1`: the program ends without a word, and no stack trace.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test.each(['serve --help', 'connect --help', 'tree', '--version'])('%s with its output closed ends without a stack trace', async (line) => {
  const child = spawn(process.execPath, [PROGRAM, ...line.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
