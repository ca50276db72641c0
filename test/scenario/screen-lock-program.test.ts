// The program that tells of the screen's lock, as a real child process: the script for logind with recorded lines from stand-ins for loginctl and gdbus,
// and programs that end, flood or hang.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseScreenLock, type ScreenLockProgram } from '#app/cli/screen-lock.js';
import { screenLockOf } from '#app/cli/screen-lock-program.js';
import { ManualHost } from '../support/manual-host.ts';
import { until } from '../support/until.ts';

let folder = '';
const { PATH, XDG_SESSION_ID } = process.env;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'))));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(folder, { recursive: true });
  process.env['PATH'] = PATH;
  if (XDG_SESSION_ID === undefined) delete process.env['XDG_SESSION_ID'];
  else process.env['XDG_SESSION_ID'] = XDG_SESSION_ID;
});

async function script(name: string, body: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}

function watch(program: ScreenLockProgram): { heard: boolean[]; lost: string[]; host: ManualHost; stop: () => Promise<void> } {
  const host = new ManualHost();
  const heard: boolean[] = [];
  const lost: string[] = [];
  const stop = screenLockOf(program, host).watch({ heard: (locked) => heard.push(locked), lost: (why) => lost.push(why) });
  stops.push(stop);
  return { heard, lost, host, stop };
}

const plain = (shell: string): ScreenLockProgram => ({ provider: 'test', program: 'sh', args: ['-c', shell], read: (line) => (line === 'yes' ? true : line === 'no' ? false : null) });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.runIf(process.platform === 'linux')('logind', () => {
  const at = (path: string): string => `org.freedesktop.DBus.Properties.PropertiesChanged ('org.freedesktop.login1.Session', {'LockedHint': <${path}>}, @as [])`;

  async function logind(display: string): Promise<ReturnType<typeof watch>> {
    await script('loginctl', `case $1 in show-user) echo '${display}' ;; show-session) echo "$2" >"${folder}/asked"; echo LockedHint=no ;; esac`);
    await script('gdbus', `echo "$@" >"${folder}/monitored"\ncat <<'E'\nx: ${at('true')}\nx: org.freedesktop.login1.Session.Unlock ()\nx: ${at('false')}\nE\necho $$ >"${folder}/pid"\nexec sleep 60`);
    process.env['PATH'] = `${folder}:${PATH}`;
    const choice = chooseScreenLock({ platform: 'linux', path: process.env['PATH'], uid: 0 });
    if (choice.kind === 'none') throw new Error(choice.why);
    return watch(choice.program);
  }

  test('is asked once and listened to from then on; nothing of it is left', async () => {
    process.env['XDG_SESSION_ID'] = '12';
    const { heard, lost, stop } = await logind('');
    await until('it has spoken', () => heard.length === 3);
    expect(heard).toEqual([false, true, false]);
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('12\n');
    expect(await readFile(join(folder, 'monitored'), 'utf8')).toBe('monitor --system --dest org.freedesktop.login1 --object-path /org/freedesktop/login1/session/_312\n');
    const pid = Number(await untilRead(join(folder, 'pid')));
    expect(isAlive(pid)).toBe(true);
    await stop();
    expect(isAlive(pid)).toBe(false);
    expect(lost).toEqual([]);
  });

  test('is asked for the user’s graphical session where the process has none of its own', async () => {
    delete process.env['XDG_SESSION_ID'];
    const { heard } = await logind('c1');
    await until('it has spoken', () => heard.length === 3);
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe('c1\n');
    expect(await readFile(join(folder, 'monitored'), 'utf8')).toMatch(/session\/c1\n$/);
  });

  test.each(['', 'x; true', '../c1'])('is not asked for a session named %j', async (name) => {
    process.env['XDG_SESSION_ID'] = name;
    const { lost, host } = await logind('');
    await startsAgain(host, 2);
    await until('it is lost', () => lost.length > 0);
    expect(lost).toEqual(['exit code 1: logind knows no session of this user with a screen']);
  });
});

describe('a program', () => {
  test('that ends is started again, three times in all, and then is lost with its last words', async () => {
    const { heard, lost, host } = watch(plain('echo yes; echo no bus >&2; exit 3'));
    await startsAgain(host, 2);
    expect(lost).toEqual([]);
    await until('it is lost', () => lost.length > 0);
    expect(lost).toEqual(['exit code 3: no bus']);
    expect(heard).toEqual([true, true, true]);
    expect(host.timersWaiting).toBe(0);
  });

  test('that cannot be started is lost, too', async () => {
    const { lost, host } = watch({ ...plain(''), program: join(folder, 'nothing') });
    await startsAgain(host, 2);
    await until('it is lost', () => lost.length > 0);
    expect(lost[0]).toContain('ENOENT');
  });

  test('that writes lines without end costs no memory, and what comes after them is read', async () => {
    const { heard } = watch(plain('head -c 3000000 /dev/zero | tr "\\0" x; echo; echo yes; exec sleep 60'));
    await until('it has spoken', () => heard.length > 0);
    expect(heard).toEqual([true]);
  });

  test('that is stopped before it is started again is not started again', async () => {
    const { host, stop, lost } = watch(plain('exit 1'));
    await until('it has ended', () => host.timersWaiting === 1);
    await stop();
    expect(host.timersWaiting).toBe(0);
    expect(lost).toEqual([]);
  });
});

/** It ends, and five seconds later it is started again; not sooner. */
async function startsAgain(host: ManualHost, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await until('it has ended', () => host.timersWaiting === 1);
    host.advance(4_999);
    expect(host.timersWaiting).toBe(1);
    host.advance(1);
  }
}

async function untilRead(path: string): Promise<string> {
  let text = '';
  await until(path, async () => (text = await readFile(path, 'utf8').catch(() => '')) !== '');
  return text;
}
