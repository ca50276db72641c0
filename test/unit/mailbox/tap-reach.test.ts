// How far back a ring reaches: what a snapshot would show of it first.
import { readTapReach } from '#app/mailbox/tap-reach.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
import { expect, test } from 'vitest';

const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };
const ringOf = (): ReturnType<typeof createTapRing> => createTapRing({ channel: 'display/0', ringBytes: 4_096, segmentBytes: 1_024, lagBytes: 8_192, largeBytes: [4_096, 8_192] }, CLOCK);

test('an empty ring reaches nowhere, one that has lost nothing to its first entry', () => {
  const ring = ringOf();
  const reach = readTapReach(ring);
  expect(reach()).toBeNull();
  const producer = new TapProducer(ring, 1);
  expect(reach()).toBeNull();
  producer.append(true, 5, new Uint8Array(10));
  producer.append(true, 9, new Uint8Array(10));
  expect(reach()).toBe(5);
});

test('it is the time of the first entry that a snapshot shows, however much has gone by, and it leaves nothing held', () => {
  const ring = ringOf();
  const reach = readTapReach(ring);
  const producer = new TapProducer(ring, 1);
  const seen: (number | null)[] = [];
  for (let at = 1; at <= 2_000; at++) {
    producer.append(at % 3 === 0, at, new Uint8Array(at % 200));
    if (at % 100 !== 0) continue;
    const snapshot = snapshotTapRing(ring);
    const first = snapshot.entries().next();
    expect(reach()).toBe(first.done === true ? null : first.value.monotonicMs);
    snapshot.release();
    seen.push(reach());
  }
  expect(new Set(seen).size).toBe(seen.length);
  const words = new Int32Array(ring.control);
  // The pins of a segment are the first word of its row: 512 bytes in, 64 bytes each.
  const segments = ring.classes.reduce((sum, { count }) => sum + count, 0);
  expect(Array.from({ length: segments }, (_, segment) => words[128 + segment * 16])).toEqual(Array.from({ length: segments }, () => 0));
});
