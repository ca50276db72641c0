// What was known when a notification was said: how much of it is kept, for how long, and that all of it is let go of.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dropLeast, expireSnapshots, putSnapshot, snapshotMs, snapshotsMax, takeSnapshot, type NotificationSnapshots, type SnapshotStep,
} from '#app/capture/report/notification-snapshots.js';

const put = (snapshots: NotificationSnapshots<number>, id: number, takenMs: number, severity: 'Info' | 'Warn' | 'Error' = 'Warn'): SnapshotStep<number> => putSnapshot(snapshots, { id, severity, takenMs, value: id * 100 + takenMs });

test('a fold refreshes: the newer is kept, the older is let go of', () => {
  const first = put([], 1, 0);
  const second = put(first.snapshots, 1, 5);
  expect(second.released).toEqual([100]);
  expect(takeSnapshot(second.snapshots, 1, 6)).toEqual({ snapshots: [], released: [], value: 105 });
});

test('filing consumes: the second time it has expired', () => {
  const { snapshots } = put([], 1, 0);
  const taken = takeSnapshot(snapshots, 1, 1);
  expect(taken.value).toBe(100);
  expect(takeSnapshot(taken.snapshots, 1, 2).value).toBeNull();
});

test.each([[snapshotMs - 1, 100], [snapshotMs, null]])('after %i ms there is %s', (nowMs, value) => {
  expect(takeSnapshot(put([], 1, 0).snapshots, 1, nowMs).value).toBe(value);
  expect(expireSnapshots(put([], 1, 0).snapshots, nowMs).released).toEqual(value === null ? [100] : []);
});

test('of too many, the oldest of the least severe gives way', () => {
  let step: SnapshotStep<number> = { snapshots: [], released: [] };
  for (const [id, severity] of [[1, 'Error'], [2, 'Info'], [3, 'Warn'], [4, 'Info'], [5, 'Error'], [6, 'Error']] as const) step = put(step.snapshots, id, 0, severity);
  expect(step.released).toEqual([200]);
  expect(step.snapshots.map(({ id }) => id)).toEqual([1, 3, 4, 5, 6]);
  expect(dropLeast(step.snapshots).released).toEqual([400]);
});

test('whatever is done: never more than five, none older than a minute after a look, and each value is let go of once or still held', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('put' as const), id: fc.integer({ min: 1, max: 8 }), severity: fc.constantFrom('Info' as const, 'Warn' as const, 'Error' as const) }),
    fc.record({ do: fc.constantFrom('take' as const, 'expire' as const, 'drop' as const), id: fc.integer({ min: 1, max: 8 }) }),
  );
  fc.assert(fc.property(fc.array(fc.tuple(action, fc.nat(20_000)), { maxLength: 100 }), (steps) => {
    let snapshots: NotificationSnapshots<number> = [];
    let [made, nowMs] = [0, 0];
    const gone: number[] = [];
    for (const [each, waitMs] of steps) {
      nowMs += waitMs;
      if (each.do === 'put') {
        const step = putSnapshot(snapshots, { id: each.id, severity: each.severity, takenMs: nowMs, value: made++ });
        snapshots = step.snapshots;
        gone.push(...step.released);
      } else if (each.do === 'take') {
        const step = takeSnapshot(snapshots, each.id, nowMs);
        snapshots = step.snapshots;
        gone.push(...step.released, ...(step.value === null ? [] : [step.value]));
      } else {
        const step = each.do === 'drop' ? dropLeast(snapshots) : expireSnapshots(snapshots, nowMs);
        snapshots = step.snapshots;
        gone.push(...step.released);
      }
      expect(snapshots.length).toBeLessThanOrEqual(snapshotsMax);
      expect(each.do === 'drop' || snapshots.every(({ takenMs }) => nowMs - takenMs < snapshotMs)).toBe(true);
    }
    expect([...gone, ...snapshots.map(({ value }) => value)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: made }, (_, index) => index));
  }));
});
