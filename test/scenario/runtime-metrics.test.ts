// Runtime metrics of this very process: real threads, real figures.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { procfsSampler } from '#app/actors/procfs-sampler.js';
import { createRuntimeSampler, initAtStartup } from '#app/actors/runtime-sampler.js';
import { runtimeMetrics } from '#app/cli/runtime-metrics.js';
import type { SampledMetrics } from '#app/metrics/runtime-metrics.js';
import { echoSpec } from '../support/echo-spec.ts';
import { withSystem } from '../support/kernel-fixture.ts';
import { until } from '../support/until.ts';

const { timers } = createNodeHost();

test('the start can be noted as often as one likes, on every platform', () => {
  expect(() => [initAtStartup(), initAtStartup()]).not.toThrow();
});

test('a sampler that never answers costs its deadline and says so; one that fails says what the system said', async () => {
  const never = { platform: 'linux', sample: () => new Promise<never>(() => undefined) };
  expect(await runtimeMetrics(timers, 1, 20, () => never)).toMatchObject({ available: false, reason: expect.stringContaining('did not report within 0.02 s') });
  expect(await runtimeMetrics(timers, 1, 20, () => { throw new Error('EACCES: no /proc'); })).toMatchObject({ available: false, reason: expect.stringContaining('EACCES: no /proc') });
});

test('a folder that is no procfs is an error, not figures of nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-procfs-'));
  await expect(procfsSampler(100, folder)()).rejects.toThrow('ENOENT');
  rmSync(folder, { recursive: true });
});

describe.runIf(process.platform === 'linux')('on Linux', () => {
  const sampled = async (windowMs: number): Promise<SampledMetrics> => {
    const document = await runtimeMetrics(timers, windowMs);
    if ('available' in document) throw new Error(document.reason);
    return document;
  };

  test('the thread of an actor carries its name, with the processor time that it used, while the main thread went on', async () => {
    await withSystem(async (system) => {
      await system.start(echoSpec('idle/0'));
      const busy = await system.start(echoSpec('display/0'));
      busy.address.tell({ kind: 'spin' });
      let turns = 0;
      const beat = setInterval(() => (turns += 1), 5);
      const { process: whole, threads, ...rest } = await sampled(400);
      clearInterval(beat);
      const cpuOf = (name: string): number | undefined => threads.find((thread) => thread.name === name)?.cpu_percent;
      const spinning = cpuOf('display/0') ?? 0;
      expect(spinning).toBeGreaterThan(5);
      expect(cpuOf('idle/0')).toBeLessThan(spinning);
      expect(threads[0]?.name).toBe('display/0');
      expect(threads.map(({ cpu_percent: percent }) => percent)).toEqual(threads.map(({ cpu_percent: percent }) => percent).toSorted((a, b) => b - a));
      // The pool's threads have a name too, and the main thread's id is the process's.
      expect(threads.some(({ name }) => name === 'libuv-worker')).toBe(true);
      expect(threads.some(({ tid }) => tid === process.pid)).toBe(true);
      expect(whole.cpu_percent).toBeGreaterThanOrEqual(spinning - 5);
      expect(whole.rss_kb).toBeGreaterThan(10_000);
      expect(whole.vm_size_kb).toBeGreaterThan(whole.rss_kb);
      expect(Math.abs(whole.uptime_secs - process.uptime())).toBeLessThan(5);
      expect(rest.platform).toBe('linux');
      expect(rest.sample_window_ms).toBeGreaterThanOrEqual(399);
      expect(turns).toBeGreaterThan(5);
      await busy.kill();
    });
  });

  test('a thread that was born inside the window has 0 %, however busy it is', async () => {
    await withSystem(async (system) => {
      const sampler = createRuntimeSampler();
      let samples = 0;
      const counted = async () => {
        const taken = await sampler.sample();
        samples += 1;
        return taken;
      };
      const document = runtimeMetrics(timers, 800, undefined, () => ({ platform: sampler.platform, sample: counted }));
      await until('the first sample was taken', () => samples === 1);
      const late = await system.start(echoSpec('born-late'));
      late.address.tell({ kind: 'spin' });
      const { threads } = (await document) as SampledMetrics;
      expect(threads.find(({ name }) => name === 'born-late')).toMatchObject({ cpu_percent: 0 });
      await late.kill();
    });
  });

  test('a name longer than the system keeps is cut, and costs nothing', async () => {
    await withSystem(async (system) => {
      await system.start(echoSpec('a-very-long-name/12345'));
      expect((await sampled(1)).threads.map(({ name }) => name)).toContain('a-very-long-nam');
    });
  });

  test('two hundred samples leave descriptors, threads and handles as they were', () => {
    const soak = new URL('../soak/metrics-soak.mjs', import.meta.url).pathname;
    const told = execFileSync(process.execPath, [soak, '--samples', '200', '--every', '1'], { encoding: 'utf8' });
    expect(told.match(/^(descriptors|threads|handles): .*: good$/gm)).toHaveLength(3);
  });
});
