// 500 restarts in a row leave the process as it was: `npm run soak:restarts`. It leaves its numbers in docs/measurements.md.
import { availableParallelism, loadavg } from 'node:os';
import { expect, test } from 'vitest';
import { recordMeasurement } from '../real/support/measurements.ts';
import type { HeldResources } from '../support/held-resources.ts';
import { soakRestarts } from '../support/restart-soak.ts';

const restarts = 500;
const warmUp = 50;
const names: Readonly<Record<keyof HeldResources, string>> = {
  threads: 'threads', handles: 'handles of all event loops', descriptors: 'file descriptors', messagePorts: 'MessagePorts of all threads',
  residentMib: 'resident memory, MiB', mainHeapMib: 'heap of the main thread, MiB',
};
const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

test(`a display that died ${restarts} times leaves threads, handles, descriptors, ports and memory as they were`, async () => {
  const { counts, grown } = await soakRestarts(restarts, warmUp, 10);
  const rows = (Object.keys(names) as (keyof HeldResources)[]).map((name) => {
    const all = counts.map((count) => count[name]);
    return `| ${names[name]} | ${figure(all[0] ?? 0)} | ${figure(all.at(-1) ?? 0)} | ${figure(Math.max(...all))} |`;
  });
  await recordMeasurement('Restarts in a row', 'npm run soak:restarts', [
    `display/0 of a session (main and inputs, the writer and the watchdog beside it) against the loopback server died ${restarts} times, of a throw and of being`,
    `ended by turns, and was linked and painted again each time. Counted after ${warmUp} deaths to warm up, and after the last; "at most" is of ${counts.length} counts on the`,
    `way. ${availableParallelism()} cores under a load of ${loadavg()[0]?.toFixed(1) ?? '?'}; the process is the test runner's.`,
    '', '| held | before | after | at most |', '|---|---|---|---|', ...rows,
  ]);
  expect(grown).toEqual([]);
});
