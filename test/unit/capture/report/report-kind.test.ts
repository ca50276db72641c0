// Names, folders and scopes of reports, by kind: those of the ancestor, so that its readers and people who know them find what they look for.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descriptionOf, fileNameOf, folderOf, reportTypeOf, safeName, stateScopeOf, trafficScopeOf, type ReportKind } from '#app/capture/report/report-kind.js';

const wallMs = Date.UTC(2026, 4, 18, 20, 37, 42, 999);
const uptimeSecs = 47.34;

const cases: readonly (readonly [ReportKind, { readonly name: string; readonly type: unknown; readonly description: string; readonly state: string; readonly traffic: string }])[] = [
  [{ kind: 'manual', type: 'Display', description: 'green stripes' }, { name: 'ryll-bugreport-2026-05-18T20-37-42Z.zip', type: 'Display', description: 'green stripes', state: 'display', traffic: 'display' }],
  [{ kind: 'manual', type: 'Usb', description: '' }, { name: 'ryll-bugreport-2026-05-18T20-37-42Z.zip', type: 'Usb', description: '', state: 'usbredir', traffic: 'usbredir' }],
  [{ kind: 'pedantic', gapKey: 'display:unimpl:draw_rop3' }, { name: 'ryll-pedantic-display-unimpl-draw_rop3-2026-05-18T20-37-42Z.zip', type: { Pedantic: { gap_key: 'display:unimpl:draw_rop3' } }, description: 'pedantic: display:unimpl:draw_rop3', state: 'display', traffic: 'display' }],
  [{ kind: 'pedantic', gapKey: 'odd:thing' }, { name: 'ryll-pedantic-odd-thing-2026-05-18T20-37-42Z.zip', type: { Pedantic: { gap_key: 'odd:thing' } }, description: 'pedantic: odd:thing', state: 'display', traffic: 'display' }],
  [{ kind: 'disconnect', channel: 'usbredir/0', error: 'eof' }, { name: 'ryll-disconnect-usbredir-2026-05-18T20-37-42Z.zip', type: { Disconnect: { channel: 'usbredir' } }, description: 'auto: connection lost on usbredir (eof)', state: 'usbredir', traffic: 'all' }],
  [{ kind: 'disconnect', channel: 'display/1', error: 'rst' }, { name: 'ryll-disconnect-display-1-2026-05-18T20-37-42Z.zip', type: { Disconnect: { channel: 'display/1' } }, description: 'auto: connection lost on display/1 (rst)', state: 'display', traffic: 'all' }],
  [{ kind: 'disconnect', channel: 'connect', error: 'refused' }, { name: 'ryll-disconnect-connect-2026-05-18T20-37-42Z.zip', type: { Disconnect: { channel: 'connect' } }, description: 'auto: connection lost on connect (refused)', state: 'main', traffic: 'all' }],
  [{ kind: 'notification', id: 7, state: 'AtFire', severity: 'Warn', message: 'it hurts' }, { name: 'ryll-notification-7-atfire-2026-05-18T20-37-42Z.zip', type: { Notification: { notification_id: 7, snapshot_state: 'AtFire' } }, description: 'notification: [warn] it hurts', state: 'main', traffic: 'all' }],
  [{ kind: 'notification', id: 8, state: 'PostEventOnly', severity: 'Error', message: '' }, { name: 'ryll-notification-8-postevent-2026-05-18T20-37-42Z.zip', type: { Notification: { notification_id: 8, snapshot_state: 'PostEventOnly' } }, description: 'notification: [error] ', state: 'main', traffic: 'all' }],
  [{ kind: 'autoSnapshot' }, { name: 'ryll-auto-snapshot-2026-05-18T20-37-42Z-T+47.3s.zip', type: 'AutoSnapshot', description: 'auto-snapshot T+47.3s', state: 'all', traffic: 'all' }],
  [{ kind: 'frozenActor', actor: 'display/0', detail: 'spins' }, { name: 'ryll-frozen-actor-display-2026-05-18T20-37-42Z.zip', type: { FrozenActor: { actor: 'display/0' } }, description: 'auto: display/0 is frozen (spins)', state: 'display', traffic: 'all' }],
  [{ kind: 'failedActor', actor: 'writer', error: 'crash: boom' }, { name: 'ryll-failed-actor-writer-2026-05-18T20-37-42Z.zip', type: { FailedActor: { actor: 'writer' } }, description: 'auto: writer failed (crash: boom)', state: 'all', traffic: 'all' }],
];

test.each(cases)('%j', (kind, expected) => {
  expect({ name: fileNameOf(kind, wallMs, uptimeSecs), type: reportTypeOf(kind), description: descriptionOf(kind, uptimeSecs), state: stateScopeOf(kind), traffic: trafficScopeOf(kind) }).toEqual(expected);
});

test('a name is made safe as the ancestor makes it', () => {
  expect(safeName('weird/name:with colons')).toBe('weird-name-with-colons');
  expect(safeName('a\\b*ü_.-Z9')).toBe('a-b___.-Z9');
});

test('whatever the peer calls a thing, the file stays in its folder and has a short name', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (gapKey) => {
    expect(fileNameOf({ kind: 'pedantic', gapKey }, wallMs, 0)).toMatch(/^ryll-pedantic-[A-Za-z0-9_.-]{0,120}-2026-05-18T20-37-42Z\.zip$/);
  }));
});

describe('a folder', () => {
  const none = { bugReportDir: null, pedanticDir: null, captureFolder: null };
  test.each([
    ['disconnect', none, '.'],
    ['disconnect', { ...none, captureFolder: 'c' }, 'c/bug-reports'],
    ['manual', { ...none, captureFolder: 'c', bugReportDir: 'b' }, 'b'],
    ['autoSnapshot', { ...none, captureFolder: 'c' }, 'c/bug-reports/auto-snapshots'],
    ['pedantic', { ...none, captureFolder: 'c' }, 'ryll-pedantic-reports'],
    ['pedantic', { ...none, bugReportDir: 'b' }, 'b'],
    ['pedantic', { pedanticDir: 'p', bugReportDir: 'b', captureFolder: 'c' }, 'p'],
  ] as const)('of %s with %j is %s', (kind, folders, folder) => expect(folderOf(kind, folders)).toBe(folder));
});
