// What is always true of the notification store, whatever is said when: it is bounded, numbers only grow and none comes twice, nothing that was
// said is lost uncounted, and two entries that say the same were said 30 s apart.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addNotification, foldMs, noNotifications, notificationsMax, type Notice } from '#app/supervisor/notifications.js';

const notice = (messages: number): fc.Arbitrary<Notice> => fc.record<Notice>({
  severity: fc.constantFrom('Info', 'Warn', 'Error'),
  source: fc.constantFrom<Notice['source']>('Gap', 'Internal', 'Connection', { Spice: { channel: 'Main', what: 0 } }, { Spice: { channel: 'Main', what: 1 } }),
  message: fc.nat(messages).map(String),
  visibility: fc.constantFrom(null, 'Low', 'High'),
});
const said = (messages: number) => fc.record({ notice: notice(messages), waitMs: fc.oneof(fc.nat(20), fc.nat(foldMs + 10), fc.constant(foldMs), fc.constant(foldMs - 1)) });
/** Few different ones, which fold, and many, which push each other out. */
const sayings = fc.oneof(fc.array(said(1), { maxLength: 200 }), fc.array(said(1e6), { minLength: notificationsMax - 10, maxLength: notificationsMax + 150 }));
const keyOf = ({ severity, source, message, visibility }: Notice): string => JSON.stringify([severity, source, message, visibility]);

test('at most 500, ids that only grow, and every saying is counted in an entry or has given way', () => {
  fc.assert(fc.property(sayings, (all) => {
    let store = noNotifications;
    let nowMs = 0;
    /** How often each entry was said, and when last. */
    const known = new Map<number, { key: string; count: number; atMs: number }>();
    for (const each of all) {
      nowMs += each.waitMs;
      const key = keyOf(each.notice);
      const kept = new Set(store.entries.map(({ id }) => id));
      const same = [...known].findLast(([id, entry]) => kept.has(id) && entry.key === key && nowMs - entry.atMs < foldMs);
      if (same === undefined) known.set(store.nextId, { key, count: 1, atMs: nowMs });
      else Object.assign(same[1], { count: same[1].count + 1, atMs: nowMs });
      store = addNotification(store, each.notice, { nowMs, wallMs: nowMs });
      if (store.entries.length > notificationsMax) throw new Error(`${store.entries.length} entries`);
    }
    const ids = store.entries.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(ids.length);
    expect(store.nextId).toBe(known.size + 1);
    expect(store.dropped).toBe(known.size - store.entries.length);
    expect(store.entries.map(({ id, count, atMs, ...rest }) => ({ id, count, atMs, key: keyOf(rest) })))
      .toEqual([...known].slice(store.dropped).map(([id, { key, count, atMs }]) => ({ id, count, atMs, key })));
  }), { numRuns: 60 });
});
