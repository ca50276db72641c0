// The latency file's actor with a file that is taken from it and given back: its descriptor is closed under it, as a disk that refuses.
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { actor } from '#app/actors/latency-actor.js';
import { channelCounterNames, countPing, openChannelCounters } from '#app/actors/channel-counters.js';
import { createInputProbe, inputNoter, paintNoter } from '#app/actors/input-probe.js';
import { latencyCounterNames } from '#app/actors/metrics-mail.js';
import type { ActorContext } from '#app/actors/kernel/actor.js';
import { createCounters, readCounters } from '#app/mailbox/counters.js';
import { ManualHost } from '../../support/manual-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-latency-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function world() {
  const path = join(folder, `${files++}.csv`);
  const host = new ManualHost();
  const marks: (string | null)[] = [];
  const context = { id: 'latency', generation: 1, host, progress: { blockedOn: (call: string | null) => marks.push(call) } } as unknown as ActorContext;
  const [main, counters, inputs] = [createCounters(channelCounterNames), createCounters(latencyCounterNames), createInputProbe()];
  const running = await actor.start(context, { path, main, inputs, sessionStartMs: 0, counters });
  const channel = openChannelCounters(main);
  let lastUs: number | null = null;
  return {
    host, marks, path, inputs,
    ping: () => void (lastUs = countPing(channel, lastUs, host.nowMs)),
    rows: () => readFileSync(path, 'utf8').split('\n').slice(0, -1),
    counts: () => readCounters(counters),
    stop: () => running.stop({ kind: 'shutdown' }),
    descriptor: () => Number(readdirSync('/proc/self/fd').find((fd) => { try { return readlinkSync(`/proc/self/fd/${fd}`) === path; } catch { return false; } })),
  };
}

test('every PING interval and every answer is a row at the next look, and the file call is marked', async () => {
  const { host, marks, ping, rows, counts, inputs, stop } = await world();
  ping();
  host.advance(250);
  ping();
  inputNoter(inputs)(host.nowMs);
  host.advance(5);
  paintNoter(inputs)(() => host.nowMs);
  host.advance(20);
  expect(rows()).toEqual(['timestamp,latency_ms,input_to_paint_ms', '1970-01-01T00:00:00.250Z,250.000,', '1970-01-01T00:00:00.255Z,,5.000']);
  expect(counts()).toEqual({ rows: 3, rows_lost: 0, failures: 0 });
  expect(marks).toContain('disk');
  expect(marks.at(-1)).toBeNull();
  await stop();
  expect(host.timersWaiting).toBe(0);
});

describe.runIf(process.platform === 'linux')('while the file takes nothing', () => {
  test('rows wait, are tried again every second, and are all there when it takes them', async () => {
    const { host, ping, rows, counts, path, descriptor, stop } = await world();
    host.advance(20);
    ping();
    const taken = descriptor();
    closeSync(taken);
    for (let at = 0; at < 4; at++) {
      host.advance(100);
      ping();
    }
    host.advance(40);
    expect(counts()).toMatchObject({ rows: 1, failures: 1 });
    // The lowest free number: the one that was taken.
    expect(openSync(path, 'a')).toBe(taken);
    host.advance(1_100);
    expect(rows()).toHaveLength(5);
    expect(counts()).toEqual({ rows: 5, rows_lost: 0, failures: 1 });
    await stop();
  });

  test('what waits at the end is lost and counted', async () => {
    const { host, ping, counts, descriptor, stop } = await world();
    host.advance(20);
    closeSync(descriptor());
    ping();
    host.advance(100);
    ping();
    await stop();
    expect(counts()['rows_lost']).toBe(1);
    expect(counts()['failures']).toBeGreaterThan(0);
  });
});
