// The macOS calls, made through the same addon and signatures against a library that answers as Mach does and keeps books (test/support/fake-mach.c). On a Mac
// docs/macos-metrics-verification.md says what to look at.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openMachCalls, type MachCalls } from '#app/actors/kernel/native-calls.js';
import { machSampler } from '#app/actors/mach-sampler.js';
import { metricsBetween } from '#app/metrics/runtime-metrics.js';

const source = new URL('../support/fake-mach.c', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'ryll-mach-'));
const library = join(folder, 'libfakemach.so');
/** Null without a C compiler: `apt-get install gcc libc6-dev`. */
const calls = build();

function build(): MachCalls | null {
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', library, source], { stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return openMachCalls(library);
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A call of the library's own. */
function fake(name: 'fake_books' | 'fake_refuse', argument: number): number {
  const ffi = createRequire(import.meta.url)('ffi-rs') as typeof import('ffi-rs');
  return ffi.load({ library: `mach:${library}`, funcName: name, retType: ffi.DataType.I32, paramsType: [ffi.DataType.I32], paramsValue: [argument] });
}
const held = (): { lists: number; rights: number } => ({ lists: fake('fake_books', 0), rights: fake('fake_books', 1) });

let nowMs = 0;
const clock = { nowMs: () => (nowMs += 100), uptimeSecs: () => nowMs / 1_000 };
const sampler = (over: Partial<MachCalls> = {}) => machSampler({ ...calls!, ...over }, clock);

describe.skipIf(calls === null)('through the addon, with a library built by cc', () => {
  test('sizes, times, names and ids arrive as the structures hold them, and a thread that ended is left out', () => {
    const sample = sampler();
    const before = sample();
    const document = metricsBetween('macos', before, sample());
    expect(before).toMatchObject({ rssKb: 51_200, vmSizeKb: 409_600 });
    expect(document.threads.map(({ tid, name }) => [tid, name])).toEqual([[4_294_967_297, ''], [4_294_967_299, 'display/0'], [4_294_967_300, 'main']]);
    // Each living thread used 50 ms of the 100 ms between the samples.
    expect(document.threads.map((thread) => 'cpu_percent' in thread && thread.cpu_percent)).toEqual([50, 50, 50]);
    expect(document).toMatchObject({ platform: 'macos', process: { cpu_percent: 150, rss_kb: 51_200 } });
  });

  test('after 2,000 samples every list and every right was given back', () => {
    const sample = sampler();
    const samples = fake('fake_books', 2);
    for (let at = 0; at < 2_000; at++) sample();
    expect(fake('fake_books', 2) - samples).toBe(2_000);
    expect(held()).toEqual({ lists: 0, rights: 0 });
  });

  test('they are given back when a call in between throws, too', () => {
    expect(() => sampler({ copyFrom: () => { throw new Error('no copy'); } })()).toThrow('no copy');
    // The rights of a list that could not be read are not known; the list itself is freed.
    expect(held().lists).toBe(0);
    const rights = held().rights;
    expect(sampler({ threadInfo: () => { throw new Error('no thread'); } })().threads).toEqual([]);
    expect(held()).toEqual({ lists: 0, rights });
  });

  test('a task that tells nothing is an error that names the call', () => {
    fake('fake_refuse', 1);
    expect(() => sampler()()).toThrow('task_threads failed: kern_return_t 4');
    fake('fake_refuse', 0);
    expect(() => sampler()()).not.toThrow();
  });
});
