// `npm run soak:metrics`: takes runtime metrics again and again, as a session that writes reports would, and sees that nothing stays behind: descriptors, handles and
// threads at the end are within 20 % of the first count, and grew by less than one for each sample. On a Mac `lsmp -p PID` counts the ports beside it
// (docs/macos-metrics-verification.md). Options: --samples N (600), --hours H in place of it, --every MS between samples (20), --print for one document and no soak.
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createNodeHost } from '../../dist/actors/kernel/node-host.js';
import { createRuntimeSampler, initAtStartup } from '../../dist/actors/runtime-sampler.js';
import { runtimeMetrics } from '../../dist/cli/runtime-metrics.js';
import { metricsBetween } from '../../dist/metrics/runtime-metrics.js';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '600' }, hours: { type: 'string' }, every: { type: 'string' }, print: { type: 'boolean', default: false } } });
const everyMs = Number(values.every ?? (values.hours === undefined ? 20 : 1_000));
const samples = values.hours === undefined ? Number(values.samples) : Math.ceil((Number(values.hours) * 3_600_000) / everyMs);
/** The first samples load what stays loaded. */
const warmUp = 20;
const shareMax = 0.2;
const growthPerSampleMax = 1;

initAtStartup();
if (values.print) {
  console.log(JSON.stringify(await runtimeMetrics(createNodeHost().timers, 2_000), null, 2));
} else {
  process.exitCode = (await soak()) ? 0 : 1;
}

/** Counted by the system where it tells (Linux), by Node everywhere. */
function held() {
  const inProc = (folder) => {
    try {
      return readdirSync(`/proc/self/${folder}`).length;
    } catch {
      return null;
    }
  };
  return { descriptors: inProc('fd'), threads: inProc('task'), handles: process.getActiveResourcesInfo().length, resident_mib: Math.round(process.memoryUsage.rss() / 1024 ** 2) };
}

async function soak() {
  console.log(`process ${process.pid}: ${samples} samples, one every ${everyMs} ms`);
  const sampler = createRuntimeSampler();
  let before = await sampler.sample();
  const next = async () => {
    await pause(everyMs);
    const after = await sampler.sample();
    JSON.stringify(metricsBetween(sampler.platform, before, after));
    before = after;
  };
  for (let at = 0; at < warmUp; at++) await next();
  const first = held();
  for (let at = 0; at < samples; at++) await next();
  const last = held();
  let isGood = true;
  for (const [name, from] of Object.entries(first)) {
    const to = last[name];
    if (from === null || to === null) continue;
    const perSample = (to - from) / samples;
    // A heap grows until it is collected: shown, and for the reader to judge over hours.
    if (name === 'resident_mib') {
      console.log(`${name}: ${from} -> ${to}`);
      continue;
    }
    const good = to <= from * (1 + shareMax) && perSample < growthPerSampleMax;
    isGood &&= good;
    console.log(`${name}: ${from} -> ${to}, ${perSample.toFixed(4)} for each sample: ${good ? 'good' : 'GREW'}`);
  }
  return isGood;
}
