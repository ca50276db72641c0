// Metrics, the latency file and the cadence against QEMU and Xspice: the figures are those of the statistics, and presses on a real guest are answered by its drawings.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPrometheus, type ReadFamily } from '../support/read-prometheus.ts';
import { directOf, scratchFolder, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession } from './support/session.ts';
import { until } from './support/still.ts';

const scrape = (socketPath: string): Promise<ReadonlyMap<string, ReadFamily> | null> => new Promise((resolve) => {
  const sent = request({ socketPath, path: '/metrics', agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => resolve(response.statusCode === 200 ? readPrometheus(body) : null));
  });
  sent.on('error', () => resolve(null)).end();
});
const of = (families: ReadonlyMap<string, ReadFamily>, name: string, channel: string): number =>
  families.get(name)?.samples.find(({ labels }) => labels['channel'] === channel)?.value ?? Number.NaN;

test.each([['qemu-bios', {}], ['xspice', { SCENE: 'ico', CURSOR: '0' }]] as const)('%s: figures, rows and answers', async (kind, variables) => {
  const folder = scratchFolder('metrics');
  const [socket, file] = [join(folder, 'metrics'), join(folder, 'latency.csv')];
  await withServer(kind, variables, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], more: ['--metrics', `unix:${socket}`, '--latency-file', file, '--cadence', '--cadence-every', '0.5'] });
    const families = await until('main has had two PINGs, the display has drawn, and three presses were sent', 60_000, async () => {
      const seen = await scrape(socket);
      return seen !== null && (seen.get('ryll_input_presses_total')?.samples[0]?.value ?? 0) >= 3 && of(seen, 'ryll_channel_pongs_total', 'main/0') >= 2 && of(seen, 'ryll_channel_draws_total', 'display/0') > 0 ? seen : null;
    });
    const ended = await session.end();
    expect(ended).toMatchObject({ code: INTERRUPTED, timedOut: false });
    for (const id of ['main/0', 'display/0', 'inputs/0']) {
      const last = channelOf(ended.stats(), id);
      expect(of(families, 'ryll_channel_up', id)).toBe(1);
      expect(of(families, 'ryll_channel_received_bytes_total', id)).toBeLessThanOrEqual(last.bytes_in);
      expect(of(families, 'ryll_channel_received_messages_total', id)).toBeGreaterThan(0);
      expect(of(families, 'ryll_channel_pongs_total', id)).toBe(of(families, 'ryll_channel_pings_total', id));
    }
    // Two PINGs are one interval; the last row is whole although Ctrl+C ended it.
    const text = readFileSync(file, 'utf8');
    const rows = text.trimEnd().split('\n').slice(1).map((row) => row.split(','));
    expect(text.endsWith('\n')).toBe(true);
    expect(rows.filter((row) => Number(row[1]) > 0).length).toBeGreaterThan(0);
    expect(ended.stderr + ended.stdout).toMatch(/input to paint: \d+ presses, \d+ answered by a drawing/);
    const { input_to_paint: summary } = ended.stats() as unknown as { readonly input_to_paint: { readonly answered: number } };
    expect(rows.filter((row) => row[2] !== '').length).toBe(summary.answered);
    console.log(`${kind}: ${/input to paint: .*/.exec(ended.stderr + ended.stdout)?.[0]}`);
  });
});
