// Reports on a real disk by a real pool thread: whole files or none, names that nobody had, bounds, deadlines, and what is held of the traffic meanwhile.
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import type { ReportPlan } from '#app/capture/report/report-members.js';
import { ReportPool, waitingMax } from '#app/cli/report-pool.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';
import { createTapRing } from '#app/mailbox/tap-ring.js';
import { pinTapRing, releaseTapPins, type TapPins } from '#app/mailbox/tap-snapshot.js';
import { canMount, mountSmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-report-pool-'));
const host = createNodeHost();
let pools: ReportPool[] = [];

afterEach(async () => {
  for (const pool of pools) await pool.close(5_000);
  pools = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openPool(options?: ConstructorParameters<typeof ReportPool>[1]): ReportPool {
  const pool = new ReportPool(host.timers, options);
  pools.push(pool);
  return pool;
}

const planOf = (path: string, part: Partial<ReportPlan> = {}): ReportPlan => ({
  path: join(folder, path), members: [{ name: 'metadata.json', text: '{}\n' }], traffic: null, pictures: [], rolling: null, ...part,
});

function recorded(messages: number, bytes = 1_000): TapPins {
  const ring = createTapRing({ channel: 'display/0', ringBytes: 32 * 1024 * 1024 }, host.clock);
  const producer = new TapProducer(ring, 1);
  const body = new Uint8Array(bytes).map((_, at) => (at * 31) & 0xff);
  for (let index = 0; index < messages; index++) producer.append(true, index, body);
  return pinTapRing(ring);
}

const membersOf = (path: string): string[] => execFileSync('unzip', ['-Z1', path], { encoding: 'utf8' }).trim().split('\n');

test('a report has its members in their order, for its owner\'s eyes only', async () => {
  const pins = recorded(2_000);
  const written = await openPool().write(planOf('made/for/it/a.zip', {
    members: [{ name: 'replay.txt', text: 'x' }, { name: 'session.json', text: '{}' }, { name: 'metadata.json', text: '{"a":1}' }],
    traffic: { pins: [pins], redacted: true },
    pictures: [
      { name: 'screenshot.png', width: 4, height: 3, pixels: new Uint8Array(48).fill(200), region: null },
      { name: 'screenshot-region.png', width: 4, height: 3, pixels: new Uint8Array(48).fill(200), region: { left: 1, top: 1, right: 3, bottom: 2 } },
    ],
  }));
  releaseTapPins(pins);
  expect(membersOf(written.path)).toEqual(['metadata.json', 'session.json', 'traffic.pcap', 'screenshot.png', 'screenshot-region.png', 'replay.txt']);
  expect(execFileSync('unzip', ['-tqq', written.path], { encoding: 'utf8' })).toBe('');
  expect(execFileSync('unzip', ['-p', written.path, 'metadata.json'], { encoding: 'utf8' })).toBe('{"a":1}');
  const region = execFileSync('unzip', ['-p', written.path, 'screenshot-region.png']);
  expect([region.readUInt32BE(16), region.readUInt32BE(20)]).toEqual([2, 1]);
  expect(statSync(written.path).mode & 0o777).toBe(0o600);
  expect(written).toMatchObject({ messages: 2_000, bytes: statSync(written.path).size, pruned: 0 });
});

test('reports of one name in one second are all kept', async () => {
  const pool = openPool();
  const paths = await Promise.all([1, 2, 3].map(async () => (await pool.write(planOf('same/b.zip'))).path));
  expect(paths.map((path) => path.slice(folder.length))).toEqual(['/same/b.zip', '/same/b-2.zip', '/same/b-3.zip']);
  expect(readdirSync(join(folder, 'same'))).toHaveLength(3);
});

test('older files of its kind make room', async () => {
  const pool = openPool();
  const rolling = { prefix: 'ryll-auto-snapshot-', filesMax: 2, bytesMax: 1_000_000 };
  const pruned: number[] = [];
  for (const name of ['1', '2', '3', '4']) pruned.push((await pool.write(planOf(`rolling/ryll-auto-snapshot-${name}.zip`, { rolling }))).pruned);
  expect(pruned).toEqual([0, 0, 1, 1]);
  expect(readdirSync(join(folder, 'rolling')).toSorted()).toEqual(['ryll-auto-snapshot-3.zip', 'ryll-auto-snapshot-4.zip']);
});

test('traffic that is released before it is written leaves no file', async () => {
  const pins = recorded(20_000);
  releaseTapPins(pins);
  await expect(openPool().write(planOf('late/c.zip', { traffic: { pins: [pins], redacted: true } }))).rejects.toMatchObject({ code: 'notWritten', message: expect.stringContaining('given up') as string });
  expect(readdirSync(join(folder, 'late'))).toEqual([]);
});

test('what the disk refuses is told with its reason', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(openPool().write(planOf('file/d.zip'))).rejects.toMatchObject({ code: 'notWritten', message: expect.stringMatching(/ENOTDIR|EEXIST/) as string });
});

test.skipIf(process.getuid?.() === 0)('a folder that may not be written to is told, and nothing is left', async () => {
  const sealed = join(folder, 'sealed');
  mkdirSync(sealed);
  chmodSync(sealed, 0o500);
  await expect(openPool().write(planOf('sealed/e.zip'))).rejects.toMatchObject({ code: 'notWritten', message: expect.stringContaining('EACCES') as string });
  expect(readdirSync(sealed)).toEqual([]);
});

test.skipIf(!canMount)('a disk that is full, or read-only, is told, and nothing is left of the report; with room again it is written', async () => {
  const full = mountSmallDisk(join(folder, 'full'), 2);
  const readOnly = mountSmallDisk(join(folder, 'read-only'), 1, 'ro');
  const pins = recorded(2_000);
  try {
    const pool = openPool();
    const plan = planOf('full/e.zip', { traffic: { pins: [pins], redacted: true } });
    full.fill();
    await expect(pool.write(plan)).rejects.toMatchObject({ code: 'notWritten', message: expect.stringContaining('ENOSPC') as string });
    expect(readdirSync(full.path)).toEqual(['ballast']);
    await expect(pool.write(planOf('read-only/e.zip'))).rejects.toMatchObject({ code: 'notWritten', message: expect.stringContaining('EROFS') as string });
    full.free();
    expect(await pool.write(plan)).toMatchObject({ path: join(full.path, 'e.zip'), messages: 2_000 });
    expect(readdirSync(full.path)).toEqual(['e.zip']);
  } finally {
    releaseTapPins(pins);
    full.unmount();
    readOnly.unmount();
  }
});

test('reports beyond the bound are refused, those that wait are written', async () => {
  const pool = openPool();
  const outcomes = await Promise.allSettled(Array.from({ length: waitingMax + 4 }, (_, index) => pool.write(planOf(`many/${index}.zip`))));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused.every((outcome) => (outcome.reason as { readonly code: string }).code === 'tooMany')).toBe(true);
  expect(readdirSync(join(folder, 'many'))).toHaveLength(waitingMax + 1);
});

test('a disk that takes nothing is waited for until the deadline; what waits behind it fails with it, and the next is written when the disk is back', async () => {
  // Nobody reads this pipe: the thread that opens it for writing stands still inside the system call.
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  process.env['BLOCKING_PIPE'] = pipe;
  const pool = openPool({ deadlineMs: 800, task: new URL('../support/blocked-report.mjs', import.meta.url).href });
  const waiting = Promise.allSettled([pool.write(planOf('blocked/f.zip')), pool.write(planOf('blocked/g.zip'))]);
  await until('the thread is there', () => existsSync(`${pipe}.opening`));
  const outcomes = await waiting;
  expect(outcomes).toMatchObject([{ reason: { code: 'tooSlow' } }, { reason: { code: 'tooSlow' } }]);
  expect(await pool.close(300)).toBe(false);
  // Whoever reads lets the thread go on.
  closeSync(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
  expect((await openPool().write(planOf('blocked/h.zip'))).path).toBe(join(folder, 'blocked/h.zip'));
});
