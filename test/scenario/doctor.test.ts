import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctorExit, doctorOptions, formatChecks, runChecks } from '#app/cli/doctor.js';
import type { DoctorOptions } from '#app/cli/doctor.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryll-actors-'));
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const GOOD: DoctorOptions = {
  captureFolder: null,
  nodeVersion: '20.19.0',
  environment: { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  terminal: { isTTY: true, columns: 120, rows: 40, colorDepth: 24 },
};
const status = async (options: Partial<DoctorOptions>, name: string) => (await runChecks({ ...GOOD, ...options })).find((check) => check.name === name);

describe('the doctor', () => {
  test('finds this machine fit, the thread test included, and leaves nothing behind', async () => {
    const checks = await runChecks(doctorOptions(join(folder, 'captures', 'today')));
    expect(checks.filter((check) => check.status === 'problem')).toEqual([]);
    expect(checks.find(({ name }) => name === 'threads')).toMatchObject({ status: 'ok' });
    expect(checks.find(({ name }) => name === 'capture folder')?.detail).toContain(`can be made in ${folder}`);
    expect(doctorExit(checks)).toBe('ok');
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['18.20.0', 'problem'],
    ['20.18.3', 'problem'],
    ['20.19.0', 'ok'],
    ['24.0.0', 'ok'],
  ])('judges Node %s: %s', async (nodeVersion, expected) => {
    expect((await status({ nodeVersion }, 'Node.js'))?.status).toBe(expected);
  });

  test('calls a capture folder that cannot be written a problem, and the exit code follows', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    // Below a file no folder can be made, not even by root.
    const checks = await runChecks({ ...GOOD, captureFolder: join(file, 'x') });
    expect(checks.find(({ name }) => name === 'capture folder')).toMatchObject({ status: 'problem' });
    expect(doctorExit(checks)).toBe('failed');
    expect(formatChecks(checks)).toMatch(/^problem .*capture folder/m);
    expect(formatChecks(checks)).toMatch(/1 problem found\.$/);
  });

  test('names the programs that can play sound; without any it is a note, because a file needs none', async () => {
    expect(await status({ environment: { ...GOOD.environment, PATH: folder } }, 'sound')).toMatchObject({ status: 'note', detail: expect.stringContaining('aplay (alsa-utils)') });
    await writeFile(join(folder, 'aplay'), '', { mode: 0o755 });
    expect(await status({ environment: { ...GOOD.environment, PATH: folder } }, 'sound')).toMatchObject({ status: 'ok', detail: '--audio-device can play through aplay' });
  });

  test('says whether videos can be H.264; without an encoder it is a note, because JPEG pictures need none', async () => {
    expect(await status({ environment: { ...GOOD.environment, PATH: folder } }, 'video')).toMatchObject({ status: 'note', detail: expect.stringContaining('ffmpeg is not on PATH; install the package ffmpeg') });
    await writeFile(join(folder, 'ffmpeg'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    expect(await status({ environment: { ...GOOD.environment, PATH: folder } }, 'video')).toMatchObject({ status: 'ok', detail: '--video-codec h264 can encode with ffmpeg\'s libx264' });
  });

  test('describes the terminal that it is given', async () => {
    expect(await status({}, 'terminal')).toMatchObject({ status: 'ok', detail: 'xterm-256color, 120 x 40 cells' });
    expect(await status({}, 'colours')).toMatchObject({ status: 'ok', detail: 'true colour' });
    expect(await status({ environment: { TERM: 'xterm', LANG: 'C', NO_COLOR: '1' }, terminal: { isTTY: true, columns: 80, rows: 24, colorDepth: 4 } }, 'colours')).toMatchObject({ status: 'note', detail: '16 colours (NO_COLOR is set)' });
    expect(await status({ environment: { TERM: 'xterm', LANG: 'C' } }, 'characters')).toMatchObject({ status: 'note' });
    expect(await status({ terminal: { isTTY: true, columns: 40, rows: 10, colorDepth: 8 } }, 'terminal')).toMatchObject({ status: 'note', detail: expect.stringContaining('80 x 24') });
    expect(await status({ environment: { TERM: 'dumb' } }, 'terminal')).toMatchObject({ status: 'note', detail: expect.stringContaining('--headless') });
    expect(await status({ terminal: { isTTY: false, columns: null, rows: null, colorDepth: null } }, 'terminal')).toMatchObject({ status: 'note' });
  });
});
