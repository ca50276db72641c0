// The tap ring under any order of appends, batches, failed batches, snapshots and changes of producer and writer: what the
// reader gets is a subsequence in order, whole, and every entry that it does not get is counted. Both sides run in one thread
// here; test/scenario/tap-threads.test.ts runs them in two.
import { strict as assert } from 'node:assert';
import type { TapSnapshot } from '#app/mailbox/tap-snapshot.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { TapDiskReader } from '#app/mailbox/tap-reader.js';
import { readTapCounters } from '#app/mailbox/tap-ring.js';
import { snapshotTapRing } from '#app/mailbox/tap-snapshot.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbered, numberOf, smallRing } from '../../support/tap-rings.ts';

type Step =
  | { kind: 'append'; byteLength: number; received: boolean }
  | { kind: 'take'; bytesMin: number; outcome: 'commit' | 'rollback' }
  | { kind: 'takeAcross'; bytesMin: number; appends: number; byteLength: number }
  | { kind: 'newProducer' }
  | { kind: 'newReader'; inBatch: boolean }
  | { kind: 'snapshot' }
  | { kind: 'release' };

const byteLength = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 4, max: 60 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 260 }) },
  { weight: 1, arbitrary: fc.integer({ min: 300, max: 4_080 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4_081, max: 5_000 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('append' as const), byteLength, received: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('take' as const), bytesMin: fc.integer({ min: 1, max: 600 }), outcome: fc.constantFrom('commit', 'commit', 'rollback') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeAcross' as const), bytesMin: fc.integer({ min: 1, max: 600 }), appends: fc.integer({ min: 1, max: 40 }), byteLength }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'newProducer' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('newReader' as const), inBatch: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'snapshot' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'release' as const }) },
);

interface Appended {
  readonly byteLength: number;
  readonly received: boolean;
  readonly stream: number;
  readonly sentBefore: number;
  readonly receivedBefore: number;
}

/** The ring together with what is known about it from outside. */
class Model {
  readonly ring = smallRing();
  readonly counters = readTapCounters(this.ring);
  readonly appended: Appended[] = [];
  readonly taken: number[] = [];
  readonly snapshots: TapSnapshot[] = [];
  producer = new TapProducer(this.ring, 1);
  reader = new TapDiskReader(this.ring);
  sent = 0;
  received = 0;
  lost = 0;
  appendedBytes = 0;

  append(size: number, received: boolean): void {
    const bytes = numbered(this.appended.length, size);
    const { sent, received: receivedBefore } = this;
    if (received) this.received += bytes.length;
    else this.sent += bytes.length;
    if (this.producer.append(received, 1, bytes) === 'lost') {
      this.lost += 1;
      return;
    }
    this.appendedBytes += bytes.length;
    this.appended.push({ byteLength: bytes.length, received, stream: this.producer.stream, sentBefore: sent, receivedBefore });
  }

  /** Takes a batch; `during` runs while it is under way. */
  take(bytesMin: number, outcome: 'commit' | 'rollback', during: () => void): boolean {
    const batch: number[] = [];
    const views: Uint8Array[] = [];
    const any = this.reader.take(bytesMin, (entry) => {
      const number = numberOf(entry.bytes);
      assert.equal(entry.sequence, number);
      const { stream, received, sentBefore, receivedBefore } = entry;
      assert.deepEqual({ byteLength: entry.bytes.length, stream, received, sentBefore, receivedBefore }, this.appended[number]);
      batch.push(number);
      views.push(entry.bytes);
    });
    if (!any) return false;
    during();
    // However much was appended meanwhile, the bytes of a batch under way stay what they were.
    assert.deepEqual(views.map(numberOf), batch);
    if (outcome === 'commit') {
      this.reader.commit();
      this.taken.push(...batch);
    } else {
      this.reader.rollback();
    }
    return true;
  }

  run(step: Step): void {
    switch (step.kind) {
      case 'append': return this.append(step.byteLength, step.received);
      case 'take': return void this.take(step.bytesMin, step.outcome, () => {});
      case 'takeAcross':
        return void this.take(step.bytesMin, 'commit', () => {
          for (let i = 0; i < step.appends; i++) this.append(step.byteLength, true);
        });
      case 'newProducer': {
        this.producer = new TapProducer(this.ring, this.producer.stream + 2);
        this.sent = 0;
        this.received = 0;
        return;
      }
      case 'newReader': {
        // A writer that is terminated in the middle of a batch neither commits nor lets go.
        if (step.inBatch) this.reader.take(100, () => {});
        this.reader = new TapDiskReader(this.ring);
        return;
      }
      case 'snapshot': {
        if (this.snapshots.length < 5) this.snapshots.push(snapshotTapRing(this.ring));
        return;
      }
      case 'release': return this.snapshots.shift()?.release();
    }
  }

  check(): void {
    for (const snapshot of this.snapshots) {
      let last = -1;
      for (const entry of snapshot.entries()) {
        assert.equal(numberOf(entry.bytes), entry.sequence);
        assert.ok(entry.sequence > last);
        last = entry.sequence;
      }
    }
    const { appended, delivered, unrecorded } = this.counters();
    assert.deepEqual({ appended, delivered, unrecorded }, { appended: this.appended.length, delivered: this.taken.length, unrecorded: this.lost });
  }
}

test('what the reader gets is a subsequence in order, whole, and appended = taken + dropped', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 150 }), (steps) => {
      const model = new Model();
      for (const each of steps) model.run(each);
      model.check();
      while (model.take(200, 'commit', () => {}));
      expect(model.reader.hasMore()).toBe(false);
      expect(model.taken).toEqual([...new Set(model.taken)].sort((a, b) => a - b));
      const { dropped, droppedBytes } = model.counters();
      expect(model.taken.length + dropped).toBe(model.appended.length);
      const takenBytes = model.taken.reduce((sum, number) => sum + model.appended[number]!.byteLength, 0);
      expect(takenBytes + droppedBytes).toBe(model.appendedBytes);
      for (const snapshot of model.snapshots) snapshot.release();
    }),
    { numRuns: 400 },
  );
});

test('a reader that keeps up loses nothing', () => {
  fc.assert(
    fc.property(fc.array(byteLength.filter((size) => size <= 4_080), { minLength: 1, maxLength: 200 }), (sizes) => {
      const model = new Model();
      for (const size of sizes) {
        model.append(size, true);
        while (model.take(1, 'commit', () => {}));
      }
      expect(model.taken).toEqual(sizes.map((_, number) => number));
      expect(model.counters()).toMatchObject({ dropped: 0, unrecorded: 0 });
    }),
    { numRuns: 100 },
  );
});

test('nobody sleeps through an append: asleep means that there is nothing, and the next append wakes exactly once', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('append'), fc.constant('take'), fc.constant('sleep')), { maxLength: 80 }), (steps) => {
      const ring = smallRing();
      const producer = new TapProducer(ring, 1);
      const reader = new TapDiskReader(ring);
      let asleep = false;
      for (const each of steps) {
        if (each === 'append') {
          assert.equal(producer.append(true, 1, numbered(1, 20)), asleep ? 'wake' : 'stored');
          asleep = false;
        } else if (each === 'take') {
          if (reader.take(50, () => {})) reader.commit();
        } else {
          const more = reader.hasMore();
          asleep = reader.sleep();
          assert.equal(asleep, !more);
        }
      }
    }),
  );
});
