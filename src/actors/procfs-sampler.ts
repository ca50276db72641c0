// procfs sampler: reads what Linux tells of this process and its threads in /proc. What the texts mean is metrics/procfs.ts.

import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { parseMemoryStatus, parseTaskStat, parseUptime, type TaskStat } from '../metrics/procfs.ts';
import type { RuntimeSample, ThreadSample } from '../metrics/runtime-metrics.ts';

/** More threads than any session has: channels are at most 64. */
const threadsMax = 1_024;
/** Four is libuv's usual number; an answer comes from whichever of them is free. */
const poolQuestions = 16;
/** What libuv itself calls them from Node 24 on. */
const poolThreadName = 'libuv-worker';

/** @param ticksPerSecond in which the system counts processor time @param proc where procfs is; another folder is for tests */
export function procfsSampler(ticksPerSecond: number, proc = '/proc'): () => Promise<RuntimeSample> {
  const cpuMs = ({ userTicks, systemTicks }: TaskStat): number => ((userTicks + systemTicks) / ticksPerSecond) * 1_000;
  const read = (path: string): Promise<string> => readFile(`${proc}/${path}`, 'latin1');
  return async () => {
    await namePoolThreads(proc);
    const [stat, status, uptime] = await Promise.all([read('self/stat'), read('self/status'), read('uptime')]);
    const atMs = performance.now();
    const own = parseTaskStat(stat);
    const memory = parseMemoryStatus(status);
    const bootSecs = parseUptime(uptime);
    if (own === null || memory === null || bootSecs === null) throw new Error(`${proc} does not tell of this process what Linux usually does`);
    const tids = (await readdir(`${proc}/self/task`)).slice(0, threadsMax);
    const threads = await Promise.all(tids.map(async (tid): Promise<ThreadSample | null> => {
      // The name stands in the same line; `comm` holds nothing else. One that has ended since it was listed has no file.
      const task = await read(`self/task/${tid}/stat`).then(parseTaskStat, () => null);
      return task === null ? null : { tid: task.id, name: task.name, cpuMs: cpuMs(task), born: task.startTicks };
    }));
    return { atMs, cpuMs: cpuMs(own), ...memory, uptimeSecs: bootSecs - own.startTicks / ticksPerSecond, threads: threads.filter((thread) => thread !== null) };
  };
}

/** Node 20 leaves the threads of its pool without names. Whichever of them reads the link finds itself there. */
async function namePoolThreads(proc: string): Promise<void> {
  try {
    const links = await Promise.all(Array.from({ length: poolQuestions }, () => readlink(`${proc}/thread-self`)));
    const tids = new Set(links.map((link) => /\/task\/(\d+)$/.exec(link)?.[1]).filter((tid) => tid !== undefined));
    await Promise.all([...tids].map((tid) => writeFile(`${proc}/self/task/${tid}/comm`, poolThreadName)));
  } catch {
    // A name is a help, not a figure.
  }
}
