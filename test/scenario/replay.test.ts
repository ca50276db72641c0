// Replays of what a session in virtual time recorded: the same picture to the last pixel, the same state twice; what is missing is said; and a test that
// was written from a recording passes.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { ZipArchive } from 'archiver';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplayOptions } from '#app/cli/reading-arguments.js';
import { replayCommand } from '#app/cli/replay-command.js';
import { inspectCommand } from '#app/cli/inspect-command.js';
import { loadJpegDecoder } from '#app/actors/jpeg-decoder.js';
import { replayedGaps, replayFiles } from '#app/replay/replay-files.js';
import { ReportZip } from '#app/evidence/report-zip.js';
import { copyPixels, openSurface } from '#app/surface/shared-surface.js';
import { laidPcap, tcpFrame } from '../support/capture-bytes.ts';
import { linkExchange, ping } from '../support/spice-bytes.ts';
import { testSession } from '../support/session-fixture.ts';
import { VirtualLoopback } from '../support/virtual-loopback.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ryll-replay-'));
// Inside the project, because a test is run where its packages are.
const generated = mkdtempSync(join(root, 'test/scenario/replayed-'));
afterAll(() => {
  for (const each of [folder, generated]) rmSync(each, { recursive: true, force: true });
});

const capture = join(folder, 'capture');
let picture: Uint8Array;

/** RGB without the fourth byte, which is nobody's. */
const pixelsOf = (buffer: SharedArrayBuffer): Uint8Array => copyPixels(openSurface(buffer)).pixels.map((value, index) => (index % 4 === 3 ? 0 : value));

beforeAll(async () => {
  const net = new VirtualLoopback(3, { scene: 'default', compression: 'auto' });
  const { run } = testSession(net.host, 5900, { singleThread: true, captureFolder: capture });
  // Loading takes real time, of which the virtual clock knows nothing.
  await loadJpegDecoder();
  for (const name of ['channel-actor', 'display-painter', 'pointer-painter', 'writer-actor', 'hub-actor']) await import(new URL(`../../dist/actors/${name}.js`, import.meta.url).href);
  const started = run.start();
  await net.host.advance(4_000);
  await started;
  // A channel that is lost and linked again is a second connection in the recording.
  net.cut('cursor/0');
  net.cut('display/0');
  await net.host.advance(4_000);
  const stopped = run.stop();
  // Nothing is drawn any more once the session stops: what is shown now is what the recording ends with.
  await net.host.advance(20_000);
  await stopped;
  picture = pixelsOf(run.surfaces[0]!.buffer);
  net.server.close();
  await net.host.settle();
}, 60_000);

async function command(part: Partial<ReplayOptions>, paths: readonly string[] = [capture]): Promise<{ exit: string; out: string; said: string }> {
  const out = new PassThrough();
  let said = '';
  const exit = await replayCommand({ paths, json: false, ...part }, { out, error: { write: (text) => (said += text) } });
  return { exit, out: String(out.read() ?? ''), said };
}

test('a capture replays to the very picture that the session ended with, and twice to the same state', async () => {
  const [first, second] = [await replayFiles([capture]), await replayFiles([capture])];
  expect(Buffer.compare(pixelsOf(first.surfaces[0]!.buffer), picture)).toBe(0);
  expect(first).toMatchObject({ exact: true, missing: [], faults: [] });
  expect(second.state_hash).toBe(first.state_hash);
  expect(second.pictures).toEqual(first.pictures);
  const connections = first.channels.map(({ channel, connections: count }) => [channel, count]);
  expect(connections).toEqual(expect.arrayContaining([['display/0', 2], ['cursor/0', 2], ['main/0', 1]]));
  // Those of the session: what no consumer reads, and nothing of a display.
  expect(Object.keys(replayedGaps(first.channels))).toEqual(['port/0', 'record/0', 'usbredir/0']);
  expect(first.channels.find(({ channel }) => channel === 'cursor/0')?.pointer_sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('up to a moment it is another state, and the same one each time', async () => {
  const whole = await replayFiles([capture]);
  const [early, again] = [await replayFiles([capture], { until: 2 }), await replayFiles([capture], { until: 2 })];
  expect(early.seconds).toBeLessThan(2);
  expect([early.state_hash === whole.state_hash, again.state_hash === early.state_hash]).toEqual([false, true]);
});

test('the command writes the picture, a JSON document, and says so when there is none', async () => {
  const screenshot = join(folder, 'last.png');
  const { exit, out, said } = await command({ json: true, screenshot });
  expect([exit, said, existsSync(screenshot)]).toEqual(['ok', `ryll-actors: wrote ${screenshot}, 640x400\n`, true]);
  expect(JSON.parse(out)).toMatchObject({ format: 'ryll-actors-replay/1', exact: true, pictures: [{ channel: 'display/0', width: 640, height: 400, marked: true }] });
  expect(await command({ screenshot: join(folder, 'no.png') }, [join(capture, 'main-0.pcap'), join(capture, 'main-0.pcapng')].filter(existsSync))).toMatchObject({ exit: 'noPicture' });
  expect(await command({}, [join(folder, 'nothing')])).toMatchObject({ exit: 'sourceInvalid', said: expect.stringContaining('[recording.unreadable]') });
});

test('a test that is written from a recording passes, and its fixture holds nothing that the client said', async () => {
  const file = join(generated, 'two-links.test.ts');
  const { exit, said } = await command({ toTest: file });
  expect([exit, said]).toEqual(['ok', expect.stringContaining('two-links.replay.zip, which holds what the server sent')]);
  const fixture = join(generated, 'two-links.replay.zip');
  const out = new PassThrough();
  expect(await inspectCommand({ paths: [fixture], json: true, fields: false, stats: false, direction: 'sent' }, { out, error: { write: () => undefined } })).toBe('ok');
  const sent = String(out.read() ?? '').trim().split('\n').map((line) => (JSON.parse(line) as { name: string }).name);
  expect(new Set(sent)).toEqual(new Set(['linkMessage', 'linkMechanism', 'linkTicket']));
  expect(await command({ toTest: file })).toMatchObject({ exit: 'outputFailed' });
  // It can fail: of another picture it says so.
  const wrong = join(generated, 'wrong.test.ts');
  writeFileSync(wrong, readFileSync(file, 'utf8').replace(/"sha256": "./, '"sha256": "z'));
  const run = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', file, wrong], { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  expect(run.stdout).toMatch(/Tests .*1 failed \| 5 passed/);
  expect(run.stdout).toMatch(/× ends with the same pictures/);
}, 60_000);

/** The traffic of a fixture without display/0's packets `from` to `to`, as a ring that no longer reaches back has it. */
function withoutPackets(file: Buffer, from: number, to: number): Buffer {
  const kept = [file.subarray(0, 24)];
  for (let at = 24, index = 0; at < file.length; ) {
    const end = at + 16 + file.readUInt32BE(at + 8);
    const isDisplay = [file.readUInt16BE(at + 50), file.readUInt16BE(at + 52)].includes(10_002);
    if (!isDisplay || index < from || index >= to) kept.push(file.subarray(at, end));
    if (isDisplay) index += 1;
    at = end;
  }
  return Buffer.concat(kept);
}

/** A report with these members. */
async function zipped(name: string, members: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const path = join(folder, name);
  const zip = new ZipArchive();
  const written = pipeline(zip, createWriteStream(path));
  for (const [member, content] of Object.entries(members)) zip.append(content, { name: member });
  await Promise.all([zip.finalize(), written]);
  return path;
}

test('a report whose ring no longer reaches back says what is missing; a surface that its session.json names is assumed, and drawn on', async () => {
  expect(await command({ toTest: join(folder, 'whole.test.ts'), until: 3.9 })).toMatchObject({ exit: 'ok' });
  const fixture = await ReportZip.open(join(folder, 'whole.replay.zip'));
  const traffic = await fixture.bytes('traffic.pcap');
  fixture.close();
  const whole = await replayFiles([join(folder, 'whole.replay.zip')]);
  expect(whole).toMatchObject({ exact: true, pictures: [{ channel: 'display/0', width: 640, height: 400 }] });
  // SYN, SYN-ACK, ACK, five parts of the exchange; then messages, of which the first create the surface.
  const cut = withoutPackets(traffic, 8, 30);
  const sentence = /^display\/0: the first \d+ bytes are missing; pictures, caches and states from before are unknown$/;
  const without = await replayFiles([await zipped('without.zip', { 'metadata.json': '{}', 'traffic.pcap': cut })]);
  expect(without).toMatchObject({ exact: false, missing: [expect.stringMatching(sentence)], pictures: [] });
  const session = JSON.stringify({ surfaces: [{ surface_id: 0, width: 640, height: 400 }] });
  const path = await zipped('with.zip', { 'session.json': session, 'traffic.pcap': cut });
  const assumed = await replayFiles([path]);
  expect(assumed).toMatchObject({ exact: false, pictures: [{ width: 640, height: 400 }], missing: [expect.stringMatching(sentence), expect.stringContaining('surface 0 of 640 x 400 was assumed, black')] });
  const drawn = pixelsOf(assumed.surfaces[0]!.buffer).filter((value) => value !== 0).length;
  expect(drawn).toBeGreaterThan(10_000);
  expect(await command({}, [path])).toMatchObject({ exit: 'incomplete', said: expect.stringContaining('not exact: display/0: the first') });
  for (const lie of ['{', '[]', '{"surfaces":7}', '{"surfaces":[null,{"surface_id":-1,"width":1e9,"height":"x"}]}']) {
    expect(await replayFiles([await zipped('lies.zip', { 'session.json': lie, 'traffic.pcap': cut })])).toMatchObject({ state_hash: without.state_hash });
  }
});

test('a main channel that was silent for longer than a session bears is replayed to its end', async () => {
  const said: ['sent' | 'received', Uint8Array][] = [...linkExchange(1, 0, 0), ['received', ping(1)], ['received', ping(2)]];
  const next = { sent: 1_000, received: 2_000 };
  const frames = said.map(([direction, payload], index) => {
    const bytes = tcpFrame({ clientPort: 10_001, received: direction === 'received', sequence: next[direction], payload });
    next[direction] += payload.length;
    return { atMs: index === said.length - 1 ? 600_000 : index, bytes };
  });
  const file = join(folder, 'silent.pcap');
  writeFileSync(file, laidPcap(frames));
  expect(await replayFiles([file])).toMatchObject({ exact: true, seconds: 600, channels: [{ channel: 'main/0', messages: 2, state: { phase: 'linked', flow: { pongsSent: 2 } } }] });
});

test("the ancestor's traffic, which has no link exchange, is replayed with one of our own", async () => {
  const file = join(folder, 'ancestor.pcap');
  const frame = (clientPort: number, sequence: number, payload: Uint8Array): Uint8Array => tcpFrame({ clientPort, received: true, sequence, payload });
  writeFileSync(file, laidPcap([frame(10_001, 2_000, ping(1)), frame(10_003, 2_000, ping(2)), frame(10_001, 2_018, ping(3))].map((bytes, index) => ({ atMs: index, bytes }))));
  expect(await replayFiles([file])).toMatchObject({ exact: true, channels: [{ channel: 'inputs/0', state: { phase: 'linked', flow: { pongsSent: 1 } } }, { channel: 'main/0', state: { phase: 'linked', flow: { pongsSent: 2 } } }] });
});

test('a recording that was changed anywhere is replayed to some end, the same one twice, and never throws', async () => {
  expect(await command({ toTest: join(folder, 'changed.test.ts'), until: 1.5 })).toMatchObject({ exit: 'ok' });
  const fixture = await ReportZip.open(join(folder, 'changed.replay.zip'));
  const traffic = await fixture.bytes('traffic.pcap');
  fixture.close();
  const file = join(folder, 'changed.pcap');
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 200 }), async (changes) => {
    const changed = Uint8Array.from(traffic);
    for (const [place, value] of changes) changed[24 + Math.floor(place * (changed.length - 25))] = value;
    writeFileSync(file, changed);
    const [first, second] = [await replayFiles([file]), await replayFiles([file])];
    expect(second.state_hash).toBe(first.state_hash);
  }), { numRuns: 5 });
}, 60_000);
