import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prometheusText } from '#app/metrics/prometheus-text.js';
import { sessionFamilies, type SessionFigures } from '#app/metrics/session-families.js';
import { readPrometheus } from '../../support/read-prometheus.ts';

const kept = { boundsUs: [1_000, 1_000_000], counts: [3, 2, 1], sumUs: 2_500_000 };
const figures: SessionFigures = {
  connected: true, reconnects: 2, scrapes: 9, nowSecs: 1_795_000_000, mainLoop: kept, presses: { presses: 5, answered: 3, unanswered: 1 },
  channels: [{
    id: 'display/0', state: 'linked', restarts: 1, losses: { rst: 2 }, pingJitterUs: 1_500, handling: kept, pong: kept, paint: kept, decode: kept, inputToPaint: kept,
    counters: { bytes_in: 1_000, draws: 12, ping_interval_us: 15_000_000 }, tap: { appended: 10, delivered: 8, dropped: 1, droppedBytes: 64, unrecorded: 0 },
  }],
  actors: [{ id: 'display/0', isRunning: true, restarts: 1, cpuMs: 1_230, mailbox: { depth: 1, oldestAgeMs: 250, accepted: 7, dropped: 2, deadLetters: 0 } }],
  consumers: [{ id: 'log', dropped: 4 }],
  process: { atMs: 0, cpuMs: 4_000, rssKb: 2, vmSizeKb: 3, uptimeSecs: 100, threads: [] },
};
const read = readPrometheus(prometheusText(sessionFamilies(figures)));
const valueOf = (name: string): number | undefined => read.get(name)?.samples[0]?.value;

test('figures arrive in seconds and bytes, with the channel or the actor as label', () => {
  expect(read.get('ryll_channel_received_bytes_total')?.samples).toEqual([{ name: 'ryll_channel_received_bytes_total', labels: { channel: 'display/0' }, value: 1_000 }]);
  expect(read.get('ryll_channel_losses_total')?.samples[0]?.labels).toEqual({ channel: 'display/0', kind: 'rst' });
  expect(valueOf('ryll_channel_ping_interval_seconds')).toBe(15);
  expect(valueOf('ryll_channel_ping_jitter_seconds')).toBe(0.0015);
  expect(valueOf('ryll_actor_cpu_seconds_total')).toBe(1.23);
  expect(valueOf('ryll_actor_mailbox_oldest_seconds')).toBe(0.25);
  expect(valueOf('process_resident_memory_bytes')).toBe(2_048);
  expect(valueOf('process_start_time_seconds')).toBe(1_794_999_900);
  expect(read.get('ryll_input_to_paint_seconds')?.samples.map(({ value }) => value)).toEqual([3, 5, 6, 2.5, 6]);
});

test('names follow the conventions: counters end in _total, durations in _seconds, sizes in _bytes', () => {
  for (const [name, { type, help }] of read) {
    expect(name).toMatch(/^(ryll|process)_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(type !== 'histogram' || name.endsWith('_seconds')).toBe(true);
    expect(help).toMatch(/\.$/);
  }
});

test('docs/metrics.md has each name with its type and its meaning, and no other', () => {
  const document = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...document.matchAll(/^\| `((?:ryll|process)_\w+)` \| (\w+) \| .*? \| (.*) \|$/gm)].map(([, name, type, help]) => [name, type, help]);
  expect(rows).toEqual([...read].map(([name, { type, help }]) => [name, type, help]));
});

test('what the platform does not tell is left out', () => {
  const bare = readPrometheus(prometheusText(sessionFamilies({ ...figures, process: null, actors: [{ ...figures.actors[0]!, cpuMs: null }] })));
  expect([...bare.keys()].filter((name) => name.startsWith('process_') || name.includes('cpu'))).toEqual([]);
});
