// Notification snapshots: what was known when a notification was said, kept for a while in case somebody asks for a report of it: at most five, a minute each. A fold
// refreshes, filing consumes. Pure, and generic: what a snapshot holds, and letting go of it, is the caller's.

export const snapshotsMax = 5;
/** From here on it is expired. */
export const snapshotMs = 60_000;

type Severity = 'Info' | 'Warn' | 'Error';

interface Snapshot<T> {
  readonly id: number;
  readonly severity: Severity;
  readonly takenMs: number;
  readonly value: T;
}

/** Oldest first. */
export type NotificationSnapshots<T> = readonly Snapshot<T>[];

export interface SnapshotStep<T> {
  readonly snapshots: NotificationSnapshots<T>;
  /** No longer held: the caller lets go of them. */
  readonly released: readonly T[];
}

/** The newest state of notification `id`; the oldest of the least severe gives way when there are too many. */
export function putSnapshot<T>(snapshots: NotificationSnapshots<T>, snapshot: Snapshot<T>): SnapshotStep<T> {
  const alive = expireSnapshots(snapshots, snapshot.takenMs);
  const replaced = alive.snapshots.filter(({ id }) => id === snapshot.id);
  const kept = [...alive.snapshots.filter(({ id }) => id !== snapshot.id), snapshot];
  const released = [...alive.released, ...replaced.map(({ value }) => value)];
  return kept.length <= snapshotsMax ? { snapshots: kept, released } : withReleased(released, dropLeast(kept));
}

export function expireSnapshots<T>(snapshots: NotificationSnapshots<T>, nowMs: number): SnapshotStep<T> {
  const expired = snapshots.filter(({ takenMs }) => nowMs - takenMs >= snapshotMs);
  if (expired.length === 0) return { snapshots, released: [] };
  return { snapshots: snapshots.filter((each) => !expired.includes(each)), released: expired.map(({ value }) => value) };
}

/** `value` null: it has expired, or given way. It is the caller's from now on. */
export function takeSnapshot<T>(snapshots: NotificationSnapshots<T>, id: number, nowMs: number): SnapshotStep<T> & { readonly value: T | null } {
  const alive = expireSnapshots(snapshots, nowMs);
  const found = alive.snapshots.find((each) => each.id === id);
  return { snapshots: alive.snapshots.filter((each) => each !== found), released: alive.released, value: found?.value ?? null };
}

/** Makes room for what matters more: the oldest of the least severe. */
export function dropLeast<T>(snapshots: NotificationSnapshots<T>): SnapshotStep<T> {
  const rank: Readonly<Record<Severity, number>> = { Info: 0, Warn: 1, Error: 2 };
  const [first, ...rest] = snapshots;
  if (first === undefined) return { snapshots, released: [] };
  const least = rest.reduce((lowest, each) => (rank[each.severity] < rank[lowest.severity] ? each : lowest), first);
  return { snapshots: snapshots.filter((each) => each !== least), released: [least.value] };
}

function withReleased<T>(released: readonly T[], step: SnapshotStep<T>): SnapshotStep<T> {
  return { snapshots: step.snapshots, released: [...released, ...step.released] };
}
