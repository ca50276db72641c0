// Ten minutes of automatic snapshots every 10 s beside a busy Xspice scene: the caps hold, the display's messages are not later than without, memory is flat.
//   npm run prove:auto-snapshot
import { expect, test } from 'vitest';
import { runSnapshots, type SnapshotsRun } from '../support/auto-snapshots.ts';
import { recordMeasurement } from '../support/measurements.ts';
import { channelOf } from '../support/session.ts';

const idleSeconds = 120;
const snapshotSeconds = 600;
const everySeconds = 10;
const cap = 20;
const capBytes = 512 * 1024 * 1024;
const latenessRatioMax = 2;
const growthMaxKib = 48 * 1024;

const ms = (seconds: number): string => `${(seconds * 1_000).toFixed(2)} ms`;
const mib = (kib: number): number => Math.round(kib / 1024);

test(`${snapshotSeconds} s with a snapshot every ${everySeconds} s`, async () => {
  const idle = await runSnapshots(idleSeconds, null);
  const busy = await runSnapshots(snapshotSeconds, { everySeconds, cap });
  const third = Math.floor(busy.residentKib.length / 3);
  // After the first third every ring is full: what grows on after that is a leak.
  const [middle, late] = [Math.max(...busy.residentKib.slice(third, 2 * third)), Math.max(...busy.residentKib.slice(2 * third))];
  const words = ({ handling }: SnapshotsRun): string => `${handling.count} reads, mean ${ms(handling.meanSeconds)}, 99 of 100 within ${ms(handling.p99Seconds)}`;
  const meanRatio = busy.handling.meanSeconds / idle.handling.meanSeconds;
  await recordMeasurement('Automatic snapshots', 'npm run prove:auto-snapshot', [
    `A snapshot every ${everySeconds} s for ${snapshotSeconds} s beside a busy Xspice scene, after ${idleSeconds} s of the same without. From bytes read off the display's socket until all of their messages were handled:`,
    '',
    `* without: ${words(idle)};`,
    `* with: ${words(busy)}; mean with / without ${meanRatio.toFixed(2)};`,
    `* ${busy.written} snapshots, at most ${busy.filesMax} files and ${mib(busy.bytesMax / 1024)} MiB at a time (cap ${cap} files, 512 MiB);`,
    `* highest resident memory in the second third ${mib(middle)} MiB, in the last ${mib(late)} MiB.`,
  ]);
  expect(busy.written).toBeGreaterThan((snapshotSeconds / everySeconds) * 0.7);
  expect(busy.filesMax).toBeLessThanOrEqual(cap + 1);
  expect(busy.bytesMax).toBeLessThanOrEqual(capBytes + 128 * 1024 * 1024);
  expect(busy.handling.p99Seconds).toBeLessThanOrEqual(idle.handling.p99Seconds * latenessRatioMax);
  expect(meanRatio).toBeLessThanOrEqual(latenessRatioMax);
  expect(late - middle).toBeLessThan(growthMaxKib);
  for (const id of ['main/0', 'display/0']) expect(channelOf(busy.stats, id)).toMatchObject({ restarts: 0, dropped: 0 });
}, (idleSeconds + snapshotSeconds + 120) * 1_000);
