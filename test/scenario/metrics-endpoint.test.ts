// Metrics and latencies of a session on real threads against the loopback server: a scraper asks, a channel dies and comes back, and the file is whole.
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { beginCadence } from '#app/cli/session-cadence.js';
import type { SessionRunOptions } from '#app/cli/session-options.js';
import { listen } from '#app/loopback/node-listener.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { readPrometheus, type ReadFamily } from '../support/read-prometheus.ts';
import { testSession } from '../support/session-fixture.ts';
import { until } from '../support/until.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function session(part: (folder: string) => Partial<SessionRunOptions>) {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-metrics-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const server = new LoopbackServer(createNodeHost(), { ...defaultLoopbackOptions, pingEveryMs: 60 });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  cleanUps.push(async () => {
    server.close();
    await listener.close();
  });
  const made = testSession(createNodeHost(), listener.port ?? 0, { filter: new Set(['main', 'display', 'inputs']), ...part(folder) });
  cleanUps.push(() => made.run.stop());
  await made.run.start();
  await until('the display is linked', () => made.run.memory.channels.some(({ id }) => id === 'display/0') && made.channel('display/0').state === 'linked');
  return { ...made, folder };
}

interface Answer { readonly status: number; readonly type: string; readonly body: string }

const ask = (socketPath: string, path = '/metrics', method = 'GET'): Promise<Answer> => new Promise((resolve, reject) => {
  const sent = request({ socketPath, path, method, agent: false }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }));
  });
  sent.on('error', reject).end();
});

const scrape = async (socketPath: string): Promise<ReadonlyMap<string, ReadFamily>> => readPrometheus((await ask(socketPath)).body);
const of = (families: ReadonlyMap<string, ReadFamily>, name: string, label: string): number => {
  const value = families.get(name)?.samples.find(({ labels }) => Object.values(labels).includes(label))?.value;
  if (value === undefined) throw new Error(`no ${name} of ${label}`);
  return value;
};

describe('metrics', () => {
  test('are what the session counts, for its owner only, and no counter falls when a channel dies and comes back', async () => {
    const { run, folder, channel, poison } = await session((to) => ({ metrics: { kind: 'unix', path: join(to, 'm') } }));
    const socket = join(folder, 'm');
    expect(lstatSync(socket).mode & 0o777).toBe(0o600);
    await until('the hub has told of the display, which has decoded a picture', async () => {
      const { body } = await ask(socket);
      return body.includes('ryll_channel_up{channel="display/0"} 1') && /ryll_channel_decode_seconds_count\{channel="display\/0"\} [1-9]/.test(body);
    });

    const least = channel('display/0');
    const first = await scrape(socket);
    const most = channel('display/0');
    for (const [name, key] of [['ryll_channel_received_bytes_total', 'bytes_in'], ['ryll_channel_received_messages_total', 'messages_in'], ['ryll_channel_draws_total', 'draws']] as const) {
      expect(of(first, name, 'display/0')).toBeGreaterThanOrEqual(least[key]);
      expect(of(first, name, 'display/0')).toBeLessThanOrEqual(most[key]);
    }
    expect(first.get('ryll_session_up')?.samples[0]?.value).toBe(1);
    expect(of(first, 'ryll_actor_up', 'metrics')).toBe(1);
    const sumOf = (name: string): number => first.get(name)?.samples.filter((sample) => sample.name.endsWith('_count')).reduce((sum, { value }) => sum + value, 0) ?? 0;
    expect(sumOf('ryll_channel_handling_seconds')).toBeGreaterThan(0);
    expect(sumOf('ryll_channel_paint_seconds')).toBeGreaterThan(0);
    expect(sumOf('ryll_channel_decode_seconds')).toBeGreaterThan(0);

    poison('display/0');
    await until('it has come back', () => channel('display/0').generation === 2 && channel('display/0').state === 'linked');
    await until('the metrics know', async () => of(await scrape(socket), 'ryll_channel_restarts_total', 'display/0') === 1);
    const second = await scrape(socket);
    expect(of(second, 'ryll_channel_losses_total', 'crash')).toBe(1);
    const fallen = [...first].filter(([, { type }]) => type !== 'gauge').flatMap(([name, { samples }]) => samples.filter((before) => {
      const after = second.get(name)?.samples.find((each) => each.name === before.name && JSON.stringify(each.labels) === JSON.stringify(before.labels));
      return after === undefined || after.value < before.value;
    }));
    expect(fallen).toEqual([]);

    await run.stop();
    expect(lstatSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('are on one path and by one method, and who says nothing or comes in a crowd costs nobody else anything', async () => {
    const { folder } = await session((to) => ({ metrics: { kind: 'unix', path: join(to, 'm') } }));
    const socket = join(folder, 'm');
    await until('the first figures', async () => (await ask(socket)).status === 200);
    expect((await ask(socket)).type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await ask(socket, '/')).toMatchObject({ status: 404, body: 'Metrics are at /metrics.\n' });
    expect(await ask(socket, '/metrics', 'POST')).toMatchObject({ status: 405 });
    expect(await ask(socket, '/metrics', 'HEAD')).toMatchObject({ status: 200, body: '' });
    const held = (): number => readdirSync('/proc/self/fd').length;
    const before = process.platform === 'linux' ? held() : 0;
    for (let at = 0; at < 100; at++) await ask(socket);
    await until('a hundred scrapes left no descriptor', () => process.platform !== 'linux' || held() <= before + 2);
    // Those above the bound are closed at once; the others wait in silence.
    const crowd = Array.from({ length: 24 }, () => connect(socket));
    let closed = 0;
    for (const one of crowd) one.on('error', () => undefined).on('close', () => (closed += 1));
    await until('those above the bound were closed', () => closed >= 8);
    for (const one of crowd) one.destroy();
    await until('the crowd is gone', async () => (await ask(socket).catch(() => null))?.status === 200);
  });

  test('a port that is taken is said in words', async () => {
    const other = await listen(new LoopbackServer(createNodeHost(), defaultLoopbackOptions), { kind: 'tcp', address: '127.0.0.1', port: 0 });
    cleanUps.push(() => other.close());
    await expect(session(() => ({ metrics: { kind: 'tcp', host: '127.0.0.1', port: other.port ?? 0 } }))).rejects.toThrow(`port ${other.port} of 127.0.0.1 is taken`);
  });
});

describe('latencies', () => {
  test('every interval and every answer is a row, the summary says the same, and the file is whole when the session has ended', async () => {
    const { run, folder } = await session((to) => ({ latency: { path: join(to, 'l.csv') } }));
    const stop = beginCadence(run, createNodeHost().timers, { cadence: true, cadenceEvery: 0.1 });
    await until('five presses were answered', () => run.metrics.latency(run.memory).answered >= 5);
    stop();
    await run.stop();
    const summary = run.metrics.latency(run.memory);
    const text = readFileSync(join(folder, 'l.csv'), 'utf8');
    const [header, ...rows] = text.trimEnd().split('\n').map((row) => row.split(','));
    expect(header).toEqual(['timestamp', 'latency_ms', 'input_to_paint_ms']);
    expect(text.endsWith('\n')).toBe(true);
    expect(rows.every((row) => row.length === 3 && !Number.isNaN(Date.parse(row[0] ?? '')) && (row[1] === '') !== (row[2] === ''))).toBe(true);
    const lags = rows.filter((row) => row[2] !== '').map((row) => Number(row[2]));
    expect(lags).toHaveLength(summary.answered);
    expect(Math.max(...lags)).toBe(summary.max_ms);
    const pings = rows.filter((row) => row[1] !== '');
    expect(pings.length).toBeGreaterThan(0);
    expect(pings.length).toBeLessThanOrEqual(run.memory.counters(run.memory.channel(1, 0))['ping_interval_count'] ?? 0);
    expect(run.metrics.latencyProblem('l.csv')).toBeNull();
  });

  test('a writer that dies goes on in the same file, without a second header', async () => {
    const { run, folder } = await session((to) => ({ latency: { path: join(to, 'l.csv') } }));
    const path = join(folder, 'l.csv');
    const rows = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
    await until('the first rows', () => rows().length > 2);
    void run.actors.find(({ id }) => id === 'latency')?.handle.kill();
    await until('it is back', () => run.actors.find(({ id }) => id === 'latency')?.handle.generation === 2);
    const before = rows().length;
    await until('more rows', () => rows().length > before);
    expect(rows().filter((row) => row.startsWith('timestamp'))).toHaveLength(1);
  });

  test('a file that is there already is left alone', async () => {
    await expect(session((to) => ({ latency: { path: to } }))).rejects.toThrow('EEXIST');
  });
});
