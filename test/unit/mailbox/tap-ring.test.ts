// Single facts of the tap ring: its sizes, its bounds and what happens at each of them. Orders of events are in
// test/property/mailbox/tap-ring.property.test.ts.
import { openTapMemory, RECLAIMED, Row, rowOf } from '#app/mailbox/segments.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { TapDiskReader } from '#app/mailbox/tap-reader.js';
import { createTapRing, LAG_ENTRIES_MIN, readTapCounters } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
import { describe, expect, test } from 'vitest';
import { numbered, numberOf, smallRing, TEST_CLOCK } from '../../support/tap-rings.ts';

const MIB = 1024 * 1024;

function takeAll(reader: TapDiskReader): number[] {
  const numbers: number[] = [];
  while (reader.take(100, (entry) => numbers.push(numberOf(entry.bytes)))) reader.commit();
  return numbers;
}

describe('lag', () => {
  test('65,536 small entries fit in front of a disk that takes none, also in the smallest ring', () => {
    const ring = createTapRing({ channel: 'inputs/0', ringBytes: 2 * MIB }, TEST_CLOCK);
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    const motion = numbered(7, 18);
    for (let i = 0; i < LAG_ENTRIES_MIN; i++) producer.append(false, i, motion);
    expect(readTapCounters(ring)()).toMatchObject({ appended: LAG_ENTRIES_MIN, dropped: 0, unrecorded: 0 });
    expect(takeAll(reader)).toHaveLength(LAG_ENTRIES_MIN);
  });

  test('past the bound the oldest entries are missing, and the count says how many', () => {
    const ring = smallRing({ segments: 4 });
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    // Ten entries of 24 bytes fill a segment of 256; four segments are kept.
    for (let i = 0; i < 65; i++) producer.append(true, i, numbered(i, 8));
    const { dropped } = readTapCounters(ring)();
    expect(dropped).toBe(30);
    expect(takeAll(reader)).toEqual(Array.from({ length: 35 }, (_, i) => i + 30));
  });

  test('with no capture on, nothing is dropped, counted or woken', () => {
    const ring = smallRing();
    const producer = new TapProducer(ring, 1);
    for (let i = 0; i < 500; i++) expect(producer.append(true, i, numbered(i, 8))).toBe('stored');
    expect(readTapCounters(ring)()).toMatchObject({ appended: 500, dropped: 0, delivered: 0 });
  });

  test('after the capture has ended nothing wakes the writer', () => {
    const ring = smallRing();
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    expect(reader.sleep()).toBe(true);
    reader.detach();
    expect(producer.append(true, 0, numbered(0, 8))).toBe('stored');
    producer.wakeRefused();
    expect(producer.append(true, 0, numbered(1, 8))).toBe('stored');
  });

  test('a wake-up that could not be delivered is tried again by the next append', () => {
    const ring = smallRing();
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    reader.sleep();
    expect(producer.append(true, 0, numbered(0, 8))).toBe('wake');
    expect(producer.append(true, 0, numbered(1, 8))).toBe('stored');
    producer.wakeRefused();
    expect(producer.append(true, 0, numbered(2, 8))).toBe('wake');
  });
});

describe('large entries', () => {
  test('a message of 20 MiB gets a segment of its own, in order between small ones', () => {
    const ring = createTapRing({ channel: 'display/0', ringBytes: 32 * MIB }, TEST_CLOCK);
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    const big = numbered(1, 20 * MIB);
    producer.append(true, 0, numbered(0, 30));
    producer.append(true, 0, big);
    producer.append(true, 0, numbered(2, 30));
    const taken: Uint8Array[] = [];
    while (reader.take(1, (entry) => taken.push(entry.bytes.slice()))) reader.commit();
    expect(taken.map((bytes) => bytes.length)).toEqual([30, 20 * MIB, 30]);
    expect(Buffer.from(taken[1]!).equals(big)).toBe(true);
  });

  test("the splitter's largest message fits, and one byte more than the ring was made for is counted as unrecorded", () => {
    const ring = smallRing({ segmentBytes: 256 });
    const producer = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    expect(producer.append(true, 0, numbered(0, 4_080))).toBe('stored');
    expect(producer.append(true, 0, numbered(1, 4_081))).toBe('lost');
    expect(producer.append(true, 0, numbered(2, 10))).toBe('stored');
    const seen: [number, number][] = [];
    while (reader.take(1, (entry) => seen.push([numberOf(entry.bytes), entry.receivedBefore]))) reader.commit();
    expect(seen).toEqual([[0, 0], [2, 8_161]]);
    expect(readTapCounters(ring)()).toMatchObject({ appended: 2, delivered: 2, dropped: 0, unrecorded: 1 });
    const real = createTapRing({ channel: 'main/0', ringBytes: MIB }, TEST_CLOCK);
    expect(real.classes.at(-1)!.entryBytesMax).toBeGreaterThanOrEqual(256 * MIB + 18 + 16 + 7);
  });
});

describe('generations', () => {
  test('a new generation goes on in the same memory, and the old one is refused', () => {
    const ring = smallRing();
    const first = new TapProducer(ring, 6);
    first.append(true, 0, numbered(0, 8));
    const second = new TapProducer(ring, 7);
    expect(first.append(true, 0, numbered(9, 8))).toBe('lost');
    second.append(true, 0, numbered(1, 8));
    const reader = new TapDiskReader(ring);
    const seen: unknown[] = [];
    reader.take(1_000, ({ bytes, stream, generation, receivedBefore }) => seen.push([numberOf(bytes), stream, generation, receivedBefore]));
    expect(seen).toEqual([[0, 0, 6, 0], [1, 1, 7, 0]]);
  });

  test('the link exchange of a stream is there when everything else of its start has been given up', () => {
    const ring = smallRing();
    const producer = new TapProducer(ring, 1);
    producer.appendHead(false, 1, numbered(100, 40));
    producer.appendHead(true, 2, numbered(101, 200));
    for (let i = 0; i < 200; i++) producer.append(true, 3, numbered(i, 20));
    const reader = new TapDiskReader(ring);
    reader.take(1, (entry) => expect(entry.sequence).toBeGreaterThan(2));
    expect(reader.head(0).map(({ received, monotonicMs, bytes }) => [received, monotonicMs, numberOf(bytes)])).toEqual([[false, 1, 100], [true, 2, 101]]);
  });

  test('heads of the sixteen newest streams are kept', () => {
    const ring = smallRing();
    const reader = new TapDiskReader(ring);
    for (let i = 0; i < 17; i++) new TapProducer(ring, i + 1).appendHead(false, 0, numbered(i, 20));
    expect(reader.head(0)).toEqual([]);
    expect(reader.head(1)).toHaveLength(1);
    expect(reader.head(16)).toHaveLength(1);
  });
});

describe('a producer that was terminated', () => {
  test('between giving a segment up and reusing it: what was in it is counted, and the segment is used again', () => {
    const ring = smallRing({ segments: 4 });
    const { words } = openTapMemory(ring);
    const first = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    for (let i = 0; i < 40; i++) first.append(true, i, numbered(i, 8));
    Atomics.store(words, rowOf(0) + Row.pins, RECLAIMED);
    const second = new TapProducer(ring, 2);
    for (let i = 40; i < 60; i++) second.append(true, i, numbered(i, 8));
    const numbers = takeAll(reader);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 60 - numbers.length));
    expect(readTapCounters(ring)()).toMatchObject({ appended: 60, delivered: numbers.length, dropped: 60 - numbers.length });
    expect(words[rowOf(0) + Row.pins]).toBe(0);
  });

  test('between counting an entry and publishing it: the entry has not happened', () => {
    const ring = smallRing();
    const { words } = openTapMemory(ring);
    const first = new TapProducer(ring, 1);
    const reader = new TapDiskReader(ring);
    first.append(true, 0, numbered(0, 8));
    words[rowOf(0) + Row.entries] = 2;
    const second = new TapProducer(ring, 2);
    second.append(true, 0, numbered(1, 8));
    expect(takeAll(reader)).toEqual([0, 1]);
    expect(readTapCounters(ring)()).toMatchObject({ appended: 2, delivered: 2, dropped: 0 });
  });
});

describe('snapshots', () => {
  test('a snapshot keeps its entries while the producer goes on, and nothing is lost by it', () => {
    const ring = smallRing({ segments: 4 });
    const producer = new TapProducer(ring, 1);
    for (let i = 0; i < 40; i++) producer.append(true, i, numbered(i, 8));
    const snapshot = snapshotTapRing(ring);
    for (let i = 40; i < 1_000; i++) expect(producer.append(true, i, numbered(i, 8))).toBe('stored');
    expect([...snapshot.entries()].length).toBe(40);
    expect(Array.from(snapshot.entries(), (entry) => numberOf(entry.bytes))).toEqual(Array.from({ length: 40 }, (_, i) => i));
    snapshot.release();
    snapshot.release();
    expect([...snapshot.entries()]).toEqual([]);
  });

  test('five snapshots of different times hold a whole ring each, and the producer always finds memory', () => {
    const ring = smallRing({ segments: 4 });
    const producer = new TapProducer(ring, 1);
    const snapshots = Array.from({ length: 9 }, (_, round) => {
      for (let i = 0; i < 60; i++) expect(producer.append(true, i, numbered(round * 60 + i, 8))).toBe('stored');
      return snapshotTapRing(ring);
    });
    for (let i = 0; i < 200; i++) expect(producer.append(true, i, numbered(i, 8))).toBe('stored');
    for (const [round, snapshot] of snapshots.slice(0, 5).entries()) {
      expect(Array.from(snapshot.entries(), (entry) => numberOf(entry.bytes)).slice(-40)).toEqual(Array.from({ length: 40 }, (_, i) => round * 60 + 20 + i));
    }
    for (const snapshot of snapshots) snapshot.release();
  });

  test('a snapshot shows the newest bytes, as many as the ring is for', () => {
    const ring = smallRing({ segments: 8, ringBytes: 512 });
    const producer = new TapProducer(ring, 1);
    for (let i = 0; i < 80; i++) producer.append(true, i, numbered(i, 8));
    const snapshot = snapshotTapRing(ring);
    const numbers = Array.from(snapshot.entries(), (entry) => numberOf(entry.bytes));
    expect(numbers.at(-1)).toBe(79);
    expect(numbers.length).toBeGreaterThanOrEqual(20);
    expect(numbers.length).toBeLessThanOrEqual(30);
    snapshot.release();
  });
});
