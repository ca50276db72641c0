// Automatic snapshots beside a busy Xspice scene, for some seconds: the rolling cap holds, each zip is whole, and the session does not notice. Ten minutes of it, with
// its figures: `npm run prove:auto-snapshot`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSnapshots } from './support/auto-snapshots.ts';
import { runTool } from './support/run.ts';
import { channelOf, INTERRUPTED } from './support/session.ts';

test('the newest snapshots are kept, no more than were asked for, and nothing is dropped or lost', async () => {
  const run = await runSnapshots(24, { everySeconds: 4, cap: 2 });
  expect(run.code).toBe(INTERRUPTED);
  expect(run.written).toBeGreaterThanOrEqual(3);
  // One more for the moment between a file and the end of the oldest.
  expect(run.filesMax).toBeLessThanOrEqual(3);
  const left = readdirSync(run.folder).toSorted();
  expect(left.filter((name) => !name.endsWith('.zip'))).toEqual([]);
  expect(left.length).toBeLessThanOrEqual(2);
  for (const name of left) await runTool('unzip', ['-tq', join(run.folder, name)]);
  for (const id of ['main/0', 'display/0']) expect(channelOf(run.stats, id)).toMatchObject({ restarts: 0, dropped: 0 });
  const main = channelOf(run.stats, 'main/0');
  expect(main.pong_send_count).toBe(main.ping_recv_count);
}, 120_000);
