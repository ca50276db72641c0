// The flight recorder with real threads and a real disk: channels that tap, a writer that they wake, and what is in the files
// after slow disks, dead channels and dead writers.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChildHandle } from '#app/actors/kernel/child-handle.js';
import type { WriterArgs } from '#app/capture/writer-message.js';
import type { TapRingHandle } from '#app/mailbox/tap-ring.js';
import { ActorSystem } from '#app/actors/kernel/actor-system.js';
import { createNodeHost } from '#app/actors/kernel/node-host.js';
import { createTapRing, readTapCounters } from '#app/mailbox/tap-ring.js';
import { pinTapRing, readTapPins, releaseTapPins } from '#app/mailbox/tap-snapshot.js';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readStreams } from '../support/read-pcap.ts';
import { until } from '../support/until.ts';
import { FACTS, numbersIn } from '../support/writer-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'ryll-capture-'));
const host = createNodeHost();
let system = new ActorSystem(host);
let captures = 0;

afterEach(async () => {
  await system.stopAll();
  system = new ActorSystem(host);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const actorUrl = (name: string): string => new URL(`../support/actors/${name}.mjs`, import.meta.url).href;
const WRITER = pathToFileURL(join(import.meta.dirname, '../../dist/actors/writer-actor.js')).href;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

interface Capture {
  readonly ring: TapRingHandle;
  readonly directory: string;
  startWriter(module?: string): Promise<ChildHandle>;
  startChannel(): Promise<ChildHandle>;
  /** All numbers in one file, generation by generation, without the link exchange. */
  numbers(name?: string): number[];
}

/** Numbers of the received messages in the ring, held still as for a report. */
function recordedIn(ring: TapRingHandle): number[] {
  const pins = pinTapRing(ring);
  try {
    const numbers: number[] = [];
    // One object for all: looked at before the next.
    for (const { received, bytes } of readTapPins(pins).entries()) if (received) numbers.push(...numbersIn(bytes.slice()));
    return numbers;
  } finally {
    releaseTapPins(pins);
  }
}

function newCapture(ringBytes = 2 * 1024 * 1024): Capture {
  const directory = join(folder, `capture-${captures++}`);
  const ring = createTapRing({ channel: 'display/0', ringBytes }, host.clock);
  const args: WriterArgs = { rings: [ring], capture: { directory, facts: FACTS }, eventsTo: null };
  const common = { placement: 'thread', mailbox: { dataMax: 64, controlMax: 8 }, shutdown: 10_000 } as const;
  return {
    ring,
    directory,
    startWriter: (module = WRITER) => system.start({ ...common, id: 'writer', module, args, restart: 'permanent', links: [] }),
    startChannel: () => system.start({ ...common, id: 'display/0', module: actorUrl('tapping-channel'), args: { ring }, restart: 'transient', links: ['writer'] }),
    numbers: (name = 'display-0.pcapng') => readStreams(readFileSync(join(directory, name))).flatMap(({ received }) => received.flatMap(numbersIn)),
  };
}

test('what a channel taps is in the file when the writer has stopped, all of it, in order', async () => {
  const capture = newCapture();
  const counters = readTapCounters(capture.ring);
  const writer = await capture.startWriter();
  const channel = await capture.startChannel();
  for (let from = 0; from < 5_000; from += 1_000) {
    channel.address.tell({ kind: 'append', from, count: 1_000, bodyBytes: 50 });
    await until('delivered is at least from', () => counters().delivered >= from);
  }
  await until('delivered is 5_001', () => counters().delivered === 5_001);
  await writer.stop();
  expect(capture.numbers()).toEqual(range(0, 5_000));
  expect(JSON.parse(readFileSync(join(capture.directory, 'metadata.json'), 'utf8'))).toMatchObject({ messages: 5_001, writer_dropped_count: 0, files: [{ unwritten: 0 }] });
});

test('a disk that takes nothing blocks its writer alone; when it is back, close writes what the rings kept: each message is written or counted as dropped', async () => {
  const capture = newCapture();
  const counters = readTapCounters(capture.ring);
  // A pipe in place of the file: with a reader that does not read, the write that fills it stays in the system call.
  mkdirSync(capture.directory);
  const pipe = join(capture.directory, 'display-0.pipe');
  execFileSync('mkfifo', [pipe]);
  const idle = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = await capture.startWriter(actorUrl('pipe-writer'));
  const channel = await capture.startChannel();
  channel.address.tell({ kind: 'append', from: 0, count: 200, bodyBytes: 1_000 });
  // From now on it holds the link exchange and the first messages, of which the pipe took a few.
  await until('the writer is inside the disk', () => counters().appended === 201 && writer.progress.read().blockedOn === 'disk');
  for (let from = 200; from < 30_200; from += 10_000) channel.address.tell({ kind: 'append', from, count: 10_000, bodyBytes: 1_000 });
  await until('appended is 30_201', () => counters().appended === 30_201);
  expect([counters().delivered, writer.progress.read().blockedOn]).toEqual([0, 'disk']);
  expect(counters().dropped).toBeGreaterThan(10_000);
  // What it has not written is gone for the file, and the newest of it is there for a report.
  const recorded = recordedIn(capture.ring);
  expect(recorded).toEqual(range(30_200 - recorded.length, 30_200));
  expect(recorded.length).toBeGreaterThan(1_000);

  const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  reader.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const read = new Promise<void>((resolve) => void reader.once('close', () => resolve()));
  expect((await writer.stop()).reason).toEqual({ kind: 'shutdown' });
  closeSync(idle);
  await read;
  const { delivered, dropped } = counters();
  expect(delivered + dropped).toBe(30_201);
  const [file] = (JSON.parse(readFileSync(join(capture.directory, 'metadata.json'), 'utf8')) as { readonly files: readonly unknown[] }).files;
  expect(file).toMatchObject({ messages: delivered, writer_dropped_count: dropped, unwritten: 0 });
  const [stream] = readStreams(Buffer.concat(chunks));
  const numbers = stream!.received.flatMap(numbersIn);
  // The link exchange is the one message that was sent.
  expect(numbers).toHaveLength(delivered - 1);
  expect([numbers[0], numbers.at(-1)]).toEqual([0, 30_199]);
});

test('a slow disk drops messages from the file and never holds up the channel', async () => {
  const capture = newCapture();
  const counters = readTapCounters(capture.ring);
  const writer = await capture.startWriter(actorUrl('slow-writer'));
  const channel = await capture.startChannel();
  for (let from = 0; from < 30_000; from += 10_000) channel.address.tell({ kind: 'append', from, count: 10_000, bodyBytes: 1_000 });
  // The channel has taken all its messages while the writer is still at the first few megabytes.
  await until('appended is 30_001', () => counters().appended === 30_001);
  expect(counters().delivered).toBeLessThan(30_001);
  expect((await writer.stop()).reason).toEqual({ kind: 'shutdown' });
  const { delivered, dropped } = counters();
  expect(dropped).toBeGreaterThan(0);
  expect(delivered + dropped).toBe(30_001);
  const numbers = capture.numbers();
  expect(numbers.length).toBeGreaterThan(delivered - 2);
  expect(numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)).toBe(true);
});

test('what a frozen channel tapped last is in the file, and its next generation goes on in a stream of its own', async () => {
  const capture = newCapture();
  const counters = readTapCounters(capture.ring);
  const writer = await capture.startWriter();
  const first = await capture.startChannel();
  first.address.tell({ kind: 'append', from: 0, count: 500, bodyBytes: 100 });
  first.address.tell({ kind: 'spin' });
  await until('appended is 501', () => counters().appended === 501);
  expect((await first.kill({ kind: 'frozen' })).reason).toEqual({ kind: 'frozen' });
  const second = await capture.startChannel();
  second.address.tell({ kind: 'append', from: 500, count: 500, bodyBytes: 100 });
  await until('appended is 1_002', () => counters().appended === 1_002);
  await writer.stop();
  expect(readStreams(readFileSync(join(capture.directory, 'display-0.pcapng'))).map(({ clientPort, sent, received }) => [clientPort, sent.flatMap(numbersIn), received.flatMap(numbersIn)])).toEqual([
    [10_002, [1_000_000_001], range(0, 500)],
    [10_502, [1_000_000_002], range(500, 1_000)],
  ]);
});

test('a killed writer costs nothing that the ring keeps: the next one goes on in a file of its own', async () => {
  const capture = newCapture();
  const counters = readTapCounters(capture.ring);
  const first = await capture.startWriter();
  const channel = await capture.startChannel();
  channel.address.tell({ kind: 'append', from: 0, count: 300, bodyBytes: 100 });
  await until('delivered is 301', () => counters().delivered === 301);
  await first.kill();
  channel.address.tell({ kind: 'append', from: 300, count: 300, bodyBytes: 100 });
  await until('appended is 601', () => counters().appended === 601);
  // Nobody writes now, and what is recorded meanwhile can be held still for a report all the same.
  expect(recordedIn(capture.ring)).toEqual(range(0, 600));
  const second = await capture.startWriter();
  channel.address.tell({ kind: 'append', from: 600, count: 300, bodyBytes: 100 });
  await until('delivered is 901', () => counters().delivered === 901);
  await second.stop();
  expect([...capture.numbers(), ...capture.numbers('display-0.part-2.pcapng')]).toEqual(range(0, 900));
});

test('a capture that cannot be made fails the start with a sentence, and makes no file', async () => {
  const capture = newCapture();
  writeFileSync(capture.directory, 'not a directory');
  await expect(capture.startWriter()).rejects.toMatchObject({
    name: 'StartFailed',
    exit: { reason: { kind: 'failed', error: { name: 'CaptureRefused', code: 'capture-directory-unusable' } } },
    message: expect.stringContaining(`cannot capture into ${capture.directory}: EEXIST`) as unknown,
  });
});

test('a directory that holds a capture is left as it is', async () => {
  const capture = newCapture();
  mkdirSync(capture.directory, { recursive: true });
  writeFileSync(join(capture.directory, 'main.pcapng'), 'mine');
  await expect(capture.startWriter()).rejects.toMatchObject({ exit: { reason: { error: { code: 'capture-exists' } } } });
  expect(readFileSync(join(capture.directory, 'main.pcapng'), 'utf8')).toBe('mine');
  expect(existsSync(join(capture.directory, 'metadata.json'))).toBe(false);
});
