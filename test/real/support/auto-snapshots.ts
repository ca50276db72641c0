// A session on a busy Xspice scene, with automatic snapshots or without: how long the display's messages took, what the snapshots' folder held and how much
// memory the client had, meanwhile. The suite runs it for seconds, `npm run prove:auto-snapshot` for ten minutes.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readPrometheus } from '../../support/read-prometheus.ts';
import { directOf, scratchFolder, withServer } from './servers.ts';
import { startSession, type Stats } from './session.ts';

const lookEveryMs = 1_000;
const scene = 'perf';

export interface SnapshotsRun {
  /** Of the display: from bytes read off the socket until all of their messages were handled, in seconds. The 99th percentile is its bucket's upper bound. */
  readonly handling: { readonly count: number; readonly meanSeconds: number; readonly p99Seconds: number };
  /** Most files and bytes at any look. */
  readonly filesMax: number;
  readonly bytesMax: number;
  /** Reports that were written in all. */
  readonly written: number;
  /** One for each look. */
  readonly residentKib: readonly number[];
  readonly code: number | null;
  readonly stats: Stats;
  readonly folder: string;
}

const ask = (socketPath: string): Promise<string> => new Promise((resolve, reject) => {
  request({ socketPath, path: '/metrics', agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => resolve(body));
  }).on('error', reject).end();
});

async function handlingOf(socket: string): Promise<SnapshotsRun['handling']> {
  const samples = readPrometheus(await ask(socket)).get('ryll_channel_handling_seconds')?.samples.filter(({ labels }) => labels['channel'] === 'display/0') ?? [];
  const valueOf = (suffix: string): number => samples.find(({ name }) => name.endsWith(suffix))?.value ?? 0;
  const count = valueOf('_count');
  const buckets = samples.flatMap(({ name, labels, value }) => (name.endsWith('_bucket') ? [{ upTo: Number(labels['le'] === '+Inf' ? Infinity : labels['le']), value }] : [])).toSorted((a, b) => a.upTo - b.upTo);
  return { count, meanSeconds: valueOf('_sum') / count, p99Seconds: buckets.find(({ value }) => value >= count * 0.99)?.upTo ?? Number.NaN };
}

export async function runSnapshots(seconds: number, snapshots: { readonly everySeconds: number; readonly cap: number } | null): Promise<SnapshotsRun> {
  const folder = scratchFolder('snapshots');
  const socket = join(folder, 'metrics');
  const kept = join(folder, 'reports', 'auto-snapshots');
  const more = ['--metrics', `unix:${socket}`, '--bug-report-dir', join(folder, 'reports')];
  if (snapshots !== null) more.push('--auto-snapshot-interval', String(snapshots.everySeconds), '--auto-snapshot-cap', String(snapshots.cap));
  return withServer('xspice', { SCENE: scene, CURSOR: '0' }, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], more, timeoutMs: (seconds + 60) * 1_000 });
    const residentKib: number[] = [];
    const seen = new Set<string>();
    let [filesMax, bytesMax] = [0, 0];
    for (let look = 0; look < seconds; look++) {
      await pause(lookEveryMs);
      const files = existsSync(kept) ? readdirSync(kept).filter((name) => name.endsWith('.zip')) : [];
      for (const name of files) seen.add(name);
      filesMax = Math.max(filesMax, files.length);
      bytesMax = Math.max(bytesMax, files.reduce((sum, name) => sum + (statSync(join(kept, name), { throwIfNoEntry: false })?.size ?? 0), 0));
      residentKib.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${session.pid}/status`, 'utf8'))?.[1] ?? Number.NaN));
    }
    const handling = await handlingOf(socket);
    const ended = await session.end();
    return { handling, filesMax, bytesMax, written: seen.size, residentKib, code: ended.code, stats: ended.stats(), folder: kept };
  });
}
