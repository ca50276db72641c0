// The tap ring with its two sides on two threads at full speed: what the reader sees is never torn, never out of order, and
// what it does not see is counted. Orders of events one by one are in test/property/mailbox/tap-ring.property.test.ts.
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { strict as assert } from 'node:assert';
import { TapDiskReader } from '#app/mailbox/tap-reader.js';
import { readTapCounters } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
import { expect, test } from 'vitest';
import { numberOf, smallRing } from '../support/tap-rings.ts';

test.each([
  { name: 'a ring that overflows all the time', segmentBytes: 1_024, segments: 4, count: 150_000, bytesMin: 2_000, overflows: true },
  { name: 'a ring of the usual size', segmentBytes: 64 * 1_024, segments: 16, count: 150_000, bytesMin: 2_000, overflows: true },
  { name: 'a ring in which there is room for everything: nothing is passed over', segmentBytes: 128, segments: 2_100, count: 10_000, bytesMin: 1, overflows: false },
  { name: 'so many segments that a scan of them takes longer than their turnover', segmentBytes: 128, segments: 2_000, count: 20_000, bytesMin: 1, overflows: true },
])('$name', async ({ segmentBytes, segments, count, bytesMin, overflows }) => {
  const ring = smallRing({ segmentBytes, segments, ringBytes: Math.min(segmentBytes * segments, 64 * 1_024) });
  const counters = readTapCounters(ring);
  const reader = new TapDiskReader(ring);
  const sizes = segmentBytes > 128 ? [4, 18, 60, 7, 300, 12, 24, 900, 16, 5_000, 40] : [4];
  const worker = new Worker(new URL('../support/actors/append-worker.mjs', import.meta.url), { workerData: { ring, count, sizes } });
  const exited = once(worker, 'exit');
  let isDone = false;
  void exited.then(() => (isDone = true));
  let last = -1;
  let taken = 0;
  let snapshots = 0;
  const takeSome = (): boolean => {
    let any = false;
    for (let batch = 0; batch < 200; batch++) {
      if (!reader.take(bytesMin, (entry) => {
        const number = numberOf(entry.bytes);
        assert.equal(number, entry.sequence);
        assert.equal(entry.bytes.length, sizes[number % sizes.length]);
        assert.equal(entry.received, number % 3 === 0);
        assert.ok(number > last);
        last = number;
        taken += 1;
      })) break;
      reader.commit();
      any = true;
    }
    return any;
  };
  while (!isDone) {
    takeSome();
    if (segmentBytes > 128 && snapshots++ % 50 === 0) {
      const snapshot = snapshotTapRing(ring);
      for (const entry of snapshot.entries()) assert.equal(numberOf(entry.bytes), entry.sequence);
      snapshot.release();
    }
    await new Promise((resolve) => void setImmediate(resolve));
  }
  await exited;
  while (takeSome());
  const { appended, delivered, dropped, unrecorded } = counters();
  expect({ appended, delivered, unrecorded }).toEqual({ appended: count, delivered: taken, unrecorded: 0 });
  expect(taken + dropped).toBe(count);
  if (!overflows) assert.equal(dropped, 0);
  expect(last).toBe(count - 1);
});
