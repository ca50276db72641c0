// Which program tells of the screen's lock on each platform, and what its lines mean. Those of gdbus are recorded (glib 2.7x and 2.8x print the same),
// on a bus on which a program under logind's name changed the properties as logind does; those of ioreg and PowerShell follow their published formats.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseScreenLock, readIoreg, readLogind, readLogonUi } from '#app/cli/screen-lock.js';

const at = '/org/freedesktop/login1/session/_32';
const changed = `${at}: org.freedesktop.DBus.Properties.PropertiesChanged`;

test.each<[string, boolean | null]>([
  ['LockedHint=no', false],
  ['LockedHint=yes', true],
  [`Monitoring signals on object ${at} owned by org.freedesktop.login1`, null],
  ['The name org.freedesktop.login1 is owned by :1.1', null],
  [`${at}: org.freedesktop.login1.Session.Lock ()`, null],
  [`${changed} ('org.freedesktop.login1.Session', {'LockedHint': <true>}, @as [])`, true],
  [`${changed} ('org.freedesktop.login1.Session', {'IdleHint': <true>, 'IdleSinceHint': <uint64 1700000000000000>, 'IdleSinceHintMonotonic': <uint64 5>}, @as [])`, null],
  [`${at}: org.freedesktop.login1.Session.Unlock ()`, null],
  [`${changed} ('org.freedesktop.login1.Session', {'LockedHint': <false>}, @as [])`, false],
  [`${changed} ('org.freedesktop.login1.Session', {'Active': <false>}, @as [])`, null],
  [`${changed} ('org.freedesktop.login1.Session', {'LockedHint': <true>, 'IdleHint': <false>}, @as [])`, true],
  [`${changed} ('org.freedesktop.login1.Session', @a{sv} {}, ['LockedHint'])`, null],
  [`${changed} ('org.freedesktop.login1.User', {'LockedHint': <true>}, @as [])`, null],
  ['The name org.freedesktop.login1 does not have an owner', null],
])('logind: %s', (line, locked) => {
  expect(readLogind(line)).toBe(locked);
});

const user = (uid: number, locked: boolean): string => `{"kCGSSessionOnConsoleKey"=Yes,"kSCSecuritySessionID"=100005,"kCGSSessionUserIDKey"=${uid},"kCGSessionLoginDoneKey"=Yes${locked ? ',"CGSSessionScreenIsLocked"=Yes,"CGSSessionScreenLockedTime"=1700000000' : ''},"kCGSSessionUserNameKey"="u${uid}"}`;
test.each<[string, number | null, boolean | null]>([
  [`  |   "IOConsoleUsers" = (${user(501, false)})`, 501, false],
  [`  |   "IOConsoleUsers" = (${user(501, true)})`, 501, true],
  [`  |   "IOConsoleUsers" = (${user(501, false)},${user(502, true)})`, 501, false],
  [`  |   "IOConsoleUsers" = (${user(501, false)},${user(502, true)})`, 502, true],
  [`  |   "IOConsoleUsers" = (${user(501, true)})`, 50, null],
  [`  |   "IOConsoleUsers" = (${user(501, true)})`, null, null],
  ['  |   "IOKitBuildVersion" = "Darwin"', 501, null],
])('ioreg: %s for user %s', (line, uid, locked) => {
  expect(readIoreg(line, uid)).toBe(locked);
});

test.each<[string, boolean | null]>([['locked', true], ['unlocked', false], ['', null], ['Get-Process: denied', null]])('LogonUI: %j', (line, locked) => {
  expect(readLogonUi(line)).toBe(locked);
});

describe('the provider', () => {
  let path = '';
  beforeEach(async () => void (path = await mkdtemp(join(tmpdir(), 'ryll-actors-'))));
  afterEach(() => rm(path, { recursive: true }));
  const install = async (name: string): Promise<void> => {
    await writeFile(join(path, name), '');
    await chmod(join(path, name), 0o755);
  };

  test.each([
    ['linux', ['gdbus', 'loginctl'], 'logind'],
    ['darwin', ['ioreg'], 'IORegistry'],
    ['win32', ['powershell.exe'], 'LogonUI'],
  ])('of %s needs %j', async (platform, programs, provider) => {
    const without = chooseScreenLock({ platform, path, uid: 501 });
    expect(without).toMatchObject({ kind: 'none', why: expect.stringContaining(programs.join(' and ')) });
    for (const name of programs) await install(name);
    expect(chooseScreenLock({ platform, path, uid: 501 })).toMatchObject({ kind: 'program', program: { provider } });
  });

  test('of a platform that nobody knows is none, with a reason', () => {
    expect(chooseScreenLock({ platform: 'aix', path, uid: 0 })).toEqual({ kind: 'none', why: 'nothing is known to ask on aix' });
  });
});
