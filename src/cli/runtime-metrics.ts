// Runtime metrics of this process as a document: two samples with a window of time between them, within a deadline. The main thread waits for it with
// a timer and does everything else meanwhile.

import type { Timers } from '../actors/kernel/host.ts';
import { createRuntimeSampler, type RuntimeSampler } from '../actors/runtime-sampler.ts';
import { metricsBetween, metricsPlatform, noMetrics, type RuntimeMetricsDocument } from '../metrics/runtime-metrics.ts';

/** By then a report goes on without metrics. */
const metricsDeadlineMs = 8_000;

/**
 * Never rejects: what went wrong is in the document, as a reason for whoever reads the report. Reports that cannot wait have `notSampledReasons` instead.
 * @param windowMs the ancestor's: 2,000 for manual reports and automatic snapshots, 1,000 for pedantic ones
 */
export async function runtimeMetrics(timers: Timers, windowMs: number, deadlineMs: number = metricsDeadlineMs, create: () => RuntimeSampler = createRuntimeSampler): Promise<RuntimeMetricsDocument> {
  const platform = metricsPlatform(process.platform);
  let cancel = (): void => undefined;
  const tooLate = new Promise<RuntimeMetricsDocument>((resolve) => {
    cancel = timers.after(deadlineMs, () => resolve(noMetrics(platform, `the metrics sampler did not report within ${deadlineMs / 1_000} s: this machine, or its disk, was too busy`)));
  });
  try {
    return await Promise.race([sampled(timers, windowMs, create), tooLate]);
  } catch (error) {
    return noMetrics(platform, `the system did not tell: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    cancel();
  }
}

async function sampled(timers: Timers, windowMs: number, create: () => RuntimeSampler): Promise<RuntimeMetricsDocument> {
  const sampler = create();
  const before = await sampler.sample();
  await new Promise<void>((resolve) => void timers.after(windowMs, resolve));
  return metricsBetween(sampler.platform, before, await sampler.sample());
}
