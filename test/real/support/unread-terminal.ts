// The client on a terminal that nobody reads (lab/unread-pty.py), with a real server: what the session did meanwhile. The suite
// runs it for seconds, `npm run prove:unread-pty` for a minute.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from './cli.ts';
import { linkedChannels } from './qmp.ts';
import { start } from './run.ts';
import { LAB, directOf, scratchFolder, withServer } from './servers.ts';
import type { Stats } from './session.ts';
import { until } from './still.ts';

export interface UnreadRun {
  readonly exit: number;
  readonly ended_early: boolean;
  readonly end_ms: number;
  readonly rss_kib: readonly number[];
  readonly unread_bytes_at_least: number;
  /** Channels that the server counted as linked, while nobody read. */
  readonly channelsLinked: number;
  readonly stats: Stats;
}

export const runUnread = async (seconds: number): Promise<UnreadRun> =>
  withServer('qemu-bios', {}, async (server) => {
    const statsPath = join(scratchFolder('unread'), 'stats.json');
    const running = start(
      'python3',
      [join(LAB, 'unread-pty.py'), String(seconds), process.execPath, MAIN, 'connect', '--direct', directOf(server), '--stats-json', statsPath],
      { timeoutMs: (seconds + 60) * 1000 },
    );
    const channelsLinked = await until('four channels are linked', 20_000, async () => {
      const linked = await linkedChannels(server);
      return linked.length >= 4 ? linked.length : null;
    });
    const { code, stdout, stderr } = await running.finished;
    if (code !== 0) throw new Error(`unread-pty.py: ${stderr}`);
    return { ...(JSON.parse(stdout) as Omit<UnreadRun, 'channelsLinked' | 'stats'>), channelsLinked, stats: JSON.parse(readFileSync(statsPath, 'utf8')) as Stats };
  });
