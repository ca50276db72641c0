// Runtime sampler: one look at what this process and its threads have used so far, by the way that the platform has for it. None of them blocks: procfs is
// memory, Mach's calls take a fraction of a millisecond, and the files are read by Node's own pool.

import { metricsPlatform, type MetricsPlatform, type RuntimeSample } from '../metrics/runtime-metrics.ts';
import { clockTicksPerSecond, openMachCalls } from './kernel/native-calls.ts';
import { machSampler } from './mach-sampler.ts';
import { procfsSampler } from './procfs-sampler.ts';

export interface RuntimeSampler {
  readonly platform: MetricsPlatform;
  /** Rejects with what the system said when it can tell nothing. */
  sample(): Promise<RuntimeSample>;
}

/**
 * Throws where the platform has a way of its own and it cannot be opened.
 * @param clockTicks as `clockTicksPerSecond` tells on the main thread: a worker is given it, because it must not be the first to load the addon
 */
export function createRuntimeSampler(clockTicks = clockTicksPerSecond()): RuntimeSampler {
  const platform = metricsPlatform(process.platform);
  switch (platform) {
    case 'linux':
      return { platform, sample: procfsSampler(clockTicks) };
    case 'macos': {
      const sample = machSampler(openMachCalls(), { nowMs: () => performance.now(), uptimeSecs });
      return { platform, sample: () => Promise.resolve().then(sample) };
    }
    default:
      return { platform, sample: () => Promise.resolve(nodeSample()) };
  }
}

let startedAtMs: number | null = null;

/**
 * First thing in the program: the moment from which `uptime_secs` counts where the system does not tell it (macOS). Idempotent, cheap, and on other platforms of no
 * consequence. Node knows how long it runs, so what was loaded before this call counts too.
 */
export function initAtStartup(): void {
  startedAtMs ??= performance.now() - process.uptime() * 1_000;
}

function uptimeSecs(): number {
  initAtStartup();
  return (performance.now() - (startedAtMs ?? 0)) / 1_000;
}

/** What Node itself knows, everywhere: no threads. */
function nodeSample(): RuntimeSample {
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), cpuMs: (user + system) / 1_000, rssKb: Math.round(process.memoryUsage.rss() / 1_024), vmSizeKb: null, uptimeSecs: process.uptime(), threads: null };
}
