// The verdict about real servers: of a session that is well it names no fault, however their PINGs, pictures and channels differ from the loopback server's.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noFault } from '#app/capture/verdict.js';
import { verdictsIn } from '../support/verdicts-in.ts';
import { directOf, scratchFolder, withServer, type ServerKind } from './support/servers.ts';
import { startSession } from './support/session.ts';
import { until } from './support/still.ts';

const cases: readonly [ServerKind, Readonly<Record<string, string>>][] = [['qemu-bios', { AUDIO: '1', AGENT: '1' }], ['xspice', {}]];

const zipsIn = (folder: string): number => {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.zip')).length;
  } catch {
    return 0;
  }
};

test.each(cases)('%s: no fault is found in a session that is well', async (kind, variables) => {
  await withServer(kind, variables, async (server) => {
    const folder = join(scratchFolder('explain'), 'reports');
    const running = startSession({ source: ['--direct', directOf(server)], more: ['--bug-report-dir', folder, '--auto-snapshot-interval', '5'] });
    await until('two snapshots', 60_000, () => (zipsIn(join(folder, 'auto-snapshots')) >= 2 ? true : null));
    await running.end();
    const verdicts = await verdictsIn(folder);
    expect(verdicts.map(({ summary, causes }) => [summary, causes])).toEqual(verdicts.map(() => [noFault, []]));
  });
});
