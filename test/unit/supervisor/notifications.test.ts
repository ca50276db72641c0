import { expect, test } from 'vitest';
import { addNotification, foldMs, markAllRead, messageCharsMax, noNotifications, notificationsMax, serializeNotification, type Notice, type NotificationStore } from '#app/supervisor/notifications.js';

const notice: Notice = { severity: 'Warn', source: 'Connection', message: 'gone', visibility: null };
const wallMs = 1_700_000_000_000;
const add = (store: NotificationStore, part: Partial<Notice> = {}, nowMs = 0): NotificationStore => addNotification(store, { ...notice, ...part }, { nowMs, wallMs: wallMs + nowMs });

test('the numbers are the ancestor’s', () => {
  expect({ notificationsMax, foldMs }).toEqual({ notificationsMax: 500, foldMs: 30_000 });
});

test('what is said has a number from 1, a time and a count', () => {
  const store = add(add(noNotifications), { message: 'back' }, 1_500);
  expect(store.entries).toEqual([
    { ...notice, id: 1, wallMs, atMs: 0, count: 1, read: false },
    { ...notice, message: 'back', id: 2, wallMs: wallMs + 1_500, atMs: 1_500, count: 1, read: false },
  ]);
});

test('the same within 30 s is counted where it stands, with the newer time, and is unread again', () => {
  const store = add(markAllRead(add(add(noNotifications), { message: 'other' })), {}, 29_999);
  expect(store.entries.map(({ id, message, count, read, atMs }) => ({ id, message, count, read, atMs }))).toEqual([
    { id: 1, message: 'gone', count: 2, read: false, atMs: 29_999 },
    { id: 2, message: 'other', count: 1, read: true, atMs: 0 },
  ]);
  expect(store.nextId).toBe(3);
});

test('the 30 s run from when it was said last; after them it is a new entry', () => {
  const twice = add(add(noNotifications), {}, 20_000);
  expect(add(twice, {}, 49_999).entries).toHaveLength(1);
  expect(add(twice, {}, 50_000).entries).toHaveLength(2);
});

test('another severity, source, message or visibility is another thing', () => {
  const others: Partial<Notice>[] = [
    { severity: 'Error' }, { source: 'Gap' }, { message: 'GONE' }, { visibility: 'Low' },
    { source: { Spice: { channel: 'Main', what: 1 } } }, { source: { Spice: { channel: 'Main', what: 2 } } }, { source: { Spice: { channel: 'Display', what: 1 } } },
  ];
  let store = add(noNotifications);
  for (const other of others) store = add(store, other);
  expect(store.entries.map(({ count }) => count)).toEqual(Array.from({ length: others.length + 1 }, () => 1));
  expect(add(store, { source: { Spice: { channel: 'Main', what: 2 } } }).entries[6]?.count).toBe(2);
});

test('500 are kept, and how many gave way is counted', () => {
  let store = noNotifications;
  for (let at = 1; at <= 503; at++) store = add(store, { message: `message ${at}` });
  expect([store.entries.length, store.entries[0]?.id, store.entries.at(-1)?.id, store.dropped]).toEqual([500, 4, 503, 3]);
});

test('a message that a server made endless is cut', () => {
  expect(add(noNotifications, { message: 'x'.repeat(1e6) }).entries[0]?.message.length).toBe(messageCharsMax);
});

test('an entry is written as the ancestor writes it', () => {
  const [entry] = addNotification(noNotifications, { ...notice, source: { Spice: { channel: 'Main', what: 4 } }, visibility: 'High' }, { nowMs: 5, wallMs: 1_700_000_000_250 }).entries;
  expect(entry && JSON.parse(JSON.stringify(serializeNotification(entry)))).toEqual({
    id: 1, when: { secs_since_epoch: 1_700_000_000, nanos_since_epoch: 250_000_000 }, severity: 'Warn', source: { Spice: { channel: 'Main', what: 4 } },
    message: 'gone', visibility: 'High', count: 1, read: false,
  });
});
