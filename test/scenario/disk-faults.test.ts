// What a disk in trouble costs a session of the program as it ships: what is missing from its files is counted and told, and nothing else is lost. Disks are real
// ones: a small one that is full and then has room again, one that is mounted read-only, and a write that never comes back.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createNodeBase } from '#app/actors/kernel/node-base.js';
import { RequestRefused } from '#app/client/control-connection.js';
import { SessionClient } from '#app/client/session-client.js';
import { ReportZip } from '#app/evidence/report-zip.js';
import { listen } from '#app/loopback/node-listener.js';
import { sceneFrame } from '#app/loopback/scene.js';
import { defaultLoopbackOptions, LoopbackServer } from '#app/loopback/server.js';
import { readPngBytes } from '../real/support/read-png.ts';
import { pingsIn } from '../support/captured-pings.ts';
import { connectProgram, type RunningProgram } from '../support/program.ts';
import { readMatroska } from '../support/read-matroska.ts';
import { readPcapng } from '../support/read-pcapng.ts';
import { canMount, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

const deadlineMs = 60_000;
const missedPings = 100;
const pinged = ['main/0', 'display/0'];
let undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of undo.toReversed()) await each();
  undo = [];
});

interface Stage {
  readonly folder: string;
  readonly server: LoopbackServer;
  readonly address: string;
}

async function stage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-disk-'));
  const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, pingEveryMs: 20 });
  const listener = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
  undo.push(() => rmSync(folder, { recursive: true }), () => listener.close(), () => server.close());
  return { folder, server, address: listener.address };
}

function smallDisk(folder: string, mebibytes: number, mode: 'rw' | 'ro' = 'rw'): SmallDisk {
  const disk = mountSmallDisk(join(folder, 'disk'), mebibytes, mode);
  undo.push(() => disk.unmount());
  return disk;
}

function connected({ folder, address }: Stage, ...more: readonly string[]): RunningProgram {
  const program = connectProgram(folder, address, '--control-socket', join(folder, 'control'), '--channels', 'main,display,inputs', '--no-reconnect', ...more);
  undo.push(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
  });
  return program;
}

async function control({ folder }: Stage): Promise<SessionClient> {
  const client = await SessionClient.open(join(folder, 'control'), 'test');
  undo.push(() => client.close());
  return client;
}

const counted = ({ server }: Stage, channel: string, name: string): number => Number(server.observe().channels[channel]?.[name] ?? 0);

/** Every PING that there was by now has its PONG, on every channel that is pinged. */
async function everyPingAnswered(of: Stage): Promise<void> {
  for (const channel of pinged) {
    const sent = counted(of, channel, 'pingsSent');
    expect(sent).toBeGreaterThan(0);
    await until(`${sent} PONGs on ${channel}`, () => counted(of, channel, 'pongsReceived') >= sent, deadlineMs);
  }
  expect(pinged.map((channel) => counted(of, channel, 'unaskedPongs'))).toEqual([0, 0]);
  expect(of.server.observe().violations).toEqual({});
}

/** A picture of the scene, each pixel of it, that is newer than the given one; a message that was lost would spoil every later one. */
async function pictureAfter(client: SessionClient, number: number): Promise<number> {
  return until('a whole picture of the scene', async () => {
    const { png } = await client.screenshot();
    const { width, rgb } = readPngBytes(Buffer.from(png));
    const wordAt = (at: number): number => (rgb[at * 3]! << 16) | (rgb[at * 3 + 1]! << 8) | rgb[at * 3 + 2]!;
    // The number's bits stand in the first row, four pixels each, the lowest first.
    const shown = Array.from({ length: 24 }, (_, bit) => (wordAt(bit * 4) === 0xffffff ? 2 ** bit : 0)).reduce((sum, bit) => sum + bit, 0);
    const { words } = sceneFrame(shown);
    return shown > number && width * (rgb.length / 3 / width) === words.length && words.every((word, at) => (word & 0xffffff) === wordAt(at)) ? shown : null;
  }, deadlineMs);
}

async function keyIsHeard(of: Stage, client: SessionClient): Promise<void> {
  // Made by the loopback server: a list of actions, once inputs is linked.
  const heard = (): number => (of.server.observe().channels['inputs/0']?.['actions'] as readonly unknown[] | undefined)?.length ?? 0;
  const before = heard();
  await client.key('a');
  await until('the server heard the key', () => heard() === before + 2, deadlineMs);
}

async function refusalOf(report: Promise<unknown>): Promise<string> {
  const refused: unknown = await report.then(() => null, (error: unknown) => error);
  if (!(refused instanceof RequestRefused)) throw new Error(`no refusal: ${String(refused)}`);
  return refused.message;
}

interface MetadataFile {
  readonly name: string;
  readonly messages: number;
  readonly writer_dropped_count: number;
  readonly unwritten: number;
}

test.skipIf(!canMount)('a full disk is told of once for each file, costs the session nothing, and once there is room again everything that the rings kept is in the files', async () => {
  const of = await stage();
  const disk = smallDisk(of.folder, 48);
  const capture = join(disk.path, 'capture');
  const program = connected(of, '--capture', capture, '--bug-report-dir', join(disk.path, 'reports'));
  await program.line(/display\/0 linked$/);
  await until('the video has begun', () => readdirSync(capture).includes('display-0.mkv'), deadlineMs);
  const client = await control(of);
  const first = await pictureAfter(client, -1);

  disk.fill();
  for (const file of ['main-0.pcapng', 'display-0.pcapng', 'display-0.mkv']) expect(await program.line(new RegExp(`${file} cannot be written: ENOSPC`))).toMatch(/it is tried again/);
  expect(await refusalOf(client.request('report', { type: 'connection', description: 'full' }))).toContain('ENOSPC');
  await everyPingAnswered(of);
  await keyIsHeard(of, client);
  const second = await pictureAfter(client, first);

  disk.free();
  for (const file of ['main-0.pcapng', 'display-0.pcapng']) expect(await program.line(new RegExp(`${file} can be written again`))).toContain('; 0 messages are missing from it');
  expect(await program.line(/display-0\.mkv can be written again/)).toMatch(/; [1-9]\d* pictures are missing from it/);
  await client.request('report', { type: 'connection', description: 'room' });
  expect(readdirSync(join(disk.path, 'reports')).filter((name) => !name.endsWith('.zip'))).toEqual([]);
  await everyPingAnswered(of);
  await pictureAfter(client, second);
  await client.close();
  const pongs = counted(of, 'main/0', 'pongsReceived');
  program.child.kill('SIGINT');
  expect(await program.ended).toBe(130);

  // Of the capture nothing is missing, of the video some pictures are.
  expect(program.lines.filter((line) => /is incomplete/.test(line))).toEqual([expect.stringMatching(/The video in .* is incomplete: [1-9]\d* of \d+ pictures could not be written/)]);
  for (const file of ['main-0.pcapng', 'display-0.pcapng', 'display-0.mkv']) expect(program.lines.filter((line) => line.includes(`${file} cannot be written`))).toHaveLength(1);
  const metadata = JSON.parse(readFileSync(join(capture, 'metadata.json'), 'utf8')) as { readonly files: readonly MetadataFile[]; readonly errors: readonly { readonly code: string; readonly count: number; readonly recovered: boolean }[] };
  expect(metadata.files.map(({ name }) => name).toSorted()).toEqual(['display-0.pcapng', 'inputs-0.pcapng', 'main-0.pcapng']);
  for (const { name, messages, writer_dropped_count: dropped, unwritten } of metadata.files) {
    // The file's own count of what was seen.
    expect(readPcapng(readFileSync(join(capture, name))).totals).toEqual({ received: messages + dropped + unwritten, delivered: messages, dropped });
    expect([dropped, unwritten]).toEqual([0, 0]);
  }
  expect(metadata.errors.every(({ code, count, recovered }) => code === 'ENOSPC' && count > 0 && recovered)).toBe(true);
  expect(pingsIn(readFileSync(join(capture, 'main-0.pcapng')))).toBeGreaterThanOrEqual(pongs);
  const video = readMatroska(readFileSync(join(capture, 'display-0.mkv')));
  expect([video.left, video.durationMs !== null, video.frames.length > 0]).toEqual([0, true, true]);
}, 3 * deadlineMs);

test.skipIf(!canMount)('a disk that is read-only ends the program before anything is dialled, with what to do', async () => {
  const of = await stage();
  const disk = smallDisk(of.folder, 1, 'ro');
  const program = connected(of, '--capture', join(disk.path, 'capture'));
  expect(await program.ended).not.toBe(0);
  expect(program.lines.at(-1)).toMatch(/cannot capture into .*\/capture: EROFS: .*Choose a directory that you may create and write/);
  expect(of.server.observe().channels).toEqual({});
}, deadlineMs);

test('a write that never comes back: every PING is answered, and a report has the traffic that the writer never saw', async () => {
  const of = await stage();
  const program = connected(of, '--capture', join(of.folder, 'capture'), '--no-video', '--bug-report-dir', join(of.folder, 'reports'), '--frozen-after', '3600', '--inject', 'writer:diskHang@1s');
  await program.line(/display\/0 linked$/);
  const file = join(of.folder, 'capture', 'main-0.pcapng');
  // On a busy machine the very first write may be the one that hangs.
  const written = (): number => (existsSync(file) ? statSync(file).size : 0);
  // A hundred PINGs in which the file has not grown: the write hangs.
  const still = { bytes: -1, sent: 0 };
  await until('the file stands still', () => {
    const sent = counted(of, 'main/0', 'pingsSent');
    const bytes = written();
    if (bytes !== still.bytes) Object.assign(still, { bytes, sent });
    return sent - still.sent > missedPings;
  }, deadlineMs);
  const client = await control(of);
  await everyPingAnswered(of);
  await keyIsHeard(of, client);
  await pictureAfter(client, 0);
  const answered = counted(of, 'main/0', 'pongsReceived');
  const { path } = await client.request('report', { type: 'connection', description: 'hangs' });
  const zip = await ReportZip.open(String(path));
  const traffic = await zip.bytes('traffic.pcap');
  zip.close();
  expect(pingsIn(traffic)).toBeGreaterThanOrEqual(answered);
  expect(answered - (written() === 0 ? 0 : pingsIn(readFileSync(file)))).toBeGreaterThanOrEqual(missedPings);
}, 3 * deadlineMs);
