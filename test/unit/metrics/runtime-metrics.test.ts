import { expect, test } from 'vitest';
import { metricsBetween, metricsPlatform, noMetrics, notSampledReasons, type RuntimeSample } from '#app/metrics/runtime-metrics.js';

const sample = (atMs: number, part: Partial<RuntimeSample> = {}): RuntimeSample =>
  ({ atMs, cpuMs: 0, rssKb: 1_000, vmSizeKb: 5_000, uptimeSecs: atMs / 1_000, threads: [], ...part });
const thread = (tid: number, name: string, cpuMs: number, born = 1) => ({ tid, name, cpuMs, born });

test('processor time is a share of the window, more than 100 when several cores are busy, and the document has the ancestor’s fields in their order', () => {
  const before = sample(1_000, { cpuMs: 500, threads: [thread(1, 'main', 100), thread(2, 'display/0', 400)] });
  const after = sample(3_000, { cpuMs: 3_000, rssKb: 1_234, threads: [thread(1, 'main', 600), thread(2, 'display/0', 2_400)] });
  const document = metricsBetween('linux', before, after);
  expect(JSON.stringify(document)).toBe(JSON.stringify({
    sample_window_ms: 2_000,
    process: { cpu_percent: 125, rss_kb: 1_234, vm_size_kb: 5_000, uptime_secs: 3 },
    threads: [{ tid: 2, name: 'display/0', cpu_percent: 100 }, { tid: 1, name: 'main', cpu_percent: 25 }],
    platform: 'linux',
  }));
});

test('a thread that was born inside the window has 0, also under the id of one that has ended; one that has ended is left out', () => {
  const before = sample(0, { threads: [thread(7, 'old', 900, 5), thread(8, 'gone', 10)] });
  const after = sample(1_000, { threads: [thread(7, 'new', 950, 6), thread(9, 'young', 400)] });
  expect(metricsBetween('linux', before, after).threads).toEqual([{ tid: 7, name: 'new', cpu_percent: 0 }, { tid: 9, name: 'young', cpu_percent: 0 }]);
});

test('threads are sorted by falling processor time on Linux and by rising tid on macOS', () => {
  const at = (atMs: number) => sample(atMs, { threads: [thread(3, 'a', 0), thread(1, 'b', atMs / 10), thread(2, 'c', atMs)] });
  expect(metricsBetween('linux', at(0), at(100)).threads.map(({ tid }) => tid)).toEqual([2, 1, 3]);
  expect(metricsBetween('macos', at(0), at(100)).threads.map(({ tid }) => tid)).toEqual([1, 2, 3]);
});

test('two samples of one moment are 0 %, and a clock that fell back never gives a negative share', () => {
  expect(metricsBetween('linux', sample(5, { cpuMs: 1 }), sample(5, { cpuMs: 9 })).process.cpu_percent).toBe(0);
  expect(metricsBetween('linux', sample(5, { cpuMs: 9 }), sample(10, { cpuMs: 1 })).process.cpu_percent).toBe(0);
});

test('where the platform tells only of the process, the document says what is missing', () => {
  const document = metricsBetween('windows', sample(0, { threads: null, vmSizeKb: null }), sample(1_000, { threads: null, vmSizeKb: null, cpuMs: 100 }));
  expect(document).toMatchObject({ available: true, platform: 'windows', process: { cpu_percent: 10, vm_size_kb: null }, threads: [], reason: expect.stringContaining('windows') });
});

test('a report that is not sampled says why, in the ancestor’s shape', () => {
  for (const reason of Object.values(notSampledReasons)) {
    expect(Object.keys(noMetrics('linux', reason))).toEqual(['platform', 'available', 'reason']);
    expect(reason).toMatch(/^not sampled: /);
  }
});

test('platforms have the ancestor’s names', () => {
  expect(['linux', 'darwin', 'win32', 'freebsd'].map(metricsPlatform)).toEqual(['linux', 'macos', 'windows', 'freebsd']);
});
