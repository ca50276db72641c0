// What a process that died leaves: the capture of a session whose process one actor took with it, read by tshark and by lab/pcap-spice.py. The server is the
// built-in one, because what ends here is the client.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureFiles, countMessages, dissect } from './support/captures.ts';
import { startCli } from './support/cli.ts';
import { abortFaults } from '../scenario/faults/process-faults.ts';
import { startProgram } from '../support/program.ts';

// Without inputs there is no notice of plain text keys: tshark knows NOTIFY only with the byte too much that spice-server gives it.
const channels = 'main,display,cursor';

test.each(abortFaults)('$name: every capture file that is left opens in tshark, without a fault and with the session in it', async ({ inject, signal }) => {
  const folder = mkdtempSync(join(process.env['LAB_TMP'] ?? '', 'abort-'));
  const server = startProgram(folder, ['serve', '--port', '0', '--scene', 'default', '--ping-interval', '50']);
  const address = (await server.line(/^listening on/)).split(' ')[2] ?? '';
  const { code, signal: endedBy } = await startCli(
    ['connect', '--direct', address, '--headless', '--frozen-after', '60', '--channels', channels, '--capture', join(folder, 'capture'), '--inject', inject], { env: { RYLL_TEST_FAULTS: '1' }, cwd: folder, timeoutMs: 60_000 },
  ).finished;
  server.child.kill();
  await server.ended;
  expect([code, endedBy]).toEqual([null, signal]);
  const files = captureFiles(join(folder, 'capture'));
  expect(files.map((file) => file.split('/').at(-1))).toEqual(['cursor-0.pcapng', 'display-0.pcapng', 'main-0.pcapng']);
  for (const file of files) expect({ file, ...(await dissect(file)) }).toMatchObject({ file, faulty: 0 });
  const { kinds } = await countMessages(join(folder, 'capture/main-0.pcapng'));
  const countOf = (name: string): number => kinds.filter((kind) => kind.name === name).reduce((sum, { count }) => sum + count, 0);
  // One and a half seconds of PINGs at least, each with its PONG but for what the last moment cost.
  expect(countOf('PING')).toBeGreaterThan(20);
  expect(countOf('PING') - countOf('PONG')).toBeLessThanOrEqual(20);
});
