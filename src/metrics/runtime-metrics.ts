// Runtime metrics: what this process and its threads cost, as the document `runtime-metrics.json` of a report: the difference of two samples,
// in the ancestor's shapes. Pure: the samples are taken by actors/runtime-sampler.ts, the time between them passes in cli/runtime-metrics.ts.

/** One thread at one moment. */
export interface ThreadSample {
  readonly tid: number;
  readonly name: string;
  /** Since the thread began, in milliseconds. */
  readonly cpuMs: number;
  /** Differs for two threads that had the same id one after the other; 0 where ids are never given again. */
  readonly born: number;
}

/** The process at one moment. */
export interface RuntimeSample {
  /** Of a clock that only runs forward. */
  readonly atMs: number;
  /** Of all threads, those that have ended too. */
  readonly cpuMs: number;
  readonly rssKb: number;
  /** Null where the platform does not say. */
  readonly vmSizeKb: number | null;
  readonly uptimeSecs: number;
  /** Null where the platform does not tell threads apart. */
  readonly threads: readonly ThreadSample[] | null;
}

/** Rust's names of platforms, as the ancestor writes them. */
export type MetricsPlatform = 'linux' | 'macos' | 'windows' | (string & {});

export interface ProcessMetrics {
  /** 100 = one core; the sum over threads, so it may be more. */
  readonly cpu_percent: number;
  readonly rss_kb: number;
  readonly vm_size_kb: number | null;
  readonly uptime_secs: number;
}

export interface ThreadMetrics {
  readonly tid: number;
  readonly name: string;
  readonly cpu_percent: number;
}

/** Linux and macOS: the ancestor's shape. Threads by falling CPU on Linux, by rising tid on macOS. */
export interface SampledMetrics {
  /** What really passed between the two samples. */
  readonly sample_window_ms: number;
  readonly process: ProcessMetrics;
  readonly threads: readonly ThreadMetrics[];
  readonly platform: MetricsPlatform;
}

/** Elsewhere: what Node knows of the process. `reason` says what is missing and why. */
export interface ProcessOnlyMetrics extends SampledMetrics {
  readonly available: true;
  readonly reason: string;
}

export interface NoMetrics {
  readonly platform: MetricsPlatform;
  readonly available: false;
  readonly reason: string;
}

export type RuntimeMetricsDocument = SampledMetrics | ProcessOnlyMetrics | NoMetrics;

/** Why a report of this kind has no metrics, in words for somebody who has only the report. */
export const notSampledReasons = {
  disconnect: 'not sampled: a report of a lost connection is written at once, and processor time can only be told over a window of time; the traffic and the channels\' states are what tells of a loss',
  notification: 'not sampled: this report shows the moment of the notification, and processor time can only be told over a window of time after it',
} as const;

export function noMetrics(platform: MetricsPlatform, reason: string): NoMetrics {
  return { platform, available: false, reason };
}

/** `process.platform` -> the ancestor's name. */
export function metricsPlatform(nodePlatform: string): MetricsPlatform {
  return nodePlatform === 'darwin' ? 'macos' : nodePlatform === 'win32' ? 'windows' : nodePlatform;
}

/** The document of two samples of one process. A thread that was not there at the first sample has 0 %: its share of the window is not known. */
export function metricsBetween(platform: MetricsPlatform, before: RuntimeSample, after: RuntimeSample): SampledMetrics | ProcessOnlyMetrics {
  const windowMs = after.atMs - before.atMs;
  const percent = (fromMs: number, toMs: number): number => (windowMs > 0 ? Math.max(0, Math.round(((toMs - fromMs) / windowMs) * 10_000) / 100) : 0);
  const sampled: SampledMetrics = {
    sample_window_ms: Math.round(windowMs),
    process: { cpu_percent: percent(before.cpuMs, after.cpuMs), rss_kb: after.rssKb, vm_size_kb: after.vmSizeKb, uptime_secs: Math.round(after.uptimeSecs * 100) / 100 },
    threads: sortThreads(platform, threadMetrics(before.threads ?? [], after.threads ?? [], percent)),
    platform,
  };
  if (after.threads !== null) return sampled;
  return { ...sampled, available: true, reason: `on this platform (${platform}) Node tells the processor time and the resident memory of the whole process; the size of its address space and the time of each thread are not told` };
}

function threadMetrics(before: readonly ThreadSample[], after: readonly ThreadSample[], percent: (fromMs: number, toMs: number) => number): ThreadMetrics[] {
  const earlier = new Map(before.map((thread) => [thread.tid, thread]));
  return after.map(({ tid, name, cpuMs, born }) => {
    const known = earlier.get(tid);
    return { tid, name, cpu_percent: known === undefined || known.born !== born ? 0 : percent(known.cpuMs, cpuMs) };
  });
}

function sortThreads(platform: MetricsPlatform, threads: readonly ThreadMetrics[]): readonly ThreadMetrics[] {
  return threads.toSorted((a, b) => (platform === 'macos' ? 0 : b.cpu_percent - a.cpu_percent) || a.tid - b.tid);
}
